// `@modelcontextprotocol/sdk` 1, which speaks the legacy era only: node sdk.mjs URL REVISION CROWD_URL

import { createRequire } from 'node:module';

import { converse, same } from './conversation.mjs';

// The packages lie in NODE_PATH, where only `require` looks.
const require = createRequire(import.meta.url);
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { ElicitRequestSchema } = require('@modelcontextprotocol/sdk/types.js');

async function connect(url, revision, answer) {
  const client = new Client({ name: 'typescript-sdk', version: '1.0.0' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, answer);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  same('the negotiated revision', transport.protocolVersion, revision);
  return client;
}

await converse(process.argv.slice(2), connect, (client, call, options) => client.callTool(call, undefined, options));
