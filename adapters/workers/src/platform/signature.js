const DIGESTS = { 256: "SHA-256", 384: "SHA-384", 512: "SHA-512" };

/** What WebCrypto calls an algorithm of JWS, for importing a key and for using it. */
function named(algorithm) {
  const hash = DIGESTS[algorithm.slice(2)];
  switch (algorithm.slice(0, 2)) {
    case "RS":
      return { name: "RSASSA-PKCS1-v1_5", hash };
    case "PS":
      return { name: "RSA-PSS", hash, saltLength: Number(algorithm.slice(2)) / 8 };
    case "ES":
      return { name: "ECDSA", hash, namedCurve: `P-${algorithm.slice(2)}` };
    default:
      return { name: "Ed25519" };
  }
}

/** The public key of these members (RFC 7518, 6), to verify signatures of `algorithm`. */
export function importKey(algorithm, jwk) {
  return crypto.subtle.importKey("jwk", JSON.parse(jwk), named(algorithm), false, ["verify"]);
}

/** Whether `key` made `signature` over `message`. */
export function verify(algorithm, key, signature, message) {
  return crypto.subtle.verify(named(algorithm), key, signature, message);
}

/** A private key, to sign with `algorithm`; no code can read it again. */
export function importPrivateKey(algorithm, pkcs8) {
  return crypto.subtle.importKey("pkcs8", pkcs8, named(algorithm), false, ["sign"]);
}

/** The signature of `key` over `message`; that of ECDSA is r and s, as JWS has it. */
export function sign(algorithm, key, message) {
  return crypto.subtle.sign(named(algorithm), key, message);
}
