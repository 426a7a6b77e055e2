/** What the KV namespace of a binding has under `key`, or nothing. */
export async function inNamespace(binding, key) {
  const body = await binding.get(key, "stream");
  return body === null ? undefined : new Response(body);
}

/** What the R2 bucket of a binding has under `key`, or nothing. */
export async function inBucket(binding, key) {
  const object = await binding.get(key);
  return object === null ? undefined : new Response(object.body);
}
