// Writes private keys for the tests of signing, in PEM (PKCS#8), and their public parts as JWKs. Made each time; nothing is kept.

import { generateKeyPairSync } from 'node:crypto';

const KINDS = {
  TEST_RSA_KEY: ['rsa', { modulusLength: 2048 }],
  TEST_SHORT_RSA_KEY: ['rsa', { modulusLength: 1024 }],
  TEST_P256_KEY: ['ec', { namedCurve: 'P-256' }],
  TEST_P384_KEY: ['ec', { namedCurve: 'P-384' }],
  TEST_ED25519_KEY: ['ed25519', {}],
};

const keys = Object.entries(KINDS).map(([name, [type, options]]) => {
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  return {
    name,
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    jwk: publicKey.export({ format: 'jwk' }),
    private: privateKey.export({ format: 'jwk' }),
  };
});

// The same key without its public point, as Java writes it (RFC 5915, 3: the point may be missing).
const p256 = keys.find(({ name }) => name === 'TEST_P256_KEY');
const head = '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420';
const der = Buffer.concat([Buffer.from(head, 'hex'), Buffer.from(p256.private.d, 'base64url')]);
const pem = `-----BEGIN PRIVATE KEY-----\\n${der.toString('base64')}\\n-----END PRIVATE KEY-----`;
keys.push({ name: 'TEST_BARE_P256_KEY', pem, jwk: p256.jwk });

console.log(JSON.stringify(keys.map(({ name, pem, jwk }) => ({ name, pem, jwk }))));
