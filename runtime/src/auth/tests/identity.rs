//! Keys are fetched when they must be, and not oftener; a key that was withdrawn stops working.

use std::collections::BTreeSet;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{FutureExt as _, join};
use http::StatusCode;
use serde_json::{Value, json};

use crate::auth::testing::world::{Issuing, World};
use crate::auth::testing::{
    AUDIENCE, AUTH, ISSUER, URL, claims, encode, header, public_key, token, with,
};
use crate::auth::{Caller, Identity};
use crate::config::{Auth, Issuer, JwksSource, Server, Settings, TextSetting};
use crate::location::Location;
use crate::refusal::ISSUER_RETRY;
use crate::signature::testing::set_platform_broken;
use crate::token::{Codec, Epochs, Keyring};

const ISSUERS: &[Issuer] = &[ISSUER];

const SETTINGS: &Settings = &Settings {
    server: Server {
        url: Some(TextSetting::Literal(AUDIENCE)),
    },
    issuers: ISSUERS,
    ..Settings::DEFAULT
};

/// One instance of a server.
struct Instance {
    identity: Identity,
    codec: Rc<Codec>,
    world: Rc<World>,
}

impl Instance {
    fn start(world: &Rc<World>) -> Self {
        Self::with(world, SETTINGS)
    }

    fn with(world: &Rc<World>, settings: &'static Settings) -> Self {
        let location = Location::new(Some(AUDIENCE)).unwrap();
        let host = world.host();
        let starting = Identity::start(settings, &location, BTreeSet::new(), false, &*host);
        let secret = "k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let keyring = Rc::new(Keyring::parse(secret).unwrap());
        Self {
            identity: world.host.run(starting).unwrap(),
            codec: Rc::new(Codec::new(keyring, AUDIENCE.to_owned(), Epochs::default())),
            world: Rc::clone(world),
        }
    }

    /// The subject of `token`, or the refusal's reason and what the log says of the token.
    fn ask(&self, token: &str) -> Result<String, (&'static str, Option<&'static str>)> {
        let answer = self.world.host.run(self.asking(token));
        self.world.host.run_after_response();
        answer
    }

    fn asking(
        &self,
        token: &str,
    ) -> impl Future<Output = Result<String, (&'static str, Option<&'static str>)>> {
        let (head, ()) = http::Request::post("/mcp")
            .header("authorization", format!("Bearer {token}"))
            .body(())
            .unwrap()
            .into_parts();
        async move {
            let host = self.world.host();
            let proven = self.identity.caller(&head, &self.codec, &host).await;
            match proven.map(|proven| proven.caller) {
                Ok(Caller::Principal(who)) => Ok(who.subject().to_owned()),
                Ok(Caller::Anonymous) => panic!("no caller is let in without a token here"),
                Err(unproven) => Err((unproven.refusal.reason(), unproven.reason)),
            }
        }
    }
}

fn key(name: &str, algorithm: &str) -> Value {
    with(public_key(algorithm), json!({ "kid": name }))
}

/// A token signed by the key called `name`.
fn signed_by(name: &str, algorithm: &str) -> String {
    let day = claims()["iat"].as_u64().unwrap() + 40 * 60 * 60;
    token(
        &with(header(algorithm), json!({ "kid": name })),
        &with(claims(), json!({ "exp": day })),
    )
}

const UNKNOWN: Result<String, (&str, Option<&str>)> = Err(("invalid_token", Some("unknown_key")));
const UNAVAILABLE: Result<String, (&str, Option<&str>)> = Err(("issuer_unavailable", None));

fn alice() -> Result<String, (&'static str, Option<&'static str>)> {
    Ok("alice".to_owned())
}

#[test]
fn keys_are_fetched_once_for_many_tokens() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    assert_eq!(world.fetches(), 0, "nothing is fetched at start");
    for _ in 0..3 {
        assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    }
    assert_eq!(world.fetches(), 2, "metadata and keys");
}

