//! The issuer for development: where it is trusted, and where clients sign in.

use super::super::resolve::{resolve, sign_in_urls};
use super::super::verifier::Verifier;
use crate::auth::testing::world::World;
use crate::auth::testing::{AUDIENCE, AUTH, ISSUER, URL, trusted};
use crate::config::{Issuer, SIGN_IN_VARIABLE, Settings};
use crate::location::Location;

const DEVELOPMENT: &Issuer = &Issuer {
    development: true,
    ..ISSUER
};

const SETTINGS: &Settings = &Settings {
    issuers: &[ISSUER, *DEVELOPMENT],
    ..Settings::DEFAULT
};

#[test]
fn only_a_server_on_loopback_trusts_it() {
    let world = World::new(&[]);
    let host = world.host();
    // Where clients sign in changes nothing about it.
    world
        .host
        .set_variable(SIGN_IN_VARIABLE, "http://127.0.0.1:8788");
    let start = |url| {
        let location = Location::new(url).unwrap();
        let resolving = resolve(DEVELOPMENT, &AUTH, &location, &*host);
        world.host.run(resolving).map(drop)
    };
    start(Some("http://127.0.0.1:8787/mcp")).unwrap();
    for url in [Some(AUDIENCE), None] {
        let refused = start(url).unwrap_err().to_string();
        assert!(
            refused.contains("issuers.acme.preset"),
            "{url:?}: {refused}"
        );
    }
}

#[test]
fn clients_sign_in_on_this_machine_or_nowhere() {
    let world = World::new(&[]);
    let host = world.host();
    let trusted = trusted(DEVELOPMENT);
    let urls = || world.host.run(sign_in_urls(&trusted, &*host));
    assert_eq!(urls().unwrap(), [""; 0]);
    world
        .host
        .set_variable(SIGN_IN_VARIABLE, "http://127.0.0.1:8788");
    assert_eq!(urls().unwrap(), ["http://127.0.0.1:8788"]);
    for elsewhere in ["https://id.example", "http://127.0.0.1@id.example", "8788"] {
        world.host.set_variable(SIGN_IN_VARIABLE, elsewhere);
        let refused = urls().unwrap_err().to_string();
        assert!(refused.contains(SIGN_IN_VARIABLE), "{refused}");
    }
}

#[test]
fn clients_find_its_sign_in_before_those_of_other_issuers() {
    let world = World::new(&[]);
    let host = world.host();
    let location = Location::new(Some("http://127.0.0.1:8787/mcp")).unwrap();
    let urls = || {
        let started = world.host.run(Verifier::start(SETTINGS, &location, &*host));
        started.unwrap().sign_in_urls()
    };
    assert_eq!(urls(), [URL]);
    world
        .host
        .set_variable(SIGN_IN_VARIABLE, "http://127.0.0.1:8788");
    assert_eq!(urls(), ["http://127.0.0.1:8788", URL]);
}
