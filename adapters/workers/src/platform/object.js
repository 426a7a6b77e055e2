/** Stores an object in the R2 bucket of a binding. */
export async function put(binding, key, contentType, bytes) {
  await binding.put(key, bytes, { httpMetadata: { contentType } });
}
