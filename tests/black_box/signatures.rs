//! Signatures that handlers make and verify, by whatever the host has for it.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_runtime::signature::PublicKeyNumbers;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Answer, modern, signing, tests, tokens};
use serde_json::{Value, json};
use signature_vectors::{Expected, Group, Key, Vector};
use xtask::host::Host;

/// How many signatures are in one request.
const BATCH: usize = 64;

pub fn tests() -> Vec<Test> {
    tests![
        a_message_is_signed_with_a_secret_of_the_host,
        what_cannot_be_signed_is_an_error_that_names_the_secret_alone,
        signatures_that_a_verifier_has_got_wrong_are_told_apart,
    ]
}

fn sign(servers: &Servers, client: &str, algorithm: &str, secret: &str) -> Answer {
    let arguments = json!({ "algorithm": algorithm, "secret": secret, "message": "a message" });
    let params = json!({ "name": "sign", "arguments": arguments });
    let request = modern("tools/call", params).client(client);
    servers.fixture.send(&request)
}

fn can_sign(host: Host, algorithm: &str) -> bool {
    host != Host::Spin || !matches!(algorithm, "RS256" | "PS256")
}

fn a_message_is_signed_with_a_secret_of_the_host(servers: &Servers) {
    for (algorithm, secret, length) in [
        ("RS256", "TEST_RSA_KEY", 256),
        ("PS256", "TEST_RSA_KEY", 256),
        ("ES256", "TEST_P256_KEY", 64),
        ("ES256", "TEST_BARE_P256_KEY", 64),
        ("EdDSA", "TEST_ED25519_KEY", 64),
    ] {
        if !can_sign(servers.host, algorithm) {
            continue;
        }
        // Another request signs with the key that the first one made.
        for client in ["signs", "signs again"] {
            let answer = sign(servers, client, algorithm, secret);
            let signature = Base64UrlUnpadded::decode_vec(answer.text()).unwrap();
            assert_eq!(signature.len(), length, "{algorithm}");
            let verify = |message: &[u8]| {
                let keys = &servers.signing_keys;
                keys.verify(algorithm, secret, message, &signature)
            };
            assert!(verify(b"a message"), "{algorithm} with {secret}");
            assert!(!verify(b"another"), "{algorithm} with {secret}");
        }
    }
}

fn what_cannot_be_signed_is_an_error_that_names_the_secret_alone(servers: &Servers) {
    let unsupported = |algorithm: &str| {
        format!(
            "the host spin cannot sign with {algorithm}: RSA code in wasm would reveal the private key by its timing; sign with \
             ES256 or EdDSA there"
        )
    };
    let mut cases = vec![
        (
            "ES256",
            "TEST_UNKNOWN_KEY",
            "the secret TEST_UNKNOWN_KEY is not set; set it to a private key in PEM (PKCS#8)".to_owned(),
        ),
        (
            "ES256",
            "TEST_NO_KEY",
            "the secret TEST_NO_KEY is not a private key in PEM of PKCS#8 (BEGIN PRIVATE KEY); `openssl pkey -in FILE` writes one"
                .to_owned(),
        ),
        (
            "RS256",
            "TEST_SHORT_RSA_KEY",
            "the secret TEST_SHORT_RSA_KEY is an RSA key of 1024 bits, and RS256 signs with an RSA key of 2048 to 4096 bits"
                .to_owned(),
        ),
        (
            "EdDSA",
            "TEST_P256_KEY",
            "the secret TEST_P256_KEY is a key on P-256, and EdDSA signs with an Ed25519 key".to_owned(),
        ),
        (
            "ES256",
            "TEST_P384_KEY",
            "the secret TEST_P384_KEY is a key on another curve than P-256, and ES256 signs with a key on P-256".to_owned(),
        ),
        (
            "PS256",
            "TEST_ED25519_KEY",
            "the secret TEST_ED25519_KEY is an Ed25519 key, and PS256 signs with an RSA key of 2048 to 4096 bits".to_owned(),
        ),
    ];
    for algorithm in ["RS256", "PS256"] {
        if !can_sign(servers.host, algorithm) {
            cases.push((algorithm, "TEST_RSA_KEY", unsupported(algorithm)));
        }
    }
    for (number, (algorithm, secret, expected)) in cases.into_iter().enumerate() {
        let client = format!("cannot-sign-{number}");
        let answer = sign(servers, &client, algorithm, secret);
        assert_eq!(
            answer.tool_error(),
            "The tool failed; the server's log says why."
        );
        let event = servers.events.of_client(&client);
        assert_eq!(event["detail"], expected);
    }
    let log = servers.events.text();
    assert!(!log.contains(tokens::KEYS), "TEST_NO_KEY");
    for (name, pem) in servers.signing_keys.variables() {
        let line = pem.split(['\n', '\\']).nth(1).unwrap();
        assert!(!log.contains(line.trim_start_matches('n')), "{name}");
    }
}

/// Project Wycheproof's, by the path that verifies access tokens. Every host says the same of them.
fn signatures_that_a_verifier_has_got_wrong_are_told_apart(servers: &Servers) {
    let mut counted = 0;
    for group in signature_vectors::all() {
        for vectors in group.vectors.chunks(BATCH) {
            let verdicts = verdicts(servers, &group, vectors);
            assert_eq!(verdicts.len(), vectors.len());
            for (vector, verdict) in vectors.iter().zip(verdicts) {
                counted += 1;
                let is_right = match vector.expected {
                    Expected::Valid => verdict == "valid",
                    Expected::Invalid => verdict == "invalid" || verdict == "invalid_key",
                    Expected::Either => verdict == by_ring(&group, vector),
                };
                let (algorithm, comment) = (group.algorithm, &vector.comment);
                assert!(is_right, "{algorithm}: {comment}: {verdict}");
            }
        }
    }
    assert!(counted > 2000, "{counted}");
}

/// Either may be said of signatures of RSA only.
fn by_ring(group: &Group, vector: &Vector) -> &'static str {
    let Key::Rsa { n, e } = &group.key else {
        panic!("{}: {}", group.algorithm, vector.comment);
    };
    let numbers = PublicKeyNumbers::Rsa {
        modulus: n.clone(),
        exponent: e.clone(),
    };
    match signing::verify(group.algorithm, numbers, &vector.message, &vector.signature) {
        true => "valid",
        false => "invalid",
    }
}

fn verdicts(servers: &Servers, group: &Group, vectors: &[Vector]) -> Vec<Value> {
    let encoded = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let key = match &group.key {
        Key::Rsa { n, e } => json!({ "n": encoded(n), "e": encoded(e) }),
        Key::Point { x, y } => json!({ "x": encoded(x), "y": encoded(y) }),
        Key::Ed25519(x) => json!({ "x": encoded(x) }),
    };
    let signatures = vectors.iter().map(|vector| {
        let (message, signature) = (encoded(&vector.message), encoded(&vector.signature));
        json!({ "message": message, "signature": signature })
    });
    let arguments = json!({
        "algorithm": group.algorithm,
        "key": key,
        "signatures": signatures.collect::<Vec<_>>(),
    });
    let params = json!({ "name": "verify", "arguments": arguments });
    let answer = servers.fixture.send(&modern("tools/call", params));
    let verdicts = &answer.result()["structuredContent"]["verdicts"];
    verdicts.as_array().unwrap().clone()
}
