// The certified library, set up as an enterprise's authorization server for MCP servers would be.

import { randomBytes } from 'node:crypto';

import { REDEEM, addEnterpriseGrants } from './enterprise.mjs';
import { Provider, sharedMemory } from './library.mjs';
import { CLIENT_DOCUMENT, SCOPES, claimsOf } from './people.mjs';

const LIFETIME = 300;

const COOKIES = randomBytes(32).toString('base64url');

// Grants, clients and refresh tokens live in the library's memory, which every provider of this process shares:
// one with new keys takes over where the last one stopped.
export function openid(issuer, keys, extraKeys, trusted) {
  const provider = new Provider(issuer, {
    adapter: sharedMemory,
    jwks: keys.set(),
    scopes: ['openid', 'offline_access', ...SCOPES],
    cookies: { keys: [COOKIES] },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    extraTokenClaims: (_, token) => ({ ...claimsOf(token.accountId), ...actor(token) }),
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    clientBasedCORS: () => true,
    // Without those of access tokens, which the resource server's settings below say.
    ttl: { RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600, IdToken: 300 },
    extraClientMetadata: {
      // How a client wants its access tokens, and which client it is at the server that redeems its grants.
      properties: ['token_algorithm', 'token_lifetime', 'client_elsewhere'],
      validator: (_, __, ___, metadata) => {
        // A client registers with what it needs at first, and asks for more later (step-up). RFC 7591, 2 lets a
        // server decide what a registration is good for.
        delete metadata.scope;
      },
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      revocation: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: resourceServer,
      },
    },
    // The one thing that the library fetches is the document of a client.
    fetch: (url) =>
      String(url) === CLIENT_DOCUMENT.client_id
        ? Response.json(CLIENT_DOCUMENT)
        : new Response(null, { status: 404 }),
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'jwks') {
      ctx.body = { keys: [...ctx.body.keys, ...extraKeys] };
    }
  });
  addEnterpriseGrants(provider, keys, resourceServer, trusted);
  return provider;
}

// The client that redeems a grant acts for the person that it names (RFC 8693, 4.1). An exchange says who acts.
function actor(token) {
  return token.chain ?? (token.gty === REDEEM ? { act: { sub: token.clientId } } : {});
}

// Any resource: the name in `resource` becomes the audience, and nothing else does.
function resourceServer(_, resource, client) {
  return {
    audience: resource,
    scope: SCOPES.join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: client?.token_lifetime ?? LIFETIME,
    jwt: { sign: { alg: client?.token_algorithm ?? 'RS256' } },
  };
}

// What a person would do in a browser: sign in, under the name in `login_hint`, and allow what is asked for.
export async function interact(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const login = { accountId: params.login_hint ?? 'ada' };
    return provider.interactionFinished(request, response, { login });
  }
  const grant =
    (grantId && (await provider.Grant.find(grantId))) ||
    new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) {
    grant.addOIDCScope(missingOIDCScope.join(' '));
  }
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}
