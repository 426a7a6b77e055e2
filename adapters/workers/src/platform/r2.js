/**
 * Stores an object in the R2 bucket of a binding. The bucket compares the bytes with their digest, and refuses others; what
 * it returns is the object as it stored it, or `null` where it stored none.
 */
export async function put(binding, key, contentType, bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const stored = await binding.put(key, bytes, { httpMetadata: { contentType }, sha256: digest });
  if (stored?.key !== key || stored.size !== bytes.byteLength) {
    throw new Error("the bucket did not return the object that it was to store");
  }
  const kept = new Uint8Array(stored.checksums?.sha256 ?? []);
  const sent = new Uint8Array(digest);
  if (kept.length !== sent.length || kept.some((byte, place) => byte !== sent[place])) {
    throw new Error("the bucket returned another SHA-256 than that of the object");
  }
}
