// Clients that sign in as themselves: client credentials.

import { same } from '../conversation.mjs';
import { ClientCredentialsProvider, Connection } from './connection.mjs';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];

export const flows = [a_machine_signs_in_and_asks_for_more_by_itself, every_algorithm_is_verified];

async function a_machine_signs_in_and_asks_for_more_by_itself(url, control) {
  const [machine] = await signIn(url, control, {});
  same('the call', await machine.call('read_rule', { rule: 'r1' }), 'the rule r1');
  same('the change', await machine.call('change_rule', { rule: 'r1' }), 'changed the rule r1');
  const { subject, client, tenant, roles } = JSON.parse(await machine.call('who_am_i'));
  same('the caller', { subject, tenant, roles }, { subject: client, tenant: 'acme', roles: ['machine'] });
  await machine.close();
}

async function every_algorithm_is_verified(url, control) {
  for (const algorithm of ALGORITHMS) {
    const [machine, credentials] = await signIn(url, control, { token_algorithm: algorithm });
    same(`a call with ${algorithm}`, await machine.call('read_rule', { rule: algorithm }), `the rule ${algorithm}`);
    const [header] = credentials.tokens().access_token.split('.');
    same('the algorithm', JSON.parse(Buffer.from(header, 'base64url')).alg, algorithm);
    await machine.close();
  }
}

async function signIn(url, control, wishes) {
  const { client_id: clientId, client_secret: clientSecret } = await control.register({
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    ...wishes,
  });
  const provider = new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: control.issuer });
  return [await Connection.modern(url, provider), provider];
}
