/**
 * Sends a request, to the service `binding` if there is one; `lines` are the names and values of its headers in turn.
 */
export function send(binding, method, url, lines, body, signal) {
  const fields = lines.split("\n");
  const headers = [];
  for (let i = 0; i + 1 < fields.length; i += 2) headers.push([fields[i], fields[i + 1]]);
  const options = { method, headers, body, signal, redirect: "manual" };
  return binding === undefined ? fetch(url, options) : binding.fetch(url, options);
}

/** The head of a response: status, then names and values of its headers, a line each. */
export function head(response) {
  let lines = `${response.status}`;
  for (const [name, value] of response.headers) lines += `\n${name}\n${value}`;
  return lines;
}
