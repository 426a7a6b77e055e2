// A person with a client: what an application keeps for the official TypeScript clients while its user signs in,
// and the user's browser.

import { randomUUID } from 'node:crypto';

import { same } from '../conversation.mjs';

// Where a browser would hand the code back to the application; no program listens there.
export const CALLBACK = 'http://127.0.0.1/callback';

// What a client for people says of itself.
export const REGISTRATION = {
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  application_type: 'native',
  token_endpoint_auth_method: 'none',
};

export class Person {
  // What the client asked for each time it sent its user to sign in.
  asked = [];

  #name;

  #browser;

  #client;

  #tokens;

  #verifier;

  #discovery;

  #state;

  #destination;

  // The client registers itself, unless `document` says where its metadata is or `client` that it is registered.
  constructor(name, { document, client, browser = new Browser(name) } = {}) {
    this.#name = name;
    this.#browser = browser;
    this.#client = client;
    this.clientMetadataUrl = document;
  }

  get redirectUrl() {
    return CALLBACK;
  }

  get clientMetadata() {
    return { client_name: `the client of ${this.#name}`, ...REGISTRATION };
  }

  state() {
    this.#state = randomUUID();
    return this.#state;
  }

  clientInformation() {
    return this.#client;
  }

  saveClientInformation(client) {
    this.#client = client;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  codeVerifier() {
    return this.#verifier;
  }

  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }

  discoveryState() {
    return this.#discovery;
  }

  saveDiscoveryState(discovery) {
    this.#discovery = discovery;
  }

  redirectToAuthorization(url) {
    const parameters = url.searchParams;
    same('the method of the code challenge', parameters.get('code_challenge_method'), 'S256');
    this.asked.push({ scope: parameters.get('scope'), resource: parameters.get('resource') });
    this.#destination = url;
  }

  // Has the user sign in, and gives back the parameters that the application gets.
  async signIn() {
    const parameters = await this.#browser.follow(this.#destination);
    same('the state that came back', parameters.get('state'), this.#state);
    return parameters;
  }
}

// A browser that knows its user's name, and keeps cookies.
export class Browser {
  #name;

  #cookies = new Map();

  constructor(name) {
    this.#name = name;
  }

  // Follows redirects until one leads to the application, and gives back its parameters.
  async follow(start) {
    let url = new URL(start);
    // What would be typed into a form.
    url.searchParams.set('login_hint', this.#name);
    while (!url.href.startsWith(CALLBACK)) {
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie: this.#header() } });
      await answer.text();
      for (const cookie of answer.headers.getSetCookie()) {
        const [pair] = cookie.split(';');
        const [name] = pair.split('=');
        this.#cookies.set(name, pair);
      }
      const location = answer.headers.get('location');
      if (!location) {
        throw new Error(`the sign-in of ${this.#name} ended at ${url} with ${answer.status}`);
      }
      url = new URL(location, url);
    }
    return url.searchParams;
  }

  #header() {
    return [...this.#cookies.values()].join('; ');
  }
}
