/** What the cache of this location has under `url`, or nothing. */
export function match(url) {
  return caches.default.match(url);
}

/** Keeps `value` under `url` in the cache of this location. */
export function put(url, value, seconds) {
  const headers = { "cache-control": `max-age=${seconds}`, "content-type": "text/plain" };
  return caches.default.put(url, new Response(value, { headers }));
}
