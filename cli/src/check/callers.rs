//! Callers to ask the policy about.
//!
//! There is no way to a principal but a verified token, and so each of these has one: of an issuer that exists only for
//! the question, under the name of the one that is meant.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::SystemTime;

use futures_executor::block_on;
use mcp_edge_runtime::auth::{Caller, KeySet, Source, TrustedIssuer, Unverified};
use mcp_edge_runtime::config::Algorithm;
use mcp_edge_runtime::config::{Issuer, JwksSource, Settings, TenantSource, TextSetting};

use crate::development::{self, Grant, ISSUER};
use crate::local_host::LocalHost;
use crate::output::Failure;

/// What the tokens of these callers are for.
const AUDIENCE: &str = "mcp-edge check";

/// A caller with the words that it is shown with.
pub(crate) struct CallerQuery {
    pub(crate) title: String,
    pub(crate) caller: Caller,
}

/// What one `--as` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Description {
    issuer: Option<String>,
    subject: Option<String>,
    client: Option<String>,
    tenant: Option<String>,
    scopes: Vec<String>,
    roles: Vec<String>,
    groups: Vec<String>,
    unknown: Vec<&'static str>,
}

/// What `unknown=` names, with the claim of the tokens here that a reference can replace.
const REPLACEABLE: [(&str, &str); 4] = [
    ("client", "client_id"),
    ("scopes", "scope"),
    ("roles", "roles"),
    ("groups", "groups"),
];

/// The maximum number of tenants of an issuer that are asked about without being named: each is a column of a table.
const MAX_TENANTS: usize = 6;

/// The callers of the command line; where it has none, an anonymous caller and a caller of each issuer without any scope. Where
/// upstreams differ between tenants, there is a caller for each of those that an issuer may name.
pub(super) fn callers(asked: &[String], settings: &Settings) -> Result<Vec<CallerQuery>, Failure> {
    if !asked.is_empty() {
        return asked.iter().map(|text| caller(text, settings)).collect();
    }
    let anonymous = std::iter::once(Ok(anonymous()));
    let of_issuers = settings.issuers.iter().flat_map(|issuer| {
        let whole = format!("iss={}", issuer.name);
        let tenants = tenants(issuer, settings);
        let of_tenants = tenants.iter().map(|tenant| {
            let tenant = shlex::try_quote(tenant).unwrap_or_default();
            format!("{whole} tenant={tenant}")
        });
        match tenants.as_slice() {
            [] => vec![whole],
            _ => of_tenants.collect(),
        }
    });
    let of_issuers = of_issuers.map(|text| caller(&text, settings));
    anonymous.chain(of_issuers).collect()
}

/// The tenants between which upstreams differ, as far as `issuer` may name them.
fn tenants(issuer: &Issuer, settings: &Settings) -> Vec<&'static str> {
    let upstreams = settings.upstreams.iter();
    let overlays = upstreams.flat_map(|upstream| upstream.tenants);
    let named: BTreeSet<_> = overlays.filter_map(|overlay| overlay.tenant).collect();
    let may_name = |tenant: &&str| match issuer.tenant {
        TenantSource::None => false,
        TenantSource::Fixed(fixed) => fixed == *tenant,
        TenantSource::Claim(_) => {
            let mut accepted = issuer.tenants.iter();
            issuer.tenants.is_empty() || accepted.any(|one| one == tenant || *one == "*")
        }
    };
    named
        .into_iter()
        .filter(may_name)
        .take(MAX_TENANTS)
        .collect()
}

pub(crate) fn anonymous() -> CallerQuery {
    CallerQuery {
        title: ANONYMOUS.to_owned(),
        caller: Caller::Anonymous,
    }
}

const ANONYMOUS: &str = "anonymous";

