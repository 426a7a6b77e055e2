/**
 * The body of a request or response, or nothing if it is longer than `limit` bytes; up to `discarded` bytes more
 * are read then and thrown away. With `bounded`, the platform ends the body where its stated length ends.
 */
export async function read(message, limit, discarded, bounded) {
  if (message.body === null) return new Uint8Array(0);
  const stated = Number(message.headers.get("content-length") ?? NaN);
  if (stated > limit) return undefined;
  // In one step, which costs a fraction of a stream. What the platform decodes is longer than it is stated to be, and chunks
  // override the stated length (RFC 9112, 6.3).
  const overriding = ["content-encoding", "transfer-encoding"];
  if (bounded && stated <= limit && !overriding.some((name) => message.headers.has(name))) {
    return new Uint8Array(await message.arrayBuffer());
  }
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
