// A stock client signs in at the authorization server of `mcp-edge dev`, of which it is told the server's URL and nothing else.
// It is asked for more scopes when it calls the tool, and another user signs in next to the first.

import { contains, same } from './conversation.mjs';
import { Connection } from './identity/connection.mjs';
import { CALLBACK, Person } from './identity/person.mjs';

// A browser whose user decides on the page: as `user`, for the scopes that the page offers.
class FormBrowser {
  #user;

  constructor(user) {
    this.#user = user;
  }

  async follow(start) {
    const page = await fetch(start, { redirect: 'manual' });
    const html = await page.text();
    same('the page', page.status, 200);
    contains('the page', html, `name="user" value="${this.#user}"`);
    const values = (name) => [...html.matchAll(new RegExp(`name="${name}" value="([^"]*)"`, 'g'))].map(([, value]) => value);
    const form = new URLSearchParams({ request: values('request')[0], user: this.#user, decision: 'allow' });
    for (const scope of values('scope')) {
      form.append('scope', scope);
    }
    const [, action] = html.match(/<form method="post" action="([^"]*)"/);
    const answer = await fetch(new URL(action, start), {
      method: 'POST',
      body: form,
      headers: { origin: start.origin },
      redirect: 'manual',
    });
    const location = answer.headers.get('location');
    same(`the way back to the client after ${answer.status}`, location?.startsWith(CALLBACK), true);
    return new URL(location).searchParams;
  }
}

const [url] = process.argv.slice(2);
const counts = { words: 2, characters: 3 };
for (const user of ['ada', 'grace']) {
  const person = new Person(user, { browser: new FormBrowser(user) });
  const connection = await Connection.modern(url, person);
  same('the counts', JSON.parse(await connection.call('count_words', { text: 'a b' })), counts);
  const asked = [
    { scope: 'words:read', resource: url },
    { scope: 'words:count words:read', resource: url },
  ];
  same(
    'the sign-ins',
    person.asked.map(({ scope, resource }) => ({ scope: scope.split(' ').sort().join(' '), resource })),
    asked,
  );
  await connection.close();
}
console.log('2 users signed in');
