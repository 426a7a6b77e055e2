// Enterprise-managed authorization (ext-auth, identity assertion JWT authorization grants): the two grants that the
// library does not have. The provider is both the company's identity provider, which exchanges an ID token for a
// grant, and the authorization server that redeems it. What can be the library's is: who the client is, whether the
// ID token is good, and the access token.

import { randomUUID } from 'node:crypto';

import { compact, read } from './jws.mjs';
import { errors } from './library.mjs';
import { SCOPES } from './people.mjs';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const REDEEM = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const GRANT = 'urn:ietf:params:oauth:token-type:id-jag';
const TYPE = 'oauth-id-jag+jwt';

const LIFETIME = 300;

// Grants that were redeemed: each is good for once.
const redeemed = new Set();

export function addEnterpriseGrants(provider, keys, resourceServer) {
  provider.registerGrantType(EXCHANGE, (ctx) => exchange(ctx, provider, keys), [
    'audience',
    'requested_token_type',
    'resource',
    'scope',
    'subject_token',
    'subject_token_type',
  ]);
  provider.registerGrantType(REDEEM, (ctx) => redeem(ctx, provider, keys, resourceServer), ['assertion', 'scope']);
}

async function exchange(ctx, provider, keys) {
  const { client, params } = ctx.oidc;
  if (params.requested_token_type !== GRANT) {
    throw new errors.InvalidRequest(`requested_token_type must be ${GRANT}`);
  }
  const { payload } = await provider.IdToken.validate(params.subject_token, client).catch((cause) => {
    throw new errors.InvalidGrant(`the ID token is not good: ${cause.message}`);
  });
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

async function redeem(ctx, provider, keys, resourceServer) {
  const { client, params } = ctx.oidc;
  const claims = accepted(params.assertion, provider.issuer, client, keys);
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

function accepted(assertion, issuer, client, keys) {
  const grant = read(assertion, keys);
  if (!grant || grant.header.typ !== TYPE) {
    throw new errors.InvalidGrant('it is not a grant of this issuer');
  }
  const { claims } = grant;
  const now = Math.floor(Date.now() / 1000);
  const isGood =
    claims.iss === issuer && claims.aud === issuer && claims.client_id === client.clientId && claims.exp > now;
  if (!isGood || redeemed.has(claims.jti)) {
    throw new errors.InvalidGrant('the grant is for another client, or has expired');
  }
  redeemed.add(claims.jti);
  return claims;
}
