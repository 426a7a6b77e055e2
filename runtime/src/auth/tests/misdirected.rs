//! An issuer cannot lead the server to places that only the server can reach, nor to keys that an on-path attacker can replace.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::json;

use crate::auth::testing::world::World;
use crate::auth::testing::{AUDIENCE, ISSUER, claims, header, public_key, token, with};
use crate::auth::{Caller, Identity};
use crate::config::{Issuer, JwksSource, Server, Settings, TenantSource, TextSetting};
use crate::location::Location;
use crate::token::{Codec, Epochs, Keyring};

/// Not one of them is asked, whatever the metadata or the configuration name.
const REFUSED: [&str; 8] = [
    "http://id.example/keys",
    "http://127.0.0.1/keys",
    "http://localhost:8787/keys",
    "https://127.0.0.1/keys",
    "https://[::1]/keys",
    "https://10.0.0.1/keys",
    "https://169.254.169.254/keys",
    "/keys",
];

fn settings(keys: JwksSource) -> &'static Settings {
    of(Issuer {
        jwks: keys,
        ..ISSUER
    })
}

fn of(issuer: Issuer) -> &'static Settings {
    Box::leak(Box::new(Settings {
        server: Server {
            url: Some(TextSetting::Literal(AUDIENCE)),
        },
        issuers: Box::leak(Box::new([issuer])),
        ..Settings::DEFAULT
    }))
}

/// Whether a server with these settings starts, and then accepts a token of the issuer.
fn accepts(world: &Rc<World>, settings: &'static Settings) -> Result<(), String> {
    let location = Location::new(Some(AUDIENCE)).unwrap();
    let host = world.host();
    let starting = Identity::start(settings, &location, BTreeSet::new(), false, &*host);
    let identity = world
        .host
        .run(starting)
        .map_err(|error| error.to_string())?;
    let keyring = Keyring::parse("k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU").unwrap();
    let codec = Rc::new(Codec::new(
        Rc::new(keyring),
        AUDIENCE.to_owned(),
        Epochs::default(),
    ));
    let token = token(&with(header("ES256"), json!({ "kid": "a" })), &claims());
    let (head, ()) = http::Request::post("/mcp")
        .header("authorization", format!("Bearer {token}"))
        .body(())
        .unwrap()
        .into_parts();
    let proven = world.host.run(identity.caller(&head, &codec, &host));
    match proven.map(|proven| proven.caller) {
        Ok(Caller::Principal(_)) => Ok(()),
        Ok(Caller::Anonymous) => panic!("a token is no caller without proof"),
        Err(unproven) => Err(unproven.detail.unwrap_or_default()),
    }
}

fn world() -> Rc<World> {
    World::new(&[with(public_key("ES256"), json!({ "kid": "a" }))])
}

#[test]
fn a_jwks_uri_that_is_not_permitted_is_not_fetched() {
    for url in REFUSED {
        let world = world();
        world.names(url);
        let refused = accepts(&world, settings(JwksSource::Discovery)).unwrap_err();
        assert!(refused.contains(&format!("{url:?}")), "{url}: {refused}");
        assert!(refused.contains("jwks_uri"), "{url}: {refused}");
        assert_eq!(world.key_fetches(), 0, "{url}");
    }
    for url in ["https://id.example:8443/keys", "https://keys.example/keys"] {
        let world = world();
        world.names(url);
        accepts(&world, settings(JwksSource::Discovery)).unwrap();
    }
}

#[test]
fn a_configured_jwks_url_that_is_not_permitted_is_refused() {
    for url in REFUSED {
        let refused = accepts(
            &world(),
            settings(JwksSource::Url(TextSetting::Literal(url))),
        )
        .unwrap_err();
        assert!(
            refused.contains("issuers.acme.jwks.url"),
            "{url}: {refused}"
        );
    }
    let elsewhere = JwksSource::Url(TextSetting::Literal("https://keys.example/keys"));
    accepts(&world(), settings(elsewhere)).unwrap();
}

/// Otherwise an issuer could name whatever tenant it likes, or every tenant's tokens would be of one.
#[test]
fn an_issuer_for_many_tenants_lists_them_and_names_the_claim() {
    let claim = TenantSource::Claim("tid");
    for (tenant, tenants) in [
        (TenantSource::None, &["red"][..]),
        (TenantSource::Fixed("red"), &["red"]),
        (claim, &[]),
    ] {
        let world = world();
        world
            .host
            .set_variable("ISSUER", "https://id.example/{tenant}");
        let refused = accepts(
            &world,
            of(Issuer {
                url: TextSetting::Variable("ISSUER"),
                jwks: JwksSource::Url(TextSetting::Literal("https://id.example/keys")),
                tenant,
                tenants,
                ..ISSUER
            }),
        );
        let refused = refused.unwrap_err();
        assert!(refused.contains("issuers.acme.issuer"), "{refused}");
    }
}