/// The caller that `--as` describes so.
pub(crate) fn caller(text: &str, settings: &Settings) -> Result<CallerQuery, Failure> {
    if text.trim() == ANONYMOUS {
        return Ok(anonymous());
    }
    let described =
        Description::parse(text).map_err(|why| Failure::usage(format!("--as '{text}': {why}")))?;
    let issuer = issuer_of(&described, settings)
        .map_err(|why| Failure::usage(format!("--as '{text}': {why}")))?;
    let caller = described
        .verified(issuer.name, settings)
        .map_err(|why| Failure::usage(format!("--as '{text}': {why}")))?;
    Ok(CallerQuery {
        title: text.trim().to_owned(),
        caller,
    })
}

/// The issuer that is meant, by its name or by its URL; the only one need not be named.
fn issuer_of(described: &Description, settings: &Settings) -> Result<&'static Issuer, String> {
    let issuers = settings.issuers;
    let names = || {
        issuers
            .iter()
            .map(|issuer| issuer.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (&described.issuer, issuers) {
        (_, []) => Err(
            "mcp.toml has no issuer, so every caller is anonymous; ask about `anonymous`"
                .to_owned(),
        ),
        (None, [only]) => Ok(only),
        (None, _) => Err(format!(
            "say which issuer is meant, as iss=NAME; there are: {}",
            names()
        )),
        (Some(named), _) => issuers
            .iter()
            .find(|issuer| {
                issuer.name == named
                    || matches!(issuer.url, TextSetting::Literal(url) if url == named)
            })
            .ok_or_else(|| format!("there is no issuer `{named}`; there are: {}", names())),
    }
}

impl Description {
    /// Reads `iss=okta sub=alice scope="a b"`, quoted as in a shell.
    fn parse(text: &str) -> Result<Self, String> {
        let words = shlex::split(text).ok_or("a quote is not closed")?;
        let mut described = Self::default();
        for word in words {
            let (name, value) = word
                .split_once('=')
                .ok_or_else(|| format!("`{word}` is not name=value, as sub=alice"))?;
            described.set(name, value)?;
        }
        Ok(described)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let one = match name {
            "iss" => &mut self.issuer,
            "sub" => &mut self.subject,
            "client" => &mut self.client,
            "tenant" => &mut self.tenant,
            "scope" => {
                self.scopes
                    .extend(value.split_whitespace().map(str::to_owned));
                return Ok(());
            }
            "role" => {
                self.roles.push(value.to_owned());
                return Ok(());
            }
            "group" => {
                self.groups.push(value.to_owned());
                return Ok(());
            }
            "unknown" => {
                let known = REPLACEABLE.iter().find(|(list, _)| *list == value);
                let (_, claim) = known.ok_or_else(|| {
                    format!(
                        "`unknown={value}` is not known; write unknown=client, scopes, roles or groups"
                    )
                })?;
                self.unknown.push(claim);
                return Ok(());
            }
            _ => {
                return Err(format!(
                    "`{name}` is not known; write iss, sub, client, tenant, scope, role, group or unknown"
                ));
            }
        };
        match one.replace(value.to_owned()) {
            None => Ok(()),
            Some(_) => Err(format!("`{name}` is said twice")),
        }
    }

    fn verified(self, issuer: &'static str, settings: &Settings) -> Result<Caller, String> {
        let config: &'static Issuer = Box::leak(Box::new(Issuer {
            name: issuer,
            algorithms: &[Algorithm::EDDSA],
            jwks: JwksSource::Discovery,
            tenant: match self.tenant {
                Some(_) => TenantSource::Claim("tenant"),
                None => TenantSource::None,
            },
            ..Issuer::DEFAULT
        }));
        let trusted = [TrustedIssuer {
            config,
            url: ISSUER.to_owned(),
            audiences: vec![AUDIENCE.to_owned()],
        }];
        let mut grant = Grant {
            scopes: self.scopes,
            roles: self.roles,
            groups: self.groups,
            replaced: self.unknown,
            ..Grant::to(AUDIENCE)
        };
        grant.subject = self.subject.unwrap_or(grant.subject);
        grant.tenant = self.tenant.unwrap_or(grant.tenant);
        grant.client = self.client.unwrap_or(grant.client);

        let issuer = development::Issuer::new().map_err(|error| error.to_string())?;
        let now = SystemTime::now();
        let token = issuer
            .issue(&grant, now)
            .map_err(|error| error.to_string())?;
        let keys = KeySet::parse(issuer.jwks().to_string().as_bytes())
            .map_err(|error| error.to_string())?;
        let now = crate::local_host::timestamp(now);
        let unverified =
            Unverified::read(&token, Source::Authorization, &trusted, &settings.auth, now)
                .map_err(|rejected| rejected.to_string())?;
        let host = LocalHost::new(settings.auth.jwks_timeout, Vec::new());
        let verified =
            block_on(unverified.verify(&keys, &host)).map_err(|error| error.to_string())?;
        Ok(Caller::Principal(Rc::new(verified.principal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings {
        issuers: &[
            Issuer {
                name: "okta",
                url: TextSetting::Literal("https://id.example.com"),
                ..Issuer::DEFAULT
            },
            Issuer {
                name: "entra",
                ..Issuer::DEFAULT
            },
        ],
        ..Settings::DEFAULT
    };

    fn refusal(text: &str) -> String {
        caller(text, &SETTINGS).err().unwrap().sentence
    }

    #[test]
    fn a_caller_has_the_stated_claims() {
        let text = r#"iss=okta sub=alice tenant=acme client=console scope="fraud:read fraud:simulate" role=analyst role=lead group=fraud"#;
        let asked = caller(text, &SETTINGS).ok().unwrap();
        let principal = asked.caller.principal().unwrap();
        assert_eq!(principal.issuer_name(), "okta");
        assert_eq!(principal.subject(), "alice");
        assert_eq!(principal.tenant(), Some("acme"));
        assert_eq!(principal.client(), Some("console"));
        let scopes: Vec<_> = principal.scopes().iter().collect();
        assert_eq!(scopes, ["fraud:read", "fraud:simulate"]);
        assert_eq!(principal.roles(), ["analyst", "lead"]);
        assert_eq!(principal.groups(), ["fraud"]);
    }

    #[test]
    fn an_issuer_can_be_meant_by_its_url() {
        let asked = caller("iss=https://id.example.com", &SETTINGS)
            .ok()
            .unwrap();
        assert_eq!(asked.caller.principal().unwrap().issuer_name(), "okta");
    }

    #[test]
    fn scopes_bring_those_that_they_include() {
        let mut settings = SETTINGS;
        settings.auth.implied_scopes = &[("admin", &["read", "write"])];
        let asked = caller("iss=okta scope=admin", &settings).ok().unwrap();
        let scopes: Vec<_> = asked
            .caller
            .principal()
            .unwrap()
            .scopes()
            .iter()
            .cloned()
            .collect();
        assert_eq!(scopes, ["admin", "read", "write"]);
    }

    #[test]
    fn without_a_description_every_kind_of_caller_is_listed() {
        let all = callers(&[], &SETTINGS).ok().unwrap();
        let titles: Vec<_> = all.iter().map(|asked| asked.title.as_str()).collect();
        assert_eq!(titles, ["anonymous", "iss=okta", "iss=entra"]);
    }

    #[test]
    fn each_mistake_has_its_sentence() {
        assert_eq!(
            refusal("sub=alice"),
            "--as 'sub=alice': say which issuer is meant, as iss=NAME; there are: okta, entra"
        );
        assert_eq!(
            refusal("iss=google"),
            "--as 'iss=google': there is no issuer `google`; there are: okta, entra"
        );
        assert_eq!(
            refusal("alice"),
            "--as 'alice': `alice` is not name=value, as sub=alice"
        );
        assert_eq!(
            refusal("iss=okta aud=x"),
            "--as 'iss=okta aud=x': `aud` is not known; write iss, sub, client, tenant, scope, role, group or unknown"
        );
        assert_eq!(
            refusal("iss=okta sub=a sub=b"),
            "--as 'iss=okta sub=a sub=b': `sub` is said twice"
        );
        assert_eq!(
            refusal("iss=okta sub='a"),
            "--as 'iss=okta sub='a': a quote is not closed"
        );
    }
}
