//! What a decision is about.

use mcp_edge_glob::fits;

use crate::uri;

/// Something that a server offers, as rules see it.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// What it is.
    pub kind: Kind,
    /// A tool's or a prompt's name, a resource's URI or a resource template's text as they are listed, in their normal form.
    pub name: &'a str,
    /// Whether it changes nothing. Prompts and resources do not.
    pub read_only: bool,
    /// Whether it may destroy something.
    pub destructive: bool,
    /// The scopes that it asks for itself, whatever rule lets the caller in.
    pub scopes: &'a [String],
    /// The name of the upstream that a call of it is sent to, if any.
    pub upstream: Option<&'a str>,
    /// The tenants for whose callers it exists.
    pub tenants: Tenants<'a>,
    /// What it stands for, if it is a tool that finds and calls others: a caller may do with it what it may do with any of these.
    pub operations: Option<&'a dyn Operations>,
}

/// The tenants for whose callers something exists. For all others it does not, whatever rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenants<'a> {
    /// In ascending order.
    named: &'a [&'a str],
    others: bool,
}

impl<'a> Tenants<'a> {
    /// Every caller, with or without a tenant.
    pub const ALL: Self = Self {
        named: &[],
        others: true,
    };

    /// The tenants `named`, in ascending order, and, if `others`, every other caller as well.
    pub const fn new(named: &'a [&'a str], others: bool) -> Self {
        Self { named, others }
    }

    /// The one of them that a caller of `tenant` belongs to.
    pub fn named(self, tenant: Option<&str>) -> Option<&'a str> {
        let tenant = tenant?;
        let place = self.named.binary_search(&tenant).ok()?;
        self.named.get(place).copied()
    }

    /// Whether it exists for a caller of `tenant`, or for one without a tenant.
    pub fn include(self, tenant: Option<&str>) -> bool {
        self.others || self.named(tenant).is_some()
    }
}

/// What a target stands for.
pub trait Operations {
    /// Whether there is one for which `is_one` is true. Asks about one after another, and stops there.
    fn any(&self, is_one: &mut dyn FnMut(Target<'_>) -> bool) -> bool;
}

/// What kinds of things a server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A tool.
    Tool,
    /// A prompt.
    Prompt,
    /// A resource or a resource template.
    Resource,
}

impl Kind {
    /// Whether a thing of this kind has a `name` that fits `pattern`, in which each `*` stands for any text. Resources are
    /// the same however their characters are written (RFC 3986 §6.2.2).
    pub fn fits(self, pattern: &str, name: &str) -> bool {
        match self {
            Self::Resource => fits(&uri::normal_pattern(pattern), name),
            Self::Tool | Self::Prompt => fits(pattern, name),
        }
    }
}

impl<'a> Target<'a> {
    /// A prompt.
    pub fn prompt(name: &'a str) -> Self {
        Self::harmless(Kind::Prompt, name)
    }

    /// A resource by its URI, or a template by its text.
    pub fn resource(name: &'a str) -> Self {
        Self::harmless(Kind::Resource, name)
    }

    fn harmless(kind: Kind, name: &'a str) -> Self {
        Self {
            kind,
            name,
            read_only: true,
            destructive: false,
            scopes: &[],
            upstream: None,
            tenants: Tenants::ALL,
            operations: None,
        }
    }
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_a_resource_in_any_encoding() {
        let name = "docs://Stra%C3%9Fe/{id}";
        for pattern in [
            "docs://Straße/*",
            "docs://%53tra%c3%9fe/{id}",
            "docs://Stra%C3%9Fe/{id}",
            "docs://Stra*",
        ] {
            assert!(Kind::Resource.fits(pattern, name), "{pattern}");
        }
        for pattern in ["docs://Stra%C3%9Fe%2F*", "docs://straße/*", "docs://Straße"] {
            assert!(!Kind::Resource.fits(pattern, name), "{pattern}");
        }
        // Names of tools are no URIs.
        assert!(!Kind::Tool.fits("%61", "a"));
    }
}
