//! A caller whose token was verified.

use std::collections::BTreeSet;

use crate::host::Timestamp;

/// A caller whose token was verified. There is no other way to get one: `verify` alone makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The issuer's name in the configuration.
    pub(crate) issuer_name: &'static str,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) tenant: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) actors: Vec<Actor>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) unknown: UnknownClaims,
    /// When the token was issued, if it says so.
    pub(crate) issued: Option<Timestamp>,
    pub(crate) expires: Timestamp,
}

/// What a token replaces by a reference to another place (OpenID Connect Core 1.0, 5.6.2), so that this server does not
/// know it. A list that a token does not mention at all is empty, and not unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnknownClaims {
    /// The client.
    pub client: bool,
    /// The scopes.
    pub scopes: bool,
    /// The roles.
    pub roles: bool,
    /// The groups.
    pub groups: bool,
}

impl UnknownClaims {
    /// The names of what is unknown.
    pub fn names(&self) -> Vec<&'static str> {
        let all = [
            ("client", self.client),
            ("scopes", self.scopes),
            ("roles", self.roles),
            ("groups", self.groups),
        ];
        let unknown = all.into_iter().filter(|(_, is_unknown)| *is_unknown);
        unknown.map(|(name, _)| name).collect()
    }
}

/// A party that acts for the subject (RFC 8693, 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who it is, at its issuer.
    pub subject: String,
    /// The issuer, where the token names one.
    pub issuer: Option<String>,
}

#[cfg(test)]
impl Principal {
    /// A principal without scopes, roles and groups, whose token expires in the far future.
    pub(crate) fn for_test(issuer_name: &'static str, subject: &str) -> Self {
        Self {
            issuer_name,
            issuer: format!("https://{issuer_name}.example"),
            subject: subject.to_owned(),
            tenant: None,
            client: None,
            actors: Vec::new(),
            scopes: BTreeSet::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            unknown: UnknownClaims::default(),
            issued: None,
            expires: Timestamp::from_secs(4_000_000_000),
        }
    }

    pub(crate) fn of_tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.to_owned());
        self
    }

    pub(crate) fn through(mut self, client: &str) -> Self {
        self.client = Some(client.to_owned());
        self
    }

    pub(crate) fn granted(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    pub(crate) fn in_roles(mut self, roles: &[&str]) -> Self {
        self.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self
    }

    pub(crate) fn in_groups(mut self, groups: &[&str]) -> Self {
        self.groups = groups.iter().map(|group| (*group).to_owned()).collect();
        self
    }

    pub(crate) fn without_knowing(mut self, unknown: UnknownClaims) -> Self {
        self.unknown = unknown;
        self
    }
}

impl Principal {
    /// What the configuration calls the issuer: the `NAME` of `[issuers.NAME]`.
    pub fn issuer_name(&self) -> &'static str {
        self.issuer_name
    }

    /// The issuer (`iss`).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who it is, at that issuer and nowhere else.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The tenant, where the issuer has any.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The client that acts for the subject.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// Who acts, the one who acts now first, and before it those it acts for.
    pub fn actors(&self) -> &[Actor] {
        &self.actors
    }

    /// What was granted, with everything that `auth.implied_scopes` says is part of it.
    pub fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// The roles.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The groups.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// What the token replaces by a reference. A rule that denies by it denies, and one that allows by it does not allow.
    pub fn unknown_claims(&self) -> UnknownClaims {
        self.unknown
    }

    /// When the token ends (`exp`).
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
}
