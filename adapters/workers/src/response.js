/** A response with a body that is known; the bytes lie in memory that moves, hence the copy. */
export function whole(status, lines, bytes) {
  return new Response(bytes.slice(), { status, headers: headers(lines) });
}

/** A response with no body, or with a stream for one. */
export function streamed(status, lines, stream) {
  return new Response(stream, { status, headers: headers(lines) });
}

/** Headers from lines that are names and values in turn. */
function headers(lines) {
  const fields = lines.split("\n");
  const headers = [];
  for (let i = 0; i + 1 < fields.length; i += 2) headers.push([fields[i], fields[i + 1]]);
  return headers;
}
