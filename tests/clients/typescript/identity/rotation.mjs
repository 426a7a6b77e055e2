// The provider changes its keys.

import { same } from '../conversation.mjs';
import { Connection } from './connection.mjs';
import { Person } from './person.mjs';
import { call } from './request.mjs';
import { eventually, interval } from './time.mjs';

export const flows = [calls_go_on_while_keys_are_rotated, a_withdrawn_key_stops_working];

async function calls_go_on_while_keys_are_rotated(url, control) {
  const ada = await Connection.modern(url, new Person('ada'));
  await ada.call('read_rule', { rule: 'r1' });

  let calls = 0;
  let rotated = false;
  let callsAfter = 0;
  let running = true;
  const loop = (async () => {
    while (running) {
      same('a call', await ada.call('read_rule', { rule: `r${calls}` }), `the rule r${calls}`);
      calls += 1;
      callsAfter += rotated ? 1 : 0;
    }
  })();
  try {
    const before = await control.counts();
    await control.rotate(true);
    rotated = true;
    await interval();
    const grace = await Connection.modern(url, new Person('grace'));
    same('a call with a new key', await grace.call('read_rule', { rule: 'new' }), 'the rule new');
    await grace.close();
    const after = await control.counts();
    // Not one for every call; how many instances look for themselves is the host's.
    same('fetches of keys', after.keys > before.keys && after.keys - before.keys < 10, true);
    await eventually('calls after the rotation', async () => callsAfter >= 20);
  } finally {
    running = false;
  }
  await loop;
  await ada.close();
}

async function a_withdrawn_key_stops_working(url, control) {
  const wanted = { claims: { aud: url, scope: 'mcp:read' } };
  const old = await control.token(wanted);
  same('a call with the old key', (await call(url, old, 'read_rule', { rule: 'r1' })).status, 200);

  await control.rotate(false);
  await interval();
  const young = await control.token(wanted);
  same('a call with the new key', (await call(url, young, 'read_rule', { rule: 'r1' })).status, 200);
  // `keys_refresh` is when an instance notices at the latest that has met no new key.
  await eventually('the old key is refused', async () => {
    const { status } = await call(url, old, 'read_rule', { rule: 'r1' });
    return status === 401;
  });
}
