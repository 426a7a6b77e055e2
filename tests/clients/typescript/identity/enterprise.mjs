// Enterprise-managed authorization: the company's identity provider decides, and the user is not asked for consent.

import { createHash, randomBytes } from 'node:crypto';

import { same } from '../conversation.mjs';
import { Connection, CrossAppAccessProvider, discoverAndRequestJwtAuthGrant } from './connection.mjs';
import { Browser, CALLBACK } from './person.mjs';

export const flows = [an_employee_is_signed_in_by_the_company];

async function an_employee_is_signed_in_by_the_company(url, control) {
  const agent = await control.register({
    grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types: [],
    redirect_uris: [],
  });
  const atTheCompany = await control.register({
    application_type: 'native',
    grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'client_secret_post',
    client_elsewhere: agent.client_id,
  });
  const idToken = await signedIn('ada', control.issuer, atTheCompany);

  const provider = new CrossAppAccessProvider({
    clientId: agent.client_id,
    clientSecret: agent.client_secret,
    expectedIssuer: control.issuer,
    assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
      const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant({
        idpUrl: control.issuer,
        audience: authorizationServerUrl,
        resource: resourceUrl,
        idToken,
        clientId: atTheCompany.client_id,
        clientSecret: atTheCompany.client_secret,
        scope,
        fetchFn,
      });
      return jwtAuthGrant;
    },
  });
  const connection = await Connection.modern(url, provider);
  same('the call', await connection.call('read_rule', { rule: 'r1' }), 'the rule r1');
  same('the change', await connection.call('change_rule', { rule: 'r1' }), 'changed the rule r1');
  const { subject, tenant, client, actors } = JSON.parse(await connection.call('who_am_i'));
  same(
    'the caller',
    { subject, tenant, client, actors },
    { subject: 'ada', tenant: 'acme', client: agent.client_id, actors: [agent.client_id] },
  );
  await connection.close();
}

// The ID token of a person who signs in at the company's own provider.
async function signedIn(name, issuer, client) {
  const verifier = randomBytes(32).toString('base64url');
  const question = new URL('/auth', issuer);
  question.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const answer = await new Browser(name).follow(question);
  const tokens = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: answer.get('code'),
      code_verifier: verifier,
      redirect_uri: CALLBACK,
      client_id: client.client_id,
      client_secret: client.client_secret,
    }),
  });
  const { id_token: idToken } = await tokens.json();
  return idToken;
}
