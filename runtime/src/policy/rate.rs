//! What a rate counts apart.

use std::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_glob::fits_any;
use sha2::{Digest as _, Sha256};

use crate::auth::Caller;
use crate::config::{RateLimit, RateLimitKey};
use crate::policy::{Kind, Target};

/// The key under which a call of `target` counts towards `rate`; `None` where the rate does not hold for it.
///
/// A caller that is the same for the issuer has the same key, from whatever session, token or address. Callers who
/// have proven nothing are one, unless addresses are counted. The key is a digest: hosts keep it, and it
/// names no caller.
pub(crate) fn key(
    rate: &RateLimit,
    target: Target<'_>,
    caller: &Caller,
    address: Option<IpAddr>,
) -> Option<String> {
    let fits_tools =
        rate.tools.is_empty() || (target.kind == Kind::Tool && fits_any(rate.tools, target.name));
    let fits_upstreams = rate.upstreams.is_empty()
        || target
            .upstream
            .is_some_and(|upstream| fits_any(rate.upstreams, upstream));
    let fits_tenants = rate.tenants.is_empty()
        || caller
            .tenant()
            .is_some_and(|tenant| fits_any(rate.tenants, tenant));
    if !fits_tools || !fits_upstreams || !fits_tenants {
        return None;
    }
    let principal = caller.principal();
    let issuer = principal.map(|who| who.issuer());
    let mut digest = Sha256::new();
    let mut part = |text: Option<&str>| {
        // A length before each part, so that no two lists of parts read the same.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        digest.update(length.to_be_bytes());
        digest.update(text.unwrap_or_default());
    };
    part(Some(rate.name));
    for per in rate.per {
        match per {
            RateLimitKey::Principal => {
                part(issuer);
                part(principal.and_then(|who| who.tenant()));
                part(principal.map(|who| who.subject()));
            }
            RateLimitKey::Tenant => {
                part(issuer);
                part(principal.and_then(|who| who.tenant()));
            }
            RateLimitKey::Client => {
                part(issuer);
                part(principal.and_then(|who| who.client()));
            }
            RateLimitKey::Tool => part(Some(target.name)),
            RateLimitKey::Upstream => {
                part(target.upstream);
                // What a tenant has of its own is another upstream.
                part(target.tenants.named(caller.tenant()));
            }
            RateLimitKey::Address => part(address.map(network).as_deref()),
        }
    }
    Some(Base64UrlUnpadded::encode_string(&digest.finalize()))
}

