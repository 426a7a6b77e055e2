// Signatures of what the library does not sign (RFC 7515, compact).

import { constants, createHmac, createPublicKey, sign, verify } from 'node:crypto';

// A JWT by `key`, whose name it carries.
export function compact(algorithm, key, header, claims) {
  return compactText(algorithm, key, JSON.stringify({ alg: algorithm, kid: key.jwk.kid, ...header }), JSON.stringify(claims));
}

// The same, of any text.
export function compactText(algorithm, key, header, claims) {
  const signed = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${signed}.${signature(algorithm, key.privateKey, Buffer.from(signed)).toString('base64url')}`;
}

// `none` leaves it empty, and HS256 takes the text of the public key for a secret.
function signature(algorithm, key, signed) {
  switch (algorithm) {
    case 'none':
      return Buffer.alloc(0);
    case 'HS256':
      return createHmac('sha256', createPublicKey(key).export({ type: 'spki', format: 'pem' })).update(signed).digest();
    default:
      return sign(digest(algorithm), signed, options(algorithm, key));
  }
}

// Header and claims of an RS256 JWT by a published key, or nothing.
export function read(token, keys) {
  const [header, claims, signature] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  const { alg, kid, typ } = JSON.parse(header);
  const jwk = keys.set().keys.find((key) => key.kid === kid);
  if (alg !== 'RS256' || !jwk) {
    return undefined;
  }
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')));
  return verify('sha256', signed, key, signature) ? { header: { alg, kid, typ }, claims: JSON.parse(claims) } : undefined;
}

function digest(algorithm) {
  return algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`;
}

function options(algorithm, key) {
  switch (algorithm.slice(0, 2)) {
    case 'RS':
      return { key, padding: constants.RSA_PKCS1_PADDING };
    case 'PS':
      return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    case 'ES':
      return { key, dsaEncoding: 'ieee-p1363' };
    case 'Ed':
      return { key };
    default:
      throw new Error(`there is no algorithm "${algorithm}"`);
  }
}
