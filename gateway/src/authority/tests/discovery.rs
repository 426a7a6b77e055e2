//! Where to get tokens, by the metadata of the upstream (RFC 9728) and of the authorization server that it names.

use mcp_edge::testing::Reply;
use serde_json::{Value, json};

use super::world::{EXCHANGE, Setup, TOKEN_ENDPOINT, fields, issues, seconds};

const PLACE: &str = "https://orders.example.com/.well-known/oauth-protected-resource";
const ISSUER_PLACE: &str = "https://as.example.com/.well-known/openid-configuration";
const ALLOWED: &str =
    "authorization_servers = [\"https://as.example.com\", \"https://second.example.com\"]";

/// An upstream that may choose between two authorization servers.
fn choosing() -> Setup {
    let authority = EXCHANGE.replace("token_endpoint = \"https://as.example.com/token\"", ALLOWED);
    let setup = Setup::new(&authority.replace("audience = \"https://orders.example.com\"", ""));
    issues(&setup.host, json!({}));
    let metadata = json!({ "issuer": "https://as.example.com", "token_endpoint": TOKEN_ENDPOINT });
    setup.host.reply(ISSUER_PLACE, Reply::json(metadata));
    setup
}

fn resource(servers: &Value) -> Reply {
    Reply::json(json!({
        "resource": "https://orders.example.com",
        "authorization_servers": servers,
    }))
}

#[test]
fn the_upstream_chooses_among_the_servers_that_are_allowed() {
    let setup = choosing();
    let servers = json!(["https://evil.example.com", "https://as.example.com"]);
    setup.host.reply(PLACE, resource(&servers));
    let world = setup.start();
    let token = world.token(json!({}));
    for _ in 0..2 {
        assert!(!world.call(&token).is_error(), "{}", world.detail());
    }
    let form = fields(&world.requests(TOKEN_ENDPOINT)[0]);
    assert_eq!(form["resource"], "https://orders.example.com");
    for place in [PLACE, ISSUER_PLACE] {
        let requests = world.requests(place);
        assert_eq!(requests.len(), 1, "{place}");
        assert_eq!(requests[0].header("authorization"), None);
        assert!(!format!("{:?}", requests[0].headers).contains(&token));
    }
    // Both are read again after an hour.
    world.host.advance(seconds(3600));
    let token = world.token(json!({}));
    assert!(!world.call(&token).is_error(), "{}", world.detail());
    for place in [PLACE, ISSUER_PLACE] {
        assert_eq!(world.requests(place).len(), 2, "{place}");
    }
}

#[test]
fn no_upstream_sends_credentials_to_a_server_that_is_not_allowed() {
    let cases = [
        (
            "another server",
            resource(&json!(["https://evil.example.com"])),
            "authorization_servers",
        ),
        (
            "a longer name",
            resource(&json!(["https://as.example.com/"])),
            "authorization_servers",
        ),
        ("no server", resource(&json!([])), "authorization_servers"),
        (
            "no list",
            resource(&json!("https://as.example.com")),
            "authorization_servers",
        ),
        ("numbers", resource(&json!([7])), "authorization_servers"),
        (
            "another resource",
            Reply::json(json!({
                "resource": "https://orders.example.com/",
                "authorization_servers": ["https://as.example.com"],
            })),
            "write the resource exactly",
        ),
        (
            "a member twice",
            Reply::new(
                200,
                r#"{"resource":"https://orders.example.com","authorization_servers":[],"authorization_servers":["https://as.example.com"]}"#,
            ),
            "each once",
        ),
        (
            "a redirect",
            Reply::new(302, "").header("location", "https://evil.example.com/metadata"),
            "302",
        ),
        ("nothing", Reply::new(404, ""), "404"),
        ("HTML", Reply::new(200, "<html>"), "not JSON"),
        (
            "a huge answer",
            resource(&json!(["x".repeat(70_000)])),
            "65536",
        ),
        ("no answer", Reply::silent(), "10s"),
        ("no host", Reply::unreachable(), "refused"),
    ];
    for (what, reply, why) in cases {
        let setup = choosing();
        setup.host.reply(PLACE, reply);
        let world = setup.start();
        let token = world.token(json!({}));
        for _ in 0..2 {
            let text = world.call(&token).text();
            assert!(text.contains("Try again later"), "{what}: {text}");
        }
        let detail = world.detail();
        assert!(detail.contains(why), "{what}: {detail}");
        assert!(
            detail.contains("upstreams.orders.authority"),
            "{what}: {detail}"
        );
        // A failure is the answer for others as well.
        assert_eq!(world.requests(PLACE).len(), 1, "{what}");
        assert_eq!(world.token_requests(), 0, "{what}");
        assert!(
            world.requests("https://evil.example.com").is_empty(),
            "{what}"
        );
        assert!(
            world.requests("https://as.example.com").is_empty(),
            "{what}"
        );
        assert!(
            world
                .requests("https://orders.example.com/orders")
                .is_empty(),
            "{what}"
        );
    }
}

/// The grant is for the authorization server that the upstream names, so that this is known first.
#[test]
fn a_grant_is_for_the_server_that_the_upstream_names() {
    let setup = Setup::new(
        r#"
        type = "cross_app_access"
        authorization_servers = ["https://as.example.com"]
        client_id = "at the API"
        client_secret = { secret = "CLIENT_SECRET" }
        resource = "https://orders.example.com/v1"
        [upstreams.orders.identity_provider]
        token_endpoint = "https://id.example.com/token"
        client_id = "at the company"
        client_secret = { secret = "CLIENT_SECRET" }
        "#,
    );
    let metadata = json!({ "issuer": "https://as.example.com", "token_endpoint": TOKEN_ENDPOINT });
    setup.host.reply(ISSUER_PLACE, Reply::json(metadata));
    let metadata = json!({
        "resource": "https://orders.example.com/v1",
        "authorization_servers": ["https://as.example.com"],
    });
    setup
        .host
        .reply(&format!("{PLACE}/v1"), Reply::json(metadata));
    let refused = json!({ "error": "invalid_target" }).to_string();
    let refused = Reply::new(400, refused).header("content-type", "application/json");
    setup.host.reply("https://id.example.com/token", refused);
    let world = setup.start();
    assert!(world.call(&world.token(json!({}))).is_error());
    let form = fields(&world.requests("https://id.example.com/token")[0]);
    assert_eq!(form["audience"], "https://as.example.com");
    assert_eq!(form["resource"], "https://orders.example.com/v1");
}
