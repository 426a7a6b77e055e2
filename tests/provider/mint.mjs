// Access tokens that no provider would issue: expired, for another audience, under a header that lies. They are
// signed here and not by the library, which would refuse.

import { createPublicKey, randomUUID } from 'node:crypto';

import { compactText } from './jws.mjs';
import { Generation } from './keys.mjs';
import { claimsOf } from './people.mjs';

const LIFETIME = 300;

// `wanted` may have:
//   algorithm  what signs, RS256 unless it is said; `none` leaves the signature empty, HS256 takes the text of the
//              public RSA key for a secret
//   key        "newest" (the default), "before" (the generation before the last rotation), "stranger" (never published)
//   embed      whether the header brings the public key along
//   header, claims   members that replace the usual ones; null removes one
//   header_text, claims_text   the text itself, for what is no JSON or has a member twice
// Of the usual claims `aud` and `scope` are missing: the caller of this knows them.
export function mint(issuer, keys, wanted) {
  const algorithm = wanted.algorithm ?? 'RS256';
  const key = generation(keys, wanted.key ?? 'newest').for(algorithm);
  const subject = wanted.claims?.sub ?? 'ada';
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: algorithm, typ: 'at+jwt', kid: key.jwk.kid };
  if (wanted.embed) {
    header.jwk = createPublicKey(key.privateKey).export({ format: 'jwk' });
  }
  const claims = {
    ...claimsOf(subject),
    iss: issuer,
    sub: subject,
    client_id: 'test-control',
    iat: now,
    exp: now + LIFETIME,
    jti: randomUUID(),
  };
  return compactText(
    algorithm,
    key,
    wanted.header_text ?? text(header, wanted.header),
    wanted.claims_text ?? text(claims, wanted.claims),
  );
}

function generation(keys, which) {
  const found = { newest: () => keys.newest(), before: () => keys.before(), stranger: () => new Generation('stranger') }[which]?.();
  if (!found) {
    throw new Error(`there is no key "${which}"; rotate first, or say newest, before or stranger`);
  }
  return found;
}

function text(usual, changes = {}) {
  const all = Object.entries({ ...usual, ...changes });
  return JSON.stringify(Object.fromEntries(all.filter(([, value]) => value !== null)));
}
