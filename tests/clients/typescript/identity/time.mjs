// Waiting.

// Longer than `keys_interval` in tests/guarded-server, after which keys may be fetched again.
export async function interval() {
  await sleep(1200);
}

// Longer than `keys_refresh` there, so that only what never comes to pass meets it.
const PATIENCE = 90_000;

export async function eventually(what, isTrue) {
  const deadline = Date.now() + PATIENCE;
  while (!(await isTrue())) {
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${PATIENCE / 1000} s`);
    }
    await sleep(100);
  }
}

function sleep(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
