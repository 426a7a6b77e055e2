//! What the server publishes of its audit signing keys.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_tests::audited::Hosting;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, post, tests};
use mcp_edge_verify::{Checked, PublicKeys};
use serde_json::{Value, json};

const JWKS: &str = "/.well-known/jwks.json";

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        every_public_half_is_published_and_no_private_one,
        the_keys_can_only_be_read,
        the_metadata_of_the_resource_names_the_keys,
        the_manifest_is_signed_with_a_published_key,
    ]
}

fn get(path: &str) -> Request {
    post(json!({}))
        .http_method("GET")
        .path(path)
        .header("Origin", "https://auditor.example.com")
}

fn every_public_half_is_published_and_no_private_one(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    let keys = server.document(JWKS);
    let mut ids = Vec::new();
    for key in keys["keys"].as_array().unwrap() {
        ids.push(key["kid"].as_str().unwrap());
        assert_eq!(key["kty"], "OKP");
        assert_eq!(key["crv"], "Ed25519");
        assert_eq!(
            key["x"].as_str().unwrap().len(),
            43,
            "32 bytes in base64url"
        );
        assert_eq!(key.get("d"), None, "the private half");
    }
    assert_eq!(ids, ["e1", "e2", "e3"]);
}

fn the_keys_can_only_be_read(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    let raw = |request: &Request| server.endpoint.raw(request).unwrap();
    let header = |request: &Request, name: &str| {
        let headers = raw(request).headers;
        let found = headers.into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    };
    let whole = raw(&get(JWKS));
    assert_eq!(whole.status, 200);
    let any = Some("*".to_owned());
    assert_eq!(header(&get(JWKS), "access-control-allow-origin"), any);
    let kind = header(&get(JWKS), "content-type").unwrap();
    assert!(kind.contains("json"), "{kind}");
    let head = server
        .endpoint
        .open(&get(JWKS).http_method("HEAD"))
        .unwrap();
    assert_eq!(head.status, 200);
    assert_eq!(raw(&get(JWKS).http_method("OPTIONS")).status, 204);
    assert_eq!(raw(&get(JWKS).http_method("DELETE")).status, 405);
}

fn the_metadata_of_the_resource_names_the_keys(hosting: &Hosting) {
    let server = hosting.server("company", &[]);
    let metadata: Value = server.document("/.well-known/oauth-protected-resource/mcp");
    let resource = metadata["resource"].as_str().unwrap();
    let origin = resource.strip_suffix("/mcp").unwrap();
    assert_eq!(metadata["jwks_uri"], format!("{origin}{JWKS}"));
}

fn the_manifest_is_signed_with_a_published_key(hosting: &Hosting) {
    let server = hosting.server("", &[]);
    let read = |path: &str| {
        let answer = server.endpoint.raw(&get(path).without("Origin")).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    };
    let jws = read("/mcp/manifest.jws");
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    let keys = PublicKeys::parse(&read(JWKS)).unwrap();
    assert_eq!(
        keys.check_bytes(signed.as_bytes(), "e2", signature),
        Checked::Good
    );
    let (_, payload) = signed.split_once('.').unwrap();
    let payload = Base64UrlUnpadded::decode_vec(payload).unwrap();
    assert_eq!(payload, read("/mcp/manifest").into_bytes());
}
