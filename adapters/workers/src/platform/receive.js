/**
 * Hands a request over to `answer` in one call: its head, and its body if it is stated to be at most `small`
 * bytes long. A longer one is left to be asked for.
 */
export async function receive(request, small, environment, context, answer) {
  const stated = Number(request.headers.get("content-length") ?? NaN);
  // A body that ends early is found out about when it is asked for.
  const body = stated <= small ? await request.arrayBuffer().catch(() => undefined) : undefined;
  const bytes = body && new Uint8Array(body);
  return answer(head(request), bytes, request, environment, context);
}

/** Method, URL, then names and values of the headers, a line each: none of them can hold a line break. */
function head(request) {
  let lines = `${request.method}\n${request.url}`;
  for (const [name, value] of request.headers) lines += `\n${name}\n${value}`;
  return lines;
}
