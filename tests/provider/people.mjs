// Who can sign in, and what with. None of them exists anywhere else.

export const SCOPES = ['mcp:read', 'mcp:write', 'mcp:admin'];

// By the name in `login_hint`; a name that is not here is a person without a tenant, a role or a group.
const PEOPLE = {
  ada: { tenant: 'acme', roles: ['analyst'], groups: ['risk'] },
  grace: { tenant: 'acme', roles: ['admin'], groups: ['risk', 'platform'] },
  linus: { tenant: 'globex', roles: ['analyst'], groups: [] },
};

// A client that signs in as itself.
const MACHINE = { tenant: 'acme', roles: ['machine'], groups: [] };

// What a token says about its subject besides what OAuth says.
export function claimsOf(accountId) {
  return accountId === undefined ? MACHINE : (PEOPLE[accountId] ?? { roles: [], groups: [] });
}

// The client that is known by a document of its own (OAuth Client ID Metadata Document). The name cannot be
// resolved anywhere; the provider is given the document when it asks for it.
export const CLIENT_DOCUMENT = {
  client_id: 'https://client.example/identity.json',
  client_name: 'identity tests',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};
