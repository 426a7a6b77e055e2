/** Counts one call under `key`, and says whether it is within the limit of the rate limiting binding. */
export async function limit(binding, key) {
  return (await binding.limit({ key })).success;
}
