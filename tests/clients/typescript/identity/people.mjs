// People who sign in: authorization code with PKCE.

import { createServer } from 'node:http';

import { contains, same } from '../conversation.mjs';
import { Connection } from './connection.mjs';
import { Person, REGISTRATION } from './person.mjs';

export const flows = [
  a_person_signs_in,
  a_client_known_by_its_document_signs_in,
  a_person_is_asked_for_more_when_more_is_needed,
  everybody_sees_what_they_may_use,
  no_token_reaches_an_upstream,
  a_stream_and_a_token_end_together_and_the_client_goes_on,
  a_legacy_client_signs_in,
];

async function a_person_signs_in(url, control) {
  const before = await control.counts();
  const ada = new Person('ada');
  const connection = await Connection.modern(url, ada);
  same('what is open to everybody', await connection.call('about'), 'a guarded server');
  same('sign-ins before they are needed', ada.asked, []);

  same('the call', await connection.call('read_rule', { rule: 'r1' }), 'the rule r1');
  same('sign-ins', ada.asked.length, 1);
  same('the resource that was asked for', ada.asked[0].resource, url);
  const after = await control.counts();
  same('registrations', after.registrations - before.registrations, 1);

  const who = JSON.parse(await connection.call('who_am_i'));
  same('the caller', who, {
    issuer: control.issuer,
    subject: 'ada',
    tenant: 'acme',
    client: ada.clientInformation().client_id,
    actors: [],
    scopes: ['mcp:read'],
    roles: ['analyst'],
    groups: ['risk'],
  });
  same('sign-ins after all calls', ada.asked.length, 1);
  await connection.close();
}

// OAuth Client ID Metadata Document: nothing is registered.
async function a_client_known_by_its_document_signs_in(url, control) {
  const before = await control.counts();
  const document = 'https://client.example/identity.json';
  const connection = await Connection.modern(url, new Person('grace', { document }));
  const { subject, client } = JSON.parse(await connection.call('who_am_i'));
  same('the caller', { subject, client }, { subject: 'grace', client: document });
  same('registrations', (await control.counts()).registrations, before.registrations);
  await connection.close();
}

async function a_person_is_asked_for_more_when_more_is_needed(url) {
  const ada = new Person('ada');
  const connection = await Connection.modern(url, ada);
  await connection.call('read_rule', { rule: 'r1' });
  same('the change', await connection.call('change_rule', { rule: 'r1' }), 'changed the rule r1');
  same('sign-ins', ada.asked.length, 2);
  const scopes = ada.asked[1].scope.split(' ');
  for (const scope of ['mcp:read', 'mcp:write']) {
    same(`${scope} among what was asked for the second time`, scopes.includes(scope), true);
  }
  await connection.call('change_rule', { rule: 'r2' });
  same('sign-ins after another change', ada.asked.length, 2);
  await connection.close();
}

async function everybody_sees_what_they_may_use(url) {
  const seen = {};
  for (const name of ['ada', 'grace', 'linus']) {
    const connection = await Connection.modern(url, new Person(name));
    await connection.call('who_am_i');
    seen[name] = (await connection.tools()).sort();
    await connection.close();
  }
  const readers = [
    'about',
    'ask_for_readers',
    'change_rule',
    'change_slowly',
    'own_scope',
    'read_and_report',
    'read_rule',
    'read_slowly',
    'read_upstream',
    'who_am_i',
  ];
  same('what ada sees', seen.ada, [...readers, 'acme_report', 'pay'].sort());
  same('what grace sees', seen.grace, [...readers, 'acme_report', 'delete_rule', 'pay'].sort());
  same('what linus sees', seen.linus, [...readers, 'pay'].sort());
}

async function no_token_reaches_an_upstream(url) {
  const upstream = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ headers: request.headers }));
  });
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  try {
    const ada = new Person('ada');
    const connection = await Connection.modern(url, ada);
    const heard = await connection.call('read_upstream', { url: `http://127.0.0.1:${upstream.address().port}/` });
    contains('what the upstream heard', heard, '"host"');
    same('the token among it', heard.includes(ada.tokens().access_token), false);
    same('an authorization among it', 'authorization' in JSON.parse(heard).headers, false);
    await connection.close();
  } finally {
    upstream.close();
  }
}

async function a_stream_and_a_token_end_together_and_the_client_goes_on(url, control) {
  const ada = new Person('ada', { client: await control.register({ ...REGISTRATION, token_lifetime: 6 }) });
  const connection = await Connection.modern(url, ada);
  await connection.call('who_am_i');
  const first = ada.tokens().access_token;

  // It would go on for half a minute.
  let reports = 0;
  const streaming = connection.call('read_and_report', { reports: 300 }, { onprogress: () => (reports += 1) });
  const end = await streaming.then(
    (text) => text,
    (error) => error.message,
  );
  contains('how the stream ended', end, 'access token');
  same('that it had begun', reports > 0, true);

  await expired(first);
  same('the next call', await connection.call('read_rule', { rule: 'r1' }), 'the rule r1');
  same('another token', ada.tokens().access_token === first, false);
  same('sign-ins', ada.asked.length, 1);
  await connection.close();
}

async function a_legacy_client_signs_in(url, control) {
  // With a refresh token this client would refresh where it has to ask for more.
  const metadata = { ...REGISTRATION, grant_types: ['authorization_code'] };
  const ada = new Person('ada', { client: await control.register(metadata) });
  const first = await Connection.legacy(url, ada);
  await first.call('read_rule', { rule: 'r1' });
  same('the change', await first.call('change_rule', { rule: 'r1' }), 'changed the rule r1');
  same('sign-ins', ada.asked.length, 2);
  await first.close();

  const second = await Connection.legacy(url, ada);
  same('a new connection', await second.call('change_rule', { rule: 'r2' }), 'changed the rule r2');
  same('sign-ins after it', ada.asked.length, 2);
  await second.close();
}

// Waits until a token has expired.
async function expired(token) {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, exp * 1000 + 1000 - Date.now())));
}