/// The address as far as it tells callers apart: a client with one IPv6 address has the other 2^64 of its network
/// as well.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::auth::Principal;
    use crate::policy::Tenants;

    const TOOL: Target<'_> = Target {
        kind: Kind::Tool,
        name: "evaluate",
        read_only: false,
        destructive: true,
        scopes: &[],
        upstream: None,
        tenants: Tenants::ALL,
        operations: None,
    };

    fn who(subject: &str, tenant: &str, client: &str) -> Caller {
        let principal = Principal::for_test("okta", subject);
        Caller::Principal(Rc::new(principal.of_tenant(tenant).through(client)))
    }

    fn key_of(rate: &RateLimit, caller: &Caller) -> String {
        key(rate, TOOL, caller, None).unwrap()
    }

    #[test]
    fn a_principal_is_the_same_with_another_client() {
        let rate = RateLimit {
            per: &[RateLimitKey::Principal],
            ..RateLimit::DEFAULT
        };
        let alice = key_of(&rate, &who("alice", "a", "one"));
        assert_eq!(alice, key_of(&rate, &who("alice", "a", "two")));
        assert_ne!(alice, key_of(&rate, &who("bob", "a", "one")));
        assert_ne!(alice, key_of(&rate, &who("alice", "b", "one")));
        assert_ne!(alice, key_of(&rate, &Caller::Anonymous));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let rate = RateLimit {
            per: &[RateLimitKey::Tenant, RateLimitKey::Client],
            ..RateLimit::DEFAULT
        };
        assert_ne!(
            key_of(&rate, &who("x", "ab", "c")),
            key_of(&rate, &who("x", "a", "bc"))
        );
    }

    #[test]
    fn addresses_part_those_who_prove_nothing() {
        let rate = RateLimit {
            per: &[RateLimitKey::Address],
            ..RateLimit::DEFAULT
        };
        let from = |address: &str| key(&rate, TOOL, &Caller::Anonymous, address.parse().ok());
        assert_ne!(from("192.0.2.1"), from("192.0.2.2"));
        assert_eq!(from("192.0.2.1"), from("192.0.2.1"));
        assert_eq!(from("2001:db8::1"), from("2001:db8::2"));
        assert_ne!(from("2001:db8::1"), from("2001:db8:0:1::1"));
    }

    #[test]
    fn a_rate_holds_for_what_it_names() {
        let rate = RateLimit {
            tools: &["eval*"],
            ..RateLimit::DEFAULT
        };
        assert!(key(&rate, TOOL, &Caller::Anonymous, None).is_some());
        let prompt = Target::prompt("evaluate");
        assert_eq!(key(&rate, prompt, &Caller::Anonymous, None), None);
        assert!(key(&RateLimit::DEFAULT, prompt, &Caller::Anonymous, None).is_some());
    }

    #[test]
    fn each_upstream_is_counted_separately() {
        let rate = RateLimit {
            per: &[RateLimitKey::Upstream],
            ..RateLimit::DEFAULT
        };
        let of = |name, upstream| {
            let target = Target {
                name,
                upstream,
                ..TOOL
            };
            key(&rate, target, &Caller::Anonymous, None)
        };
        assert_eq!(of("list", Some("orders")), of("find", Some("orders")));
        assert_ne!(of("list", Some("orders")), of("list", Some("stock")));
        assert_ne!(of("list", Some("orders")), of("list", None));
        // What has no upstream is counted together.
        assert_eq!(of("list", None), of("find", None));
        let prompt = Target::prompt("explain");
        assert_eq!(
            of("list", None),
            key(&rate, prompt, &Caller::Anonymous, None)
        );
    }

    #[test]
    fn a_rate_applies_to_the_tenants_that_it_names() {
        let rate = RateLimit {
            tenants: &["acme*"],
            ..RateLimit::DEFAULT
        };
        let applies = |caller: &Caller| key(&rate, TOOL, caller, None).is_some();
        assert!(applies(&who("ada", "acme-eu", "console")));
        assert!(!applies(&who("ada", "globex", "console")));
        assert!(!applies(&Caller::Anonymous));
    }

    #[test]
    fn what_a_tenant_has_of_its_own_is_another_upstream() {
        let rate = RateLimit {
            per: &[RateLimitKey::Upstream],
            ..RateLimit::DEFAULT
        };
        let of = |tenant: &str| {
            let target = Target {
                upstream: Some("orders"),
                tenants: Tenants::new(&["acme", "globex"], true),
                ..TOOL
            };
            key(&rate, target, &who("ada", tenant, "console"), None)
        };
        assert_ne!(of("acme"), of("globex"));
        assert_ne!(of("acme"), of("initech"));
        assert_eq!(of("initech"), of("umbrella"));
    }

    #[test]
    fn a_rate_applies_to_the_upstreams_that_it_names() {
        let rate = RateLimit {
            tools: &["eval*", "list"],
            upstreams: &["orders*"],
            ..RateLimit::DEFAULT
        };
        let applies = |name, upstream| {
            let target = Target {
                name,
                upstream,
                ..TOOL
            };
            key(&rate, target, &Caller::Anonymous, None).is_some()
        };
        assert!(applies("list", Some("orders")));
        assert!(applies("list", Some("orders-eu")));
        assert!(!applies("list", Some("stock")));
        assert!(!applies("list", None));
        assert!(!applies("find", Some("orders")));
        let prompts = RateLimit { tools: &[], ..rate };
        assert_eq!(
            key(&prompts, Target::prompt("x"), &Caller::Anonymous, None),
            None
        );
    }
}
