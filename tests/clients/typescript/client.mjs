// `@modelcontextprotocol/client` 2: node client.mjs URL REVISION CROWD_URL

import { createRequire } from 'node:module';

import { converse, same } from './conversation.mjs';

// The packages lie in NODE_PATH, where only `require` looks.
const require = createRequire(import.meta.url);
const { Client, StreamableHTTPClientTransport } = require('@modelcontextprotocol/client');

async function connect(url, revision, answer) {
  const modern = revision >= '2026-07-28';
  const client = new Client(
    { name: 'typescript-client', version: '1.0.0' },
    modern
      ? { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' } }
      : { capabilities: { elicitation: {} }, supportedProtocolVersions: [revision] },
  );
  client.setRequestHandler('elicitation/create', answer);
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  same('the negotiated revision', client.getNegotiatedProtocolVersion(), revision);
  same('the era', client.getProtocolEra(), modern ? 'modern' : 'legacy');
  return client;
}

await converse(process.argv.slice(2), connect, (client, call, options) => client.callTool(call, options));
