/** A response with a body that is known; the bytes lie in memory that moves, hence the copy. */
export function whole(status, lines, bytes) {
  return new Response(bytes.slice(), { status, headers: headers(lines) });
}

/** A response with no body, or with a stream for one. */
export function streamed(status, lines, stream) {
  return new Response(stream, { status, headers: headers(lines) });
}

let lastLines;
let lastHeaders;

/** Headers from lines that are names and values in turn. Most responses have those of the one before. */
function headers(lines) {
  if (lines !== lastLines) {
    const fields = lines.split("\n");
    const headers = {};
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const [name, value] = [fields[i], fields[i + 1]];
      headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
    }
    [lastLines, lastHeaders] = [lines, headers];
  }
  return lastHeaders;
}
