// The test control of tests/provider.

export class Control {
  constructor(issuer) {
    this.issuer = issuer;
  }

  counts() {
    return this.#ask('GET', 'counts');
  }

  // New keys sign from now on; the old ones stay published, or are withdrawn.
  rotate(keepOld) {
    return this.#ask('POST', 'rotate', { keep_old: keepOld });
  }

  // The metadata and the keys cannot be fetched: `unavailable` answers 503, `closed` hangs up.
  down(how) {
    return this.#ask('POST', 'down', { how });
  }

  up() {
    return this.#ask('POST', 'up');
  }

  async token(wanted) {
    const { token } = await this.#ask('POST', 'token', wanted);
    return token;
  }

  // Registers a client as an administrator would, who can also say what its access tokens are like.
  async register(metadata) {
    const answer = await fetch(`${this.issuer}/reg`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(metadata),
    });
    // A client keeps with its registration whose it is.
    return { ...(await read(answer)), issuer: this.issuer };
  }

  async #ask(method, path, body) {
    return read(await fetch(`${this.issuer}/control/${path}`, { method, body: body && JSON.stringify(body) }));
  }
}

async function read(answer) {
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${answer.url} answered ${answer.status}: ${text}`);
  }
  return JSON.parse(text);
}
