//! From what `mcp.toml` says of an issuer to what holds in this instance.

use super::TrustedIssuer;
use super::jwks_source::KeySource;
use crate::config::{Auth, Issuer, JwksSource, TenantSource, TextSetting};
use crate::host::Host;
use crate::location::Location;
use crate::start::{SIGN_IN_VARIABLE, StartError};
use crate::url::{allows_redirect, is_loopback_url, is_secure_url};

const TENANT: &str = "{tenant}";

/// An issuer whose texts are all known, and where its keys come from.
pub(super) async fn resolve(
    config: &'static Issuer,
    settings: &'static Auth,
    location: &Location,
    host: &dyn Host,
) -> Result<(TrustedIssuer, KeySource), StartError> {
    let place = Place { config, host };
    if config.development && !location.is_loopback() {
        return Err(place.mistake("preset", "a development issuer serves only where server.url is an address of this machine, as http://127.0.0.1:8787/mcp; name the company's issuer instead"));
    }
    let url = place.text("issuer", config.url).await?;
    if !is_secure_url(&url) {
        return Err(place.mistake(
            "issuer",
            "it must be a URL that begins with https:// (or, on this machine, http://)",
        ));
    }
    // The URL may come from a variable, which the check of the file does not see.
    let names_tenants =
        matches!(config.tenant, TenantSource::Claim(_)) && !config.tenants.is_empty();
    if url.contains(TENANT) && !names_tenants {
        return Err(place.mistake(
            "issuer",
            "it holds {tenant}, so the issuer needs `tenant`, the claim that names it, and `tenants`, the list of those that are accepted",
        ));
    }
    let mut audiences = Vec::new();
    for audience in config.audiences {
        audiences.push(place.text("audiences", *audience).await?);
    }
    if audiences.is_empty() {
        let own = location.url().ok_or_else(|| {
            place.mistake(
                "audiences",
                "without server.url it must say what tokens name as their audience",
            )
        })?;
        audiences.push(own.to_owned());
    }
    let keys = place.keys(settings, &url).await?;
    let trusted = TrustedIssuer {
        config,
        url,
        audiences,
    };
    Ok((trusted, keys))
}

/// Where in the configuration we are.
struct Place<'a> {
    config: &'static Issuer,
    host: &'a dyn Host,
}

impl Place<'_> {
    async fn keys(&self, settings: &'static Auth, issuer: &str) -> Result<KeySource, StartError> {
        match self.config.jwks {
            JwksSource::Discovery if issuer.contains(TENANT) => Err(self.mistake(
                "keys",
                "an issuer for many tenants has no one place to discover keys at; write jwks = { url = \"…\" }",
            )),
            JwksSource::Discovery => Ok(KeySource::discovered(settings)),
            JwksSource::Url(url) => {
                let url = self.text("jwks.url", url).await?;
                if !allows_redirect(issuer, &url) {
                    return Err(self.mistake("jwks.url", "it must begin with https:// and name no address of this machine or of a private network, unless the issuer is there itself"));
                }
                Ok(KeySource::at(settings, url))
            }
            JwksSource::Set(set) => {
                let set = self.text("jwks.set", set).await?;
                KeySource::fixed(settings, &set)
                    .map_err(|error| self.mistake("jwks.set", &error.to_string()))
            }
        }
    }

    async fn text(&self, member: &str, value: TextSetting) -> Result<String, StartError> {
        value.resolve(&self.key(member), self.host).await
    }

    fn mistake(&self, member: &str, why: &str) -> StartError {
        StartError::Setting {
            key: self.key(member),
            why: why.to_owned(),
        }
    }

    fn key(&self, member: &str) -> String {
        format!("issuers.{}.{member}", self.config.name)
    }
}

/// The URLs by which a client knows the issuer as one to sign in at; none where it could not.
pub(super) async fn sign_in_urls(
    trusted: &TrustedIssuer,
    host: &dyn Host,
) -> Result<Vec<String>, StartError> {
    let config = trusted.config;
    if config.header.is_some() {
        return Ok(Vec::new());
    }
    if config.development {
        let url = host.variable(SIGN_IN_VARIABLE).await?;
        let url = url.filter(|url| !url.is_empty());
        return match url {
            Some(url) if !is_loopback_url(&url) => Err(Place { config, host }.mistake(
                "preset",
                &format!("the variable {SIGN_IN_VARIABLE} must be a URL of this machine, as `mcp-edge dev` sets it, got {url:?}"),
            )),
            url => Ok(url.into_iter().collect()),
        };
    }
    if !trusted.url.contains(TENANT) {
        return Ok(vec![trusted.url.clone()]);
    }
    let tenants = config.tenants.iter().filter(|tenant| **tenant != "*");
    let urls = tenants.map(|tenant| trusted.url.replace(TENANT, tenant));
    Ok(urls.collect())
}
