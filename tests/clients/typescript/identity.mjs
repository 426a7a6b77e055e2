// Stock clients sign in at a real OpenID provider: node identity.mjs URL PROVIDER
//
// URL is tests/guarded-server, just started, and PROVIDER is tests/provider. The clients are told the URL alone;
// what else they need they find out.

import { Control } from './identity/control.mjs';
import * as discovery from './identity/discovery.mjs';
import * as enterprise from './identity/enterprise.mjs';
import * as limits from './identity/limits.mjs';
import * as machines from './identity/machines.mjs';
import * as outages from './identity/outages.mjs';
import * as people from './identity/people.mjs';
import * as rotation from './identity/rotation.mjs';
import * as start from './identity/start.mjs';

const [url, issuer] = process.argv.slice(2);
const control = new Control(issuer);

const tally = { passed: 0, failed: 0 };
for (const flow of [start, discovery, people, machines, enterprise, limits, rotation, outages].flatMap(({ flows }) => flows)) {
  const name = flow.name.replaceAll('_', ' ');
  try {
    await flow(url, control);
    tally.passed += 1;
    console.log(`ok: ${name}`);
  } catch (error) {
    tally.failed += 1;
    console.log(`FAILED: ${name}`);
    console.log(error);
  } finally {
    // The next flow begins with a provider that can be reached.
    await control.up();
  }
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
