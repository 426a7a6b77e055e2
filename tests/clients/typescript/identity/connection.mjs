// Connections of both official TypeScript clients that let their user sign in when the server asks for it.

import { createRequire } from 'node:module';

// The packages lie in NODE_PATH, where only `require` looks.
const require = createRequire(import.meta.url);
const modern = require('@modelcontextprotocol/client');
const legacy = {
  ...require('@modelcontextprotocol/sdk/client/index.js'),
  ...require('@modelcontextprotocol/sdk/client/streamableHttp.js'),
  ...require('@modelcontextprotocol/sdk/client/auth.js'),
};

export const { ClientCredentialsProvider, CrossAppAccessProvider, discoverAndRequestJwtAuthGrant } = modern;

// A sign-in, and one for more scopes; a client that asks more often repeats itself.
const MAX_SIGN_INS = 2;

const NAME = { name: 'identity-tests', version: '1.0.0' };

export class Connection {
  #package;

  #url;

  #person;

  #client;

  #transport;

  static async modern(url, person) {
    return new Connection(modern, url, person).#open({ versionNegotiation: { mode: 'auto' } });
  }

  static async legacy(url, person) {
    return new Connection(legacy, url, person).#open({});
  }

  constructor(origin, url, person) {
    this.#package = origin;
    this.#url = url;
    this.#person = person;
  }

  async #open(options) {
    await this.#signingIn(async () => {
      // A transport starts once.
      this.#transport = this.#newTransport();
      this.#client = new this.#package.Client(NAME, options);
      await this.#client.connect(this.#transport);
    });
    return this;
  }

  // The text of a tool's result.
  async call(name, args = {}, options = undefined) {
    const result = await this.#signingIn(() => this.#callTool({ name, arguments: args }, options));
    const text = result.content.map((block) => block.text).join('\n');
    if (result.isError) {
      throw new Error(`${name} failed: ${text}`);
    }
    return text;
  }

  async tools() {
    const names = [];
    let cursor;
    do {
      const page = await this.#signingIn(() => this.#client.listTools(cursor && { cursor }));
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor);
    return names;
  }

  async close() {
    await this.#client.close();
  }

  // The first client takes the options second, the second third.
  #callTool(call, options) {
    return this.#package === modern
      ? this.#client.callTool(call, options)
      : this.#client.callTool(call, undefined, options);
  }

  async #signingIn(action) {
    for (let sign_ins = 0; ; sign_ins += 1) {
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof this.#package.UnauthorizedError) || sign_ins === MAX_SIGN_INS) {
          throw error;
        }
      }
      const parameters = await this.#person.signIn();
      await this.#transport.finishAuth(this.#package === modern ? parameters : parameters.get('code'));
    }
  }

  #newTransport() {
    return new this.#package.StreamableHTTPClientTransport(new URL(this.#url), { authProvider: this.#person });
  }
}
