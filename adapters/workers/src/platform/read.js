/**
 * The body of a request or response, or nothing if it is longer than `limit` bytes; up to `discarded` bytes more
 * are read then and thrown away.
 */
export async function read(message, limit, discarded) {
  if (message.body === null) return new Uint8Array(0);
  if (Number(message.headers.get("content-length")) > limit) return undefined;
  const chunks = [];
  let length = 0;
  for await (const chunk of message.body) {
    length += chunk.length;
    if (length > limit + discarded) return undefined;
    if (length <= limit) chunks.push(chunk);
  }
  if (length > limit) return undefined;
  const whole = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}
