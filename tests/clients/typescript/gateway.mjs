// Both TypeScript clients before a gateway: node gateway.mjs URL REVISION TOKEN CALLS
//
// Lists the tools, calls those in CALLS, a JSON array of `{ name, arguments }`, and prints the names and the results as JSON.
// `@modelcontextprotocol/client` 2 speaks the modern era, `@modelcontextprotocol/sdk` 1 the legacy one.

import { createRequire } from 'node:module';

import { same } from './conversation.mjs';

// The packages are in NODE_PATH, where only `require` looks.
const require = createRequire(import.meta.url);

const [url, revision, token, calls] = process.argv.slice(2);
const modern = revision >= '2026-07-28';
const options = { requestInit: { headers: { Authorization: `Bearer ${token}` } } };
const information = { name: 'typescript-gateway', version: '1.0.0' };

async function connectModern() {
  const { Client, StreamableHTTPClientTransport } = require('@modelcontextprotocol/client');
  const client = new Client(information, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options));
  same('the negotiated revision', client.getNegotiatedProtocolVersion(), revision);
  return client;
}

async function connectLegacy() {
  const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const client = new Client(information);
  const transport = new StreamableHTTPClientTransport(new URL(url), options);
  await client.connect(transport);
  same('the negotiated revision', transport.protocolVersion, revision);
  return client;
}

const client = await (modern ? connectModern() : connectLegacy());
try {
  const { tools } = await client.listTools();
  const results = [];
  for (const call of JSON.parse(calls)) {
    results.push(await client.callTool(call));
  }
  console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), results }));
} finally {
  await client.close();
}
