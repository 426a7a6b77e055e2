// Token exchange (RFC 8693) and JWTs as authorization grants (RFC 7523), neither of which the library has. What can be the
// library's is: who the client is, the token of the actor, and the access token that is issued.

import { read } from './jws.mjs';
import { errors } from './library.mjs';
import { SCOPES } from './people.mjs';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

// RFC 8693, 2.2.2: an audience or resource that tokens are not issued for.
class InvalidTarget extends errors.InvalidRequest {
  constructor(description) {
    super(description);
    this.error = 'invalid_target';
  }
}

// The claims of the subject's access token.
export function subject(token, type, issuer, keys) {
  if (type !== ACCESS_TOKEN) {
    throw new errors.InvalidRequest(`subject_token_type must be ${ACCESS_TOKEN}`);
  }
  return accessToken(token, issuer, keys);
}

function accessToken(token, issuer, keys) {
  const found = token.split('.').length === 3 ? read(token, keys) : undefined;
  const now = Math.floor(Date.now() / 1000);
  if (!found || found.header.typ !== 'at+jwt' || found.claims.iss !== issuer || found.claims.exp <= now) {
    throw new errors.InvalidGrant('the access token is not one of this issuer, or has expired');
  }
  return found.claims;
}

// RFC 8693, 2: a token for the subject at the audience, which names the actor.
export async function exchange(ctx, provider, keys, resourceServer) {
  const { params } = ctx.oidc;
  const claims = subject(params.subject_token, params.subject_token_type, provider.issuer, keys);
  if (params.requested_token_type && params.requested_token_type !== ACCESS_TOKEN) {
    throw new errors.InvalidRequest(`requested_token_type must be ${ACCESS_TOKEN}`);
  }
  if (Boolean(params.actor_token) !== Boolean(params.actor_token_type)) {
    throw new errors.InvalidRequest('actor_token and actor_token_type go together');
  }
  const actor = params.actor_token && (await provider.ClientCredentials.find(params.actor_token));
  if (params.actor_token && !actor) {
    throw new errors.InvalidRequest('the token of the actor is not good');
  }
  const token = await issue(ctx, provider, resourceServer, EXCHANGE, claims, {
    act: actor && { sub: actor.clientId, ...(claims.act && { act: claims.act }) },
  });
  ctx.body = { ...token, issued_token_type: ACCESS_TOKEN };
}

// RFC 7523, 2.1, as Microsoft Entra's on-behalf-of flow has it: the assertion is the caller's access token.
export async function onBehalfOf(ctx, provider, keys, resourceServer) {
  const { client, params } = ctx.oidc;
  const claims = accessToken(params.assertion, provider.issuer, keys);
  ctx.body = await issue(ctx, provider, resourceServer, JWT_BEARER, claims, { azp: client.clientId });
}

async function issue(ctx, provider, resourceServer, gty, claims, extra) {
  const { client, params } = ctx.oidc;
  const target = params.audience ?? params.resource;
  if (!target || target.includes('forbidden')) {
    throw new InvalidTarget('there are no tokens for this audience');
  }
  const info = resourceServer(ctx, target, client);
  const granted = (claims.scope ?? '').split(' ');
  const asked = (params.scope ?? claims.scope ?? '').split(' ').filter(Boolean);
  if (asked.some((scope) => !granted.includes(scope))) {
    throw new errors.InvalidScope('the subject was not granted this', params.scope);
  }
  const token = new provider.AccessToken({
    client,
    accountId: claims.sub,
    gty,
    scope: SCOPES.filter((scope) => asked.includes(scope)).join(' '),
  });
  token.resourceServer = new provider.ResourceServer(target, info);
  token.chain = extra;
  return {
    access_token: await token.save(),
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}
