/** Sends a request; `lines` are the names and values of its headers in turn. */
export function send(method, url, lines, body, signal) {
  const fields = lines.split("\n");
  const headers = [];
  for (let i = 0; i + 1 < fields.length; i += 2) headers.push([fields[i], fields[i + 1]]);
  return fetch(url, { method, headers, body, signal, redirect: "manual" });
}

/** The head of a response: status, then names and values of its headers, a line each. */
export function head(response) {
  let lines = `${response.status}`;
  for (const [name, value] of response.headers) lines += `\n${name}\n${value}`;
  return lines;
}
