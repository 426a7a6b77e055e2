// Enterprise-managed authorization (ext-auth, identity assertion JWT authorization grants): the two grants that the
// library does not have. A provider is the company's identity provider, which exchanges an ID token for a grant, the
// authorization server that redeems it, or both. What can be the library's is: who the client is, whether the ID token
// is good, and the access token.

import { randomUUID } from 'node:crypto';

import { EXCHANGE, JWT_BEARER, exchange, onBehalfOf, subject } from './exchange.mjs';
import { compact, read } from './jws.mjs';
import { errors } from './library.mjs';
import { SCOPES } from './people.mjs';

export const REDEEM = JWT_BEARER;
const GRANT = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const TYPE = 'oauth-id-jag+jwt';

const LIFETIME = 300;

// Grants that were redeemed: each is good for once.
const redeemed = new Set();

export function addEnterpriseGrants(provider, keys, resourceServer, trusted) {
  const isGrant = (ctx) => ctx.oidc.params.requested_token_type === GRANT;
  provider.registerGrantType(
    EXCHANGE,
    (ctx) => (isGrant(ctx) ? grant(ctx, provider, keys) : exchange(ctx, provider, keys, resourceServer)),
    [
      'actor_token',
      'actor_token_type',
      'audience',
      'requested_token_type',
      'resource',
      'scope',
      'subject_token',
      'subject_token_type',
    ],
  );
  const isOnBehalfOf = (ctx) => ctx.oidc.params.requested_token_use === 'on_behalf_of';
  provider.registerGrantType(
    REDEEM,
    (ctx) => (isOnBehalfOf(ctx) ? onBehalfOf : redeem)(ctx, provider, keys, resourceServer, trusted),
    ['assertion', 'requested_token_use', 'resource', 'scope'],
  );
}

// Of an ID token, as the draft has it, or of an access token, which some providers take as well.
async function grant(ctx, provider, keys) {
  const { client, params } = ctx.oidc;
  const payload =
    params.subject_token_type === ID_TOKEN
      ? await idToken(provider, params.subject_token, client)
      : subject(params.subject_token, params.subject_token_type, provider.issuer, keys);
  const now = Math.floor(Date.now() / 1000);
  const key = keys.newest().for('RS256');
  const claims = {
    iss: provider.issuer,
    sub: payload.sub,
    aud: params.audience,
    // The administrator says which client of the other server this one is.
    client_id: client.client_elsewhere,
    resource: params.resource,
    scope: params.scope,
    jti: randomUUID(),
    iat: now,
    exp: now + LIFETIME,
  };
  ctx.body = {
    issued_token_type: GRANT,
    access_token: compact('RS256', key, { typ: TYPE }, claims),
    token_type: 'N_A',
    expires_in: LIFETIME,
    scope: params.scope,
  };
}

async function idToken(provider, token, client) {
  const { payload } = await provider.IdToken.validate(token, client).catch((cause) => {
    throw new errors.InvalidGrant(`the ID token is not good: ${cause.message}`);
  });
  return payload;
}

async function redeem(ctx, provider, keys, resourceServer, trusted) {
  const { client, params } = ctx.oidc;
  const maker = trusted ? { issuer: trusted, keys: await published(trusted) } : { issuer: provider.issuer, keys };
  const claims = accepted(params.assertion, provider.issuer, client, maker);
  const info = resourceServer(ctx, claims.resource, client);
  const asked = (params.scope ?? claims.scope ?? '').split(' ');
  const granted = (claims.scope ?? '').split(' ');
  const token = new provider.AccessToken({
    client,
    accountId: claims.sub,
    gty: REDEEM,
    scope: SCOPES.filter((scope) => asked.includes(scope) && granted.includes(scope)).join(' '),
  });
  token.resourceServer = new provider.ResourceServer(claims.resource, info);
  ctx.body = {
    access_token: await token.save(),
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}

// The keys of another provider, as it publishes them.
async function published(issuer) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const set = await (await fetch(metadata.jwks_uri)).json();
  return { set: () => set };
}

function accepted(assertion, issuer, client, maker) {
  const grant = read(assertion, maker.keys);
  if (!grant || grant.header.typ !== TYPE) {
    throw new errors.InvalidGrant('it is not a grant of the issuer that is trusted');
  }
  const { claims } = grant;
  const now = Math.floor(Date.now() / 1000);
  const isGood =
    claims.iss === maker.issuer && claims.aud === issuer && claims.client_id === client.clientId && claims.exp > now;
  if (!isGood || redeemed.has(claims.jti)) {
    throw new errors.InvalidGrant('the grant is for another client, or has expired');
  }
  redeemed.add(claims.jti);
  return claims;
}
