// How often a caller may call.

import { same } from '../conversation.mjs';
import { call } from './request.mjs';

export const flows = [a_limit_follows_the_principal];

// `five a minute` in tests/guarded-server. A host that counts in fixed minutes may begin a new one in between.
const FEWEST = 5;
const MOST = 10;

async function a_limit_follows_the_principal(url, control) {
  const token = (subject, client) =>
    control.token({ claims: { aud: url, sub: subject, client_id: client, tenant: 'acme', scope: 'mcp:admin' } });
  const change = (bearer) => call(url, bearer, 'change_slowly');

  const first = await token('hopper', 'one');
  let served = 0;
  let refused;
  do {
    const answer = await change(first);
    served += answer.status === 200 ? 1 : 0;
    refused = answer.status === 200 ? undefined : answer;
  } while (!refused && served <= MOST);
  same('the refusal', refused?.status, 429);
  same('calls before it', served >= FEWEST && served <= MOST, true);
  const seconds = Number(refused.headers.get('retry-after'));
  same('a time to wait', Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, true);

  same('with another token and client', (await change(await token('hopper', 'two'))).status, 429);
  same('another caller', (await change(await token('lovelace', 'one'))).status, 200);
}
