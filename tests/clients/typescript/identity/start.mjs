// The first flow of all: the server has never reached the provider. It needs a server that was just started.

import { same } from '../conversation.mjs';
import { call } from './request.mjs';
import { eventually } from './time.mjs';

export const flows = [a_token_waits_until_the_provider_was_reached_once];

async function a_token_waits_until_the_provider_was_reached_once(url, control) {
  await control.down('closed');
  const token = await control.token({ claims: { aud: url, scope: 'mcp:read' } });
  const refused = await call(url, token, 'read_rule', { rule: 'r1' });
  same('a call before', refused.status, 503);
  same('a time to wait', Number(refused.headers.get('retry-after')) >= 1, true);
  await control.up();
  await eventually('the call is served', async () => {
    const { status } = await call(url, token, 'read_rule', { rule: 'r1' });
    return status === 200;
  });
}
