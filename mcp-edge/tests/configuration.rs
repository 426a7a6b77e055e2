//! What `config!` makes of a file.
#![allow(clippy::expect_used, clippy::panic)]

use std::time::Duration;

use mcp_edge::config::Algorithm;
use mcp_edge::config::{
    Auth, Claims, Configuration, Effect, Issuer, JwksSource, RateLimit, RateLimitKey, Rule,
    Settings, TenantSource, TextSetting,
};
use mcp_edge::host::Timestamp;

const CONFIGURATION: Configuration = mcp_edge::config!("tests/configuration.toml");

const EIGHT: Timestamp = Timestamp::from_secs(1_795_161_600);

#[test]
fn what_is_set_is_compiled_in_and_the_rest_keeps_its_default() {
    let Settings {
        server,
        access,
        limits,
        tokens,
        streams,
        lists,
        ..
    } = CONFIGURATION.base;
    let default = Settings::DEFAULT;
    assert_eq!(
        server.url,
        Some(TextSetting::Literal("https://mcp.example.com/fraud/mcp"))
    );
    assert_eq!(
        (access.allowed_origins, access.allowed_hosts),
        (
            ["https://app.example.com"].as_slice(),
            default.access.allowed_hosts
        )
    );
    assert_eq!(
        (limits.page_size, limits.batch_messages),
        (10, default.limits.batch_messages)
    );
    assert_eq!(
        (tokens.keys, tokens.session_ttl),
        ("FRAUD_KEYS", Duration::from_secs(24 * 60 * 60))
    );
    assert_eq!(
        (tokens.cursor_ttl, tokens.not_before),
        (default.tokens.cursor_ttl, Some(EIGHT))
    );
    assert_eq!(tokens.not_before_tenant, [("acme", EIGHT)]);
    assert_eq!(streams, default.streams);
    assert_eq!(lists.ttl, Duration::ZERO);
}

#[test]
fn an_environment_is_the_base_with_its_changes() {
    let staging = CONFIGURATION
        .settings(Some("staging"))
        .expect("there is one");
    assert_eq!(
        staging.server.url,
        Some(TextSetting::Literal("https://staging.example.com"))
    );
    assert_eq!(
        staging.tokens.not_before_principal,
        [("https://id.example.com alice", EIGHT)]
    );
    assert_eq!(staging.tokens.not_before_tenant, [("acme", EIGHT)]);
    assert_eq!(staging.limits, CONFIGURATION.base.limits);
    assert_eq!(staging.lists, CONFIGURATION.base.lists);
}

#[test]
fn who_may_call_is_compiled_in() {
    let Settings {
        auth,
        issuers,
        policy,
        rate_limits: rates,
        ..
    } = CONFIGURATION.base;
    assert_eq!(
        auth,
        Auth {
            scopes: &["fraud:read"],
            implied_scopes: &[("fraud:admin", &["fraud:simulate", "fraud:read"])],
            leeway: Duration::from_secs(10),
            ..Settings::DEFAULT.auth
        }
    );
    assert_eq!(
        issuers,
        [
            Issuer {
                name: "access",
                url: TextSetting::Literal("https://acme.cloudflareaccess.com"),
                audiences: &[
                    TextSetting::Literal("0123456789abcdef"),
                    TextSetting::Variable("ACCESS_AUDIENCE")
                ],
                algorithms: &[Algorithm::RS256],
                types: &["JWT"],
                jwks: JwksSource::Url(TextSetting::Literal(
                    "https://acme.cloudflareaccess.com/cdn-cgi/access/certs"
                )),
                claims: Claims {
                    subject: &["sub", "common_name"],
                    scopes: &[],
                    roles: &[],
                    groups: &["/custom/groups"],
                    client: &["common_name"],
                    actor: &["act"],
                },
                header: Some("Cf-Access-Jwt-Assertion"),
                ..Issuer::DEFAULT
            },
            OKTA,
        ]
    );
    assert_eq!(
        policy,
        [
            Rule {
                name: "analysts simulate",
                issuers: &["okta"],
                scopes: &["fraud:simulate"],
                tools: &["evaluate_*"],
                read_only: Some(true),
                arguments: policy.first().and_then(|rule| rule.arguments),
                ..Rule::DEFAULT
            },
            Rule {
                name: "policy 2",
                effect: Effect::Deny,
                anonymous: true,
                ..Rule::DEFAULT
            },
        ]
    );
    assert_eq!(
        rates,
        [RateLimit {
            name: "rate_limit 1",
            per: &[RateLimitKey::Principal, RateLimitKey::Tool],
            calls: Some(60),
            binding: Some("ANALYST_LIMIT"),
            ..RateLimit::DEFAULT
        }]
    );
}

/// The preset, with what the file says in its place.
const OKTA: Issuer = Issuer {
    name: "okta",
    url: TextSetting::Variable("OKTA_ISSUER"),
    algorithms: &[Algorithm::ES384, Algorithm::EDDSA],
    types: &["", "JWT", "at+jwt"],
    claims: Claims {
        scopes: &["scp", "scope"],
        client: &["cid", "client_id", "/act/sub"],
        groups: &["/groups"],
        ..Issuer::DEFAULT.claims
    },
    tenant: TenantSource::Fixed("acme"),
    ..Issuer::DEFAULT
};

#[test]
fn conditions_on_arguments_are_one_schema() {
    let rule = CONFIGURATION.base.policy.first().expect("there is one");
    let schema = rule.arguments.expect("it has one");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("it is JSON");
    assert_eq!(
        schema,
        serde_json::json!({
            "type": "object",
            "required": ["amount", "currency"],
            "properties": { "amount": { "maximum": 1000 }, "currency": { "enum": ["EUR"] } },
        })
    );
}

#[test]
fn an_environment_has_issuers_of_its_own_and_replaces_the_rules() {
    let development = CONFIGURATION
        .settings(Some("development"))
        .expect("there is one");
    assert_eq!(
        development.server.url,
        Some(TextSetting::Variable("MCP_EDGE_URL"))
    );
    let [access, local, okta] = development.issuers else {
        panic!("{:#?}", development.issuers);
    };
    assert_eq!(Some(access), CONFIGURATION.base.issuers.first());
    assert_eq!(
        *local,
        Issuer {
            name: "local",
            url: TextSetting::Literal("http://localhost/mcp-edge-dev"),
            algorithms: &[Algorithm::EDDSA],
            jwks: JwksSource::Set(TextSetting::Variable("MCP_EDGE_DEV_JWKS")),
            tenant: TenantSource::Claim("tenant"),
            development: true,
            ..Issuer::DEFAULT
        }
    );
    let groups: &[&str] = &[];
    let expected = Issuer {
        claims: Claims {
            groups,
            ..OKTA.claims
        },
        ..OKTA
    };
    assert_eq!(*okta, expected);
    assert_eq!(
        development.policy,
        [Rule {
            name: "all",
            tools: &["*"],
            step_up: false,
            ..Rule::DEFAULT
        }]
    );
    assert_eq!(development.rate_limits, CONFIGURATION.base.rate_limits);
}

#[test]
fn an_empty_file_keeps_every_default() {
    assert_eq!(mcp_edge::config!(), Configuration::DEFAULT);
}
