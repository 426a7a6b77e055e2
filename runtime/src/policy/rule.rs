//! One rule.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pattern;
use super::{Kind, PolicyError, Target};
use crate::auth::{Caller, Principal};
use crate::config::{Effect, Rule};
use crate::schema::Schema;

/// A rule with its condition on arguments compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    rule: &'static Rule,
    arguments: Option<Schema>,
}

/// Whether a rule is the one that decides.
pub(super) enum Fit {
    Yes,
    No,
    /// It would be, and would allow, if the caller had all of these scopes.
    Lacks(BTreeSet<String>),
}

impl Compiled {
    pub(super) fn new(rule: &'static Rule) -> Result<Self, PolicyError> {
        let unusable = |why: String| PolicyError {
            rule: rule.name,
            why,
        };
        let arguments = rule
            .arguments
            .map(|text| {
                let schema: Value =
                    serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
                Schema::compile(&schema).map_err(|error| unusable(error.to_string()))
            })
            .transpose()?;
        Ok(Self { rule, arguments })
    }

    pub(super) fn name(&self) -> &'static str {
        self.rule.name
    }

    pub(super) fn effect(&self) -> Effect {
        self.rule.effect
    }

    pub(super) fn admits_anonymous(&self) -> bool {
        self.rule.effect == Effect::Allow && self.rule.anonymous
    }

    pub(super) fn asked_scopes(&self) -> impl Iterator<Item = String> {
        let asked = match self.rule.effect {
            Effect::Allow if self.rule.step_up => self.rule.scopes,
            _ => &[],
        };
        asked.iter().map(|scope| (*scope).to_owned())
    }

    pub(super) fn allows_by_name(&self, target: Target<'_>) -> bool {
        self.rule.effect == Effect::Allow && self.names(target)
    }

    pub(super) fn fit(
        &self,
        caller: &Caller,
        target: Target<'_>,
        arguments: Option<&Value>,
    ) -> Fit {
        if !self.names(target) || !self.fits_arguments(arguments) {
            return Fit::No;
        }
        match caller {
            Caller::Principal(principal) if !self.fits_principal(principal) => Fit::No,
            Caller::Principal(principal) => self.fit_scopes(principal.scopes(), target),
            Caller::Anonymous if !self.fits_anybody() => Fit::No,
            // A rule that allows has to say that it means callers without proof.
            Caller::Anonymous if self.rule.effect == Effect::Allow && !self.rule.anonymous => {
                Fit::No
            }
            Caller::Anonymous => self.fit_scopes(&BTreeSet::new(), target),
        }
    }

    fn names(&self, target: Target<'_>) -> bool {
        let rule = self.rule;
        let covers_all =
            rule.tools.is_empty() && rule.prompts.is_empty() && rule.resources.is_empty();
        let named = match target.kind {
            Kind::Tool => rule.tools,
            Kind::Prompt => rule.prompts,
            Kind::Resource => rule.resources,
        };
        let is_named = if covers_all {
            rule.effect == Effect::Deny
        } else {
            named.iter().any(|name| target.kind.fits(name, target.name))
        };
        is_named
            && rule
                .read_only
                .is_none_or(|wanted| wanted == target.read_only)
            && rule
                .destructive
                .is_none_or(|wanted| wanted == target.destructive)
    }

    /// Where arguments are not known, a rule that allows counts as if they fitted, and one that denies as if
    /// they did not: what may be called somehow is shown.
    fn fits_arguments(&self, arguments: Option<&Value>) -> bool {
        match (&self.arguments, arguments) {
            (None, _) => true,
            (Some(_), None) => self.rule.effect == Effect::Allow,
            (Some(schema), Some(arguments)) => schema.validate(arguments).is_ok(),
        }
    }

    fn fits_principal(&self, principal: &Principal) -> bool {
        let rule = self.rule;
        let has = |wanted: &[&str], held: &[String]| {
            wanted.is_empty() || held.iter().any(|one| pattern::any(wanted, Some(one)))
        };
        pattern::any(rule.issuers, Some(principal.issuer_name()))
            && pattern::any(rule.tenants, principal.tenant())
            && pattern::any(rule.subjects, Some(principal.subject()))
            && pattern::any(rule.clients, principal.client())
            && has(rule.roles, principal.roles())
            && has(rule.groups, principal.groups())
    }

    /// Whether nothing is asked of who the caller is.
    fn fits_anybody(&self) -> bool {
        let rule = self.rule;
        [
            rule.issuers,
            rule.tenants,
            rule.subjects,
            rule.clients,
            rule.roles,
            rule.groups,
        ]
        .iter()
        .all(|condition| condition.is_empty())
    }

    fn fit_scopes(&self, held: &BTreeSet<String>, target: Target<'_>) -> Fit {
        let rule = self.rule;
        let has_all =
            |mut wanted: std::slice::Iter<'_, &str>| wanted.all(|scope| held.contains(*scope));
        if rule.effect == Effect::Deny {
            return if has_all(rule.scopes.iter()) {
                Fit::Yes
            } else {
                Fit::No
            };
        }
        if has_all(rule.scopes.iter()) && target.scopes.iter().all(|scope| held.contains(scope)) {
            return Fit::Yes;
        }
        if !rule.step_up {
            return Fit::No;
        }
        let own = target.scopes.iter().cloned();
        Fit::Lacks(self.asked_scopes().chain(own).collect())
    }
}
