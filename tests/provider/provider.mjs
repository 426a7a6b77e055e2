// An OpenID provider for tests, on 127.0.0.1: node provider.mjs [PORT]
// It prints its URL, which is its issuer, once it answers.

import { createServer } from 'node:http';

import { Keys } from './keys.mjs';
import { mint } from './mint.mjs';
import { interact, openid } from './openid.mjs';

const DISCOVERY = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const COUNTED = { '/jwks': 'keys', '/token': 'tokens', '/reg': 'registrations', '/auth': 'sign_ins' };

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end(`${error.message}\n`);
  });
});

const keys = new Keys();
const counts = { discovery: 0, keys: 0, tokens: 0, registrations: 0, sign_ins: 0 };
let extraKeys = [];
let down;
let trusted;
let provider;

async function answer(request, response) {
  const { pathname } = new URL(request.url, issuer);
  if (pathname.startsWith('/control/')) {
    return control(request, response, pathname.slice('/control/'.length));
  }
  const what = DISCOVERY.includes(pathname) ? 'discovery' : COUNTED[pathname];
  if (what) {
    counts[what] += 1;
  }
  if (down && (what === 'discovery' || what === 'keys')) {
    return down === 'closed' ? request.socket.destroy() : response.writeHead(503).end();
  }
  if (pathname.startsWith('/interaction/')) {
    return interact(provider, request, response);
  }
  return provider.callback()(request, response);
}

// The test control: what happens to a provider, and never is a provider's to offer.
const CONTROLS = {
  'GET counts': () => counts,
  'POST rotate': ({ keep_old: keepOld = true }) => {
    keys.rotate(keepOld);
    renew();
    return keys.set().keys.map(({ kid }) => kid);
  },
  'POST publish': ({ keys: extra }) => {
    extraKeys = extra;
    renew();
    return {};
  },
  'POST trust': ({ issuer: other }) => {
    trusted = other;
    renew();
    return { trusted };
  },
  'POST down': ({ how = 'unavailable' }) => {
    down = how;
    return { down };
  },
  'POST up': () => {
    down = undefined;
    return {};
  },
  'POST token': (wanted) => ({ token: mint(issuer, keys, wanted) }),
  'POST tokens': (wanted) => ({ tokens: wanted.map((one) => mint(issuer, keys, one)) }),
};

async function control(request, response, path) {
  const action = CONTROLS[`${request.method} ${path}`];
  if (!action) {
    return response.writeHead(404).end();
  }
  let body = '';
  for await (const chunk of request) {
    body += chunk;
  }
  const result = action(body ? JSON.parse(body) : {});
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
}

function renew() {
  provider = openid(issuer, keys, extraKeys, trusted);
}

await new Promise((resolve) => server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
renew();
console.log(issuer);
