// The provider's signing keys: made when it starts, and made again for every rotation. Nothing is kept.

import { generateKeyPairSync } from 'node:crypto';

const KINDS = {
  rsa: ['rsa', { modulusLength: 2048 }],
  p256: ['ec', { namedCurve: 'P-256' }],
  p384: ['ec', { namedCurve: 'P-384' }],
  ed25519: ['ed25519', {}],
};

const KIND_OF = { ES256: 'p256', ES384: 'p384', EdDSA: 'ed25519' };

// One key of each kind, named `<name>-rsa` and so on.
export class Generation {
  constructor(name) {
    this.keys = Object.entries(KINDS).map(([kind, [type, options]]) => {
      const { privateKey } = generateKeyPairSync(type, options);
      const jwk = privateKey.export({ format: 'jwk' });
      return { kind, privateKey, jwk: { ...jwk, kid: `${name}-${kind}`, use: 'sig' } };
    });
  }

  // One RSA key serves all six RSA algorithms, as RFC 7518 allows.
  for(algorithm) {
    const kind = KIND_OF[algorithm] ?? 'rsa';
    return this.keys.find((key) => key.kind === kind);
  }
}

// Every generation so far, the newest last, and those that are published.
export class Keys {
  generations = [];

  published = [];

  constructor() {
    this.rotate(false);
  }

  rotate(keepOld) {
    const generation = new Generation(`key-${this.generations.length + 1}`);
    this.generations.push(generation);
    // The first that fits is the one that signs.
    this.published = keepOld ? [generation, ...this.published] : [generation];
  }

  newest() {
    return this.generations.at(-1);
  }

  before() {
    return this.generations.at(-2);
  }

  set() {
    return { keys: this.published.flatMap(({ keys }) => keys.map(({ jwk }) => jwk)) };
  }
}
