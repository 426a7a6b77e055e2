//! One rule.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mcp_edge_glob::fits;
use mcp_edge_schema::{LimitExceeded, Schema};
use serde_json::Value;

use super::{Arguments, Kind, Target};
use crate::auth::{Caller, Principal};
use crate::config::{Effect, OwnedRule, Words};
use crate::start::StartError;

/// A rule with its condition on arguments compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    rule: OwnedRule,
    arguments: Option<Schema>,
}

/// Whether a rule is the one that decides.
pub(super) enum Fit {
    Yes,
    No,
    /// It would be, and would allow, if the caller had all of these scopes.
    Lacks(BTreeSet<String>),
    /// Its condition on arguments takes more work than a decision may do, so that it is not known.
    Stopped,
}

impl Compiled {
    pub(super) fn new(rule: OwnedRule) -> Result<Self, StartError> {
        let unusable = |why: String| StartError::Setting {
            key: format!("policy `{}`", rule.name),
            why: format!("its arguments are not a usable JSON Schema: {why}"),
        };
        let arguments = rule
            .arguments
            .as_deref()
            .map(|text| {
                let schema: Value =
                    serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
                Schema::compile(&schema).map_err(|error| unusable(error.to_string()))
            })
            .transpose()?;
        Ok(Self { rule, arguments })
    }

    pub(super) fn name(&self) -> Cow<'static, str> {
        self.rule.name.clone()
    }

    pub(super) fn effect(&self) -> Effect {
        self.rule.effect
    }

    pub(super) fn admits_anonymous(&self) -> bool {
        self.rule.effect == Effect::Allow && self.rule.anonymous
    }

    pub(super) fn asked_scopes(&self) -> Vec<String> {
        match self.rule.effect {
            Effect::Allow if self.rule.step_up => self.rule.scopes.to_vec(),
            _ => Vec::new(),
        }
    }

    pub(super) fn allows_by_name(&self, target: Target<'_>) -> bool {
        self.rule.effect == Effect::Allow && self.names(target)
    }

    /// The arguments are evaluated last, and for callers whom the rule is about only: another caller's rule costs a call
    /// no work, and cannot stop it.
    pub(super) fn fit(&self, caller: &Caller, target: Target<'_>, arguments: Arguments<'_>) -> Fit {
        if !self.names(target) {
            return Fit::No;
        }
        match self.fit_caller(caller, target) {
            Fit::No => Fit::No,
            fit => match self.fits_arguments(arguments) {
                Ok(true) => fit,
                Ok(false) => Fit::No,
                Err(_) => Fit::Stopped,
            },
        }
    }

    fn fit_caller(&self, caller: &Caller, target: Target<'_>) -> Fit {
        match caller {
            Caller::Principal(principal) if !self.fits_principal(principal) => Fit::No,
            Caller::Principal(principal) => self.fit_scopes(
                principal.scopes(),
                principal.unknown_claims().scopes,
                target,
            ),
            Caller::Anonymous if !self.fits_anybody() => Fit::No,
            // A rule that allows has to say that it means callers without proof.
            Caller::Anonymous if self.rule.effect == Effect::Allow && !self.rule.anonymous => {
                Fit::No
            }
            Caller::Anonymous => self.fit_scopes(&BTreeSet::new(), false, target),
        }
    }

    fn names(&self, target: Target<'_>) -> bool {
        let rule = &self.rule;
        let covers_all =
            rule.tools.is_empty() && rule.prompts.is_empty() && rule.resources.is_empty();
        let named = match target.kind {
            Kind::Tool => &rule.tools,
            Kind::Prompt => &rule.prompts,
            Kind::Resource => &rule.resources,
        };
        let is_named = if covers_all {
            rule.effect == Effect::Deny
        } else {
            named.any(|name| target.kind.fits(name, target.name))
        };
        is_named
            && rule
                .read_only
                .is_none_or(|wanted| wanted == target.read_only)
            && rule
                .destructive
                .is_none_or(|wanted| wanted == target.destructive)
    }

    fn fits_arguments(&self, arguments: Arguments<'_>) -> Result<bool, LimitExceeded> {
        match (&self.arguments, arguments) {
            (None, _) => Ok(true),
            (Some(_), Arguments::Any) => Ok(self.rule.effect == Effect::Allow),
            (Some(_), Arguments::Unknown) => Ok(self.rule.effect == Effect::Deny),
            (Some(schema), Arguments::Given(arguments)) => schema.fits(arguments),
        }
    }

    /// A condition on what the token does not tell counts as met in a rule that denies, and as not met in one that allows.
    fn fits_principal(&self, principal: &Principal) -> bool {
        let rule = &self.rule;
        let unknown = principal.unknown_claims();
        let holds = |wanted: &Words, is_unknown: bool, holds: bool| {
            wanted.is_empty()
                || if is_unknown {
                    rule.effect == Effect::Deny
                } else {
                    holds
                }
        };
        let has = |wanted: &Words, is_unknown: bool, held: &[String]| {
            let found = held.iter().any(|one| fits_any(wanted, one));
            holds(wanted, is_unknown, found)
        };
        let is = |wanted: &Words, text: Option<&str>| {
            wanted.is_empty() || text.is_some_and(|text| fits_any(wanted, text))
        };
        let client = is(&rule.clients, principal.client());
        is(&rule.issuers, Some(principal.issuer_name()))
            && is(&rule.tenants, principal.tenant())
            && is(&rule.subjects, Some(principal.subject()))
            && holds(&rule.clients, unknown.client, client)
            && has(&rule.roles, unknown.roles, principal.roles())
            && has(&rule.groups, unknown.groups, principal.groups())
    }

    /// Whether nothing is asked of who the caller is.
    fn fits_anybody(&self) -> bool {
        let rule = &self.rule;
        [
            &rule.issuers,
            &rule.tenants,
            &rule.subjects,
            &rule.clients,
            &rule.roles,
            &rule.groups,
        ]
        .iter()
        .all(|condition| condition.is_empty())
    }

    /// `unknown`: the caller may have scopes that are not in `held`.
    fn fit_scopes(&self, held: &BTreeSet<String>, unknown: bool, target: Target<'_>) -> Fit {
        let rule = &self.rule;
        let has_all = || rule.scopes.all(|scope| held.contains(scope));
        if rule.effect == Effect::Deny {
            return if unknown || has_all() {
                Fit::Yes
            } else {
                Fit::No
            };
        }
        if has_all() && target.scopes.iter().all(|scope| held.contains(scope)) {
            return Fit::Yes;
        }
        if !rule.step_up {
            return Fit::No;
        }
        let own = target.scopes.iter().cloned();
        Fit::Lacks(self.asked_scopes().into_iter().chain(own).collect())
    }
}

/// Whether one of `patterns` fits `text`.
fn fits_any(patterns: &Words, text: &str) -> bool {
    patterns.any(|pattern| fits(pattern, text))
}
