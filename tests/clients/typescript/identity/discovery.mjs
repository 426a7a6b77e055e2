// A client that knows a domain and nothing else.

import { same } from '../conversation.mjs';
import { Connection } from './connection.mjs';
import { Person } from './person.mjs';

export const flows = [a_domain_is_all_that_anybody_has_to_know];

async function a_domain_is_all_that_anybody_has_to_know(url) {
  const catalog = await read(new URL('/.well-known/ai-catalog.json', url), 'application/ai-catalog+json');
  const cards = catalog.entries.filter(({ type }) => type === 'application/mcp-server-card+json');
  same('the servers of the domain', cards.length, 1);
  const card = await read(cards[0].url, cards[0].type);
  const remotes = card.remotes.filter(({ type }) => type === 'streamable-http');
  same('the endpoints of the server', remotes.length, 1);

  const ada = new Person('ada');
  const connection = await Connection.modern(remotes[0].url, ada);
  same('the call', await connection.call('read_rule', { rule: 'r1' }), 'the rule r1');
  same('sign-ins', ada.asked.length, 1);
  await connection.close();
}

async function read(place, type) {
  const response = await fetch(place, { headers: { accept: type } });
  same('the status', response.status, 200);
  same('the media type', response.headers.get('content-type'), type);
  return response.json();
}