/// What applications answer to a path that they do not know, with a status that says otherwise.
#[test]
fn metadata_is_looked_for_at_the_second_place_after_any_other_answer() {
    let first = format!("{URL}/.well-known/openid-configuration");
    let second = format!("{URL}/.well-known/oauth-authorization-server");
    let keys = format!("{URL}/keys");
    let of_another = json!({ "issuer": "https://other.example", "jwks_uri": keys });
    let long = format!("\"{}\"", "x".repeat(300 << 10));
    for (status, body) in [
        (200, "<!doctype html><title>Sign in</title>"),
        (200, ""),
        (200, "null"),
        (200, "{}"),
        (200, r#"{"issuer":"https://id.example"}"#),
        (200, r#"{"issuer":"https://id.example","jwks_uri":7}"#),
        (200, &of_another.to_string()),
        (200, &long),
        (302, ""),
        (404, ""),
        (500, ""),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let world = World::new(&[key("a", "ES256")]);
        world.place(&first, status, body);
        let instance = Instance::start(&world);
        let shown: String = body.chars().take(60).collect();
        assert_eq!(
            instance.ask(&signed_by("a", "ES256")),
            alice(),
            "{status} {shown}"
        );
        assert_eq!(world.fetches(), 3, "{status} {shown}");

        // Nothing is believed that is not the issuer's metadata.
        let world = World::new(&[key("a", "ES256")]);
        world.place(&first, status, body);
        world.place(&second, status, body);
        let instance = Instance::start(&world);
        assert_eq!(instance.ask(&signed_by("a", "ES256")), UNAVAILABLE);
        assert_eq!(world.fetches(), 2, "{status} {shown}");
    }
}

#[test]
fn a_hundred_thousand_unknown_keys_cost_one_fetch_in_an_interval() {
    let world = World::new(&[key("a", "EdDSA")]);
    let instance = Instance::start(&world);
    assert_eq!(instance.ask(&signed_by("a", "EdDSA")), alice());
    let (claims, signature) = (encode(claims().to_string()), encode([0; 64]));
    let forged = |number: usize| {
        let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"forged-{number}"}}"#);
        format!("{}.{claims}.{signature}", encode(header))
    };
    for number in 0..100_000 {
        assert_eq!(instance.ask(&forged(number)), UNKNOWN);
    }
    assert_eq!(world.key_fetches(), 1);
    for interval in 1..=3 {
        world.pass(AUTH.jwks_cooldown);
        for number in 0..10 {
            assert_eq!(instance.ask(&forged(number)), UNKNOWN);
        }
        assert_eq!(world.key_fetches(), 1 + interval);
    }
}

#[test]
fn a_new_key_works_after_the_interval() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    world.publish(&[key("a", "ES256"), key("b", "EdDSA")]);
    assert_eq!(instance.ask(&signed_by("b", "EdDSA")), UNKNOWN);
    world.pass(AUTH.jwks_cooldown);
    assert_eq!(instance.ask(&signed_by("b", "EdDSA")), alice());
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
}

#[test]
fn a_withdrawn_key_stops_working_also_for_remembered_tokens() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    let remembered = signed_by("a", "ES256");
    assert_eq!(instance.ask(&remembered), alice());
    world.publish(&[key("b", "EdDSA")]);
    assert_eq!(instance.ask(&remembered), alice());
    world.pass(AUTH.jwks_refresh_interval);
    assert_eq!(instance.ask(&remembered), UNKNOWN);
}

#[test]
fn another_key_under_the_same_name_is_another_key() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    let remembered = signed_by("a", "ES256");
    assert_eq!(instance.ask(&remembered), alice());
    world.publish(&[key("a", "EdDSA")]);
    world.pass(AUTH.jwks_refresh_interval);
    assert!(instance.ask(&remembered).is_err());
    assert_eq!(instance.ask(&signed_by("a", "EdDSA")), alice());
}

#[test]
fn old_keys_serve_for_a_limited_time_while_the_issuer_is_down() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    let token = signed_by("a", "ES256");
    assert_eq!(instance.ask(&token), alice());
    for issuing in [Issuing::Down, Issuing::Silent] {
        world.set(issuing);
        world.pass(AUTH.jwks_refresh_interval);
        assert_eq!(instance.ask(&token), alice());
        let fetches = world.fetches();
        assert_eq!(instance.ask(&token), alice());
        assert_eq!(world.fetches(), fetches, "it is not asked again at once");
    }
    world.pass(AUTH.jwks_stale_if_error);
    assert_eq!(instance.ask(&token), UNAVAILABLE);
    world.set(Issuing::Up);
    world.pass(AUTH.jwks_cooldown);
    assert_eq!(instance.ask(&token), alice());
}

#[test]
fn an_unreachable_issuer_admits_no_caller() {
    let world = World::new(&[key("a", "ES256")]);
    world.set(Issuing::Down);
    let instance = Instance::start(&world);
    assert_eq!(instance.ask(&signed_by("a", "ES256")), UNAVAILABLE);
    let fetches = world.fetches();
    assert_eq!(instance.ask(&signed_by("a", "ES256")), UNAVAILABLE);
    assert_eq!(world.fetches(), fetches);
    world.set(Issuing::Up);
    world.pass(ISSUER_RETRY);
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
}

#[test]
fn an_unknown_key_is_not_the_tokens_fault_while_the_issuer_is_down() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    world.set(Issuing::Down);
    world.pass(AUTH.jwks_cooldown);
    for _ in 0..2 {
        assert_eq!(instance.ask(&signed_by("b", "EdDSA")), UNAVAILABLE);
    }
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    assert_eq!(world.fetches(), 4, "metadata at its two places, once");
}

#[test]
fn requests_at_once_share_one_fetch() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    let token = signed_by("a", "ES256");
    let both = join(instance.asking(&token), instance.asking(&token));
    assert_eq!(world.host.run(both), (alice(), alice()));
    assert_eq!(world.key_fetches(), 1);
}

#[test]
fn a_disconnect_releases_the_lease() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    let token = signed_by("a", "ES256");
    assert!(instance.asking(&token).now_or_never().is_none());
    assert_eq!(instance.ask(&token), alice());
    assert_eq!(world.fetches(), 3, "the metadata once more");
}

