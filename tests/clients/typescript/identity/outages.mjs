// The provider cannot be reached.

import { same } from '../conversation.mjs';
import { Connection } from './connection.mjs';
import { Person } from './person.mjs';
import { call } from './request.mjs';
import { eventually, interval } from './time.mjs';

export const flows = [known_keys_outlast_an_outage, an_unknown_key_waits_for_the_provider];

async function known_keys_outlast_an_outage(url, control) {
  const ada = await Connection.modern(url, new Person('ada'));
  await ada.call('read_rule', { rule: 'r1' });
  await control.down('unavailable');
  same('a call with a known token', await ada.call('read_rule', { rule: 'r2' }), 'the rule r2');
  const wanted = { claims: { aud: url, scope: 'mcp:read' } };
  same('one with a new token', await read(url, await control.token(wanted)), 200);
  // Long enough for an idle instance to go where instances go.
  await interval();
  await interval();
  same('one after a rest', await read(url, await control.token(wanted)), 200);
  const stranger = await control.token({ ...wanted, key: 'stranger' });
  same('one with an unknown key', await refused(url, stranger), true);
  same('one after it', await ada.call('read_rule', { rule: 'r3' }), 'the rule r3');
  await ada.close();
}

async function an_unknown_key_waits_for_the_provider(url, control) {
  const wanted = { claims: { aud: url, scope: 'mcp:read' } };
  same('a call before', await read(url, await control.token(wanted)), 200);
  await control.down('closed');
  await control.rotate(true);
  await interval();
  const token = await control.token(wanted);
  same('a call with a key that cannot be fetched', await refused(url, token), true);
  await control.up();
  await eventually('the key is accepted', async () => (await read(url, token)) === 200);
}

async function read(url, token) {
  const { status } = await call(url, token, 'read_rule', { rule: 'r1' });
  return status;
}

async function refused(url, token) {
  return [401, 503].includes(await read(url, token));
}