#[test]
fn instances_share_what_is_in_the_cache() {
    let keys = [key("a", "ES256")];
    let world = World::with_cache(&keys);
    assert_eq!(
        Instance::start(&world).ask(&signed_by("a", "ES256")),
        alice()
    );
    assert_eq!(world.host.cache_entries().len(), 1);
    for _ in 0..3 {
        assert_eq!(
            Instance::start(&world).ask(&signed_by("a", "ES256")),
            alice()
        );
        // Not even for a key that does not exist: the cache is as new as the interval.
        assert_eq!(
            Instance::start(&world).ask(&signed_by("x", "EdDSA")),
            UNKNOWN
        );
    }
    assert_eq!(world.key_fetches(), 1);
    world.pass(AUTH.jwks_refresh_interval);
    assert_eq!(
        Instance::start(&world).ask(&signed_by("a", "ES256")),
        alice()
    );
    assert_eq!(world.key_fetches(), 2);
}

#[test]
fn what_one_instance_has_fetched_another_has_as_well() {
    let world = World::with_cache(&[key("a", "ES256")]);
    let (one, other) = (Instance::start(&world), Instance::start(&world));
    assert_eq!(one.ask(&signed_by("a", "ES256")), alice());
    assert_eq!(other.ask(&signed_by("a", "ES256")), alice());
    world.publish(&[key("a", "ES256"), key("b", "EdDSA")]);
    world.pass(AUTH.jwks_cooldown);
    assert_eq!(one.ask(&signed_by("b", "EdDSA")), alice());
    world.set(Issuing::Down);
    world.pass(AUTH.jwks_cooldown);
    assert_eq!(other.ask(&signed_by("b", "EdDSA")), alice());
    assert_eq!(world.key_fetches(), 2);
}

#[test]
fn an_instance_that_begins_while_the_issuer_is_down_takes_old_keys_from_the_cache() {
    let keys = [key("a", "ES256")];
    let world = World::with_cache(&keys);
    let token = signed_by("a", "ES256");
    assert_eq!(Instance::start(&world).ask(&token), alice());
    world.set(Issuing::Down);
    world.pass(AUTH.jwks_refresh_interval);
    assert_eq!(Instance::start(&world).ask(&token), alice());
    world.pass(AUTH.jwks_stale_if_error);
    assert_eq!(Instance::start(&world).ask(&token), UNAVAILABLE);
}

#[test]
fn a_writer_of_the_cache_cannot_slip_in_a_key() {
    let keys = [key("a", "ES256")];
    let world = World::with_cache(&keys);
    assert_eq!(
        Instance::start(&world).ask(&signed_by("a", "ES256")),
        alice()
    );
    let (place, kept) = world.host.cache_entries().pop_first().unwrap();
    let own = json!({ "keys": [key("mine", "EdDSA")] }).to_string();
    let changed = format!("{}A", &kept[..kept.len() - 1]);
    for poison in [own, changed, String::new()] {
        world.host.set_cache_entry(&place, poison);
        let instance = Instance::start(&world);
        assert_eq!(instance.ask(&signed_by("mine", "EdDSA")), UNKNOWN);
        assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    }
}

#[test]
fn a_token_ends_also_when_it_is_remembered() {
    let world = World::new(&[key("a", "ES256")]);
    let instance = Instance::start(&world);
    let token = token(&with(header("ES256"), json!({ "kid": "a" })), &claims());
    assert_eq!(instance.ask(&token), alice());
    world.pass(Duration::from_secs(600) + AUTH.leeway - Duration::from_secs(1));
    assert_eq!(instance.ask(&token), alice());
    world.pass(Duration::from_secs(1));
    assert_eq!(
        instance.ask(&token),
        Err(("invalid_token", Some("expired")))
    );
}

#[test]
fn keys_of_the_configuration_are_never_fetched() {
    let set = json!({ "keys": [key("a", "ES256")] }).to_string();
    let issuer = Issuer {
        jwks: JwksSource::Set(TextSetting::Literal(set.leak())),
        ..ISSUER
    };
    let settings = Settings {
        issuers: vec![issuer].leak(),
        auth: Auth {
            token_cache_size: 0,
            ..AUTH
        },
        ..*SETTINGS
    };
    let world = World::new(&[]);
    world.set(Issuing::Down);
    let instance = Instance::with(&world, Box::leak(Box::new(settings)));
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    world.pass(AUTH.jwks_stale_if_error);
    assert_eq!(instance.ask(&signed_by("b", "ES256")), UNKNOWN);
    assert_eq!(instance.ask(&signed_by("a", "ES256")), alice());
    assert_eq!(world.fetches(), 0);
}

#[test]
fn a_failed_platform_is_not_a_bad_signature() {
    let instance = Instance::start(&World::new(&[key("a", "ES256")]));
    let known = signed_by("a", "ES256");
    set_platform_broken(true);
    assert_eq!(instance.ask(&known), UNAVAILABLE);
    set_platform_broken(false);
    assert_eq!(instance.ask(&known), alice());
    // What was verified is known without the platform.
    set_platform_broken(true);
    assert_eq!(instance.ask(&known), alice());
    set_platform_broken(false);
}
