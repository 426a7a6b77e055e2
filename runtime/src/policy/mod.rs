//! Who may do what.
//!
//! Lists, calls, completions and discovery all ask here, so that what a caller sees and what it may call
//! cannot differ.

mod access;
pub(crate) mod rate;
mod rule;
mod target;
#[cfg(test)]
mod tests;

pub use access::AccessMode;
pub use target::{Kind, Operations, Target, Tenants};

use std::borrow::Cow;
use std::collections::BTreeSet;

use mcp_edge_glob::fits;
use serde_json::Value;

use self::rule::{Compiled, Fit};
use crate::auth::Caller;
use crate::config::{Effect, LivePolicy, OwnedRule, Settings, SwitchedOff, Words};
use crate::start::StartError;

/// The rules of one environment, ready to decide.
#[derive(Debug)]
pub struct Policy {
    rules: Vec<Compiled>,
    has_issuers: bool,
    is_open: bool,
    quarantine: BTreeSet<String>,
    disabled: SwitchedOff,
}

/// What a caller may do with something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It may.
    Allow {
        /// The rule that says so; `None` where there are neither rules nor issuers, and everybody may do
        /// everything.
        rule: Option<Cow<'static, str>>,
    },
    /// It may once it has these scopes, of which it lacks some.
    StepUp {
        /// The rule that would allow it.
        rule: Cow<'static, str>,
        /// Everything the operation needs.
        scopes: BTreeSet<String>,
    },
    /// It has proven nothing. Whether proof would help is not said.
    Authenticate,
    /// It may not.
    Deny {
        /// The rule that denies, or whose condition cannot be evaluated; `None` where no rule fits.
        rule: Option<Cow<'static, str>>,
    },
}

impl Decision {
    /// Whether the caller may know of it: because it may use it, or could with more scopes.
    pub fn shows(&self) -> bool {
        matches!(self, Self::Allow { .. } | Self::StepUp { .. })
    }

    /// The rule that decided.
    pub fn rule(&self) -> Option<&str> {
        self.rule_name().map(AsRef::as_ref)
    }

    pub(crate) fn rule_name(&self) -> Option<&Cow<'static, str>> {
        match self {
            Self::Allow { rule } | Self::Deny { rule } => rule.as_ref(),
            Self::StepUp { rule, .. } => Some(rule),
            Self::Authenticate => None,
        }
    }

    /// The word for it in the audit event.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Allow { .. } => "allow",
            Self::StepUp { .. } => "step_up",
            Self::Authenticate => "authenticate",
            Self::Deny { .. } => "deny",
        }
    }
}

/// The arguments that a decision is about.
#[derive(Debug, Clone, Copy)]
pub enum Arguments<'a> {
    /// Those with which the caller gets furthest: the question of a list. A condition on arguments counts as met in a
    /// rule that allows, and as not met in one that denies.
    Any,
    /// Arguments that the caller has not given yet: the question of a completion. A condition on them counts as not
    /// met in a rule that allows, and as met in one that denies.
    Unknown,
    /// The arguments of a call.
    Given(&'a Value),
}

impl Policy {
    /// The policy of `settings`. Without an issuer and without a rule, everybody may do everything; with
    /// either, no caller may do what no rule allows.
    pub fn new(settings: &Settings) -> Result<Self, StartError> {
        Self::of(settings.policy.iter().map(OwnedRule::from), settings)
    }

    /// The live policy of a server with these settings.
    pub(crate) fn live(live: &LivePolicy, settings: &Settings) -> Result<Self, StartError> {
        Ok(Self {
            disabled: live.disabled.clone(),
            ..Self::of(live.rules.iter().cloned(), settings)?
        })
    }

    fn of(rules: impl Iterator<Item = OwnedRule>, settings: &Settings) -> Result<Self, StartError> {
        Ok(Self {
            rules: rules.map(Compiled::new).collect::<Result<_, _>>()?,
            has_issuers: !settings.issuers.is_empty(),
            is_open: settings.is_open(),
            quarantine: BTreeSet::new(),
            disabled: settings.disabled.into(),
        })
    }

    /// Keeps these tools from everybody, whatever the rules say.
    #[must_use]
    pub fn quarantine(mut self, tools: BTreeSet<String>) -> Self {
        self.quarantine = tools;
        self
    }

    /// Whether no caller may use `target`, whatever the rules say.
    fn is_in_quarantine(&self, target: Target<'_>) -> bool {
        let is_off = |patterns: &Words, name| patterns.any(|pattern| fits(pattern, name));
        let is_tool_off =
            || self.quarantine.contains(target.name) || is_off(&self.disabled.tools, target.name);
        let is_upstream_off = |upstream| is_off(&self.disabled.upstreams, upstream);
        (target.kind == Kind::Tool && is_tool_off()) || target.upstream.is_some_and(is_upstream_off)
    }

    fn is_switched_off(&self, caller: &Caller) -> bool {
        let tenant = caller.tenant();
        tenant.is_some_and(|tenant| self.disabled.tenants.any(|pattern| fits(pattern, tenant)))
    }

    /// Whether everybody may do everything that is not in quarantine.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether there is anything that a caller without proof may do.
    pub fn admits_anonymous(&self) -> bool {
        !self.has_issuers || self.rules.iter().any(Compiled::admits_anonymous)
    }

    /// Whether `target` is approved, and an allow rule names it. Anything else is in quarantine: no caller sees it.
    pub fn names(&self, target: Target<'_>) -> bool {
        if let Some(operations) = target.operations {
            return operations.any(&mut |operation| self.names(operation));
        }
        !self.is_in_quarantine(target)
            && (self.is_open() || self.rules.iter().any(|rule| rule.allows_by_name(target)))
    }

    /// Decides. Denies where a condition cannot be evaluated, whatever the effect of its rule is.
    pub fn decide(
        &self,
        caller: &Caller,
        target: Target<'_>,
        arguments: Arguments<'_>,
    ) -> Decision {
        if let Some(operations) = target.operations {
            return self.decide_for_any(caller, operations);
        }
        if self.is_in_quarantine(target)
            || self.is_switched_off(caller)
            || !target.tenants.include(caller.tenant())
        {
            return self.keep_from(caller);
        }
        if self.is_open() {
            return Decision::Allow { rule: None };
        }
        let mut step_up = None;
        let mut denied = None;
        for rule in &self.rules {
            match (rule.fit(caller, target, arguments), rule.effect()) {
                (Fit::No, _) => {}
                (Fit::Yes, Effect::Allow) => {
                    return Decision::Allow {
                        rule: Some(rule.name()),
                    };
                }
                (Fit::Yes, Effect::Deny) | (Fit::Stopped, _) => {
                    denied = Some(rule.name());
                    break;
                }
                (Fit::Lacks(scopes), _) => {
                    step_up.get_or_insert(Decision::StepUp {
                        rule: rule.name(),
                        scopes,
                    });
                }
            }
        }
        match (step_up, caller) {
            (_, Caller::Anonymous) if self.has_issuers => Decision::Authenticate,
            (Some(step_up), _) => step_up,
            (None, _) => Decision::Deny { rule: denied },
        }
    }

    /// Decides about what stands for others: as about the first of them that `caller` may use, or else of which it may know.
    fn decide_for_any(&self, caller: &Caller, operations: &dyn Operations) -> Decision {
        let mut best = self.keep_from(caller);
        operations.any(&mut |operation| {
            let decision = self.decide(caller, operation, Arguments::Any);
            let is_allowed = matches!(decision, Decision::Allow { .. });
            if is_allowed || (decision.shows() && !best.shows()) {
                best = decision;
            }
            is_allowed
        });
        best
    }

    /// The decision about what no rule allows any caller.
    fn keep_from(&self, caller: &Caller) -> Decision {
        match caller {
            Caller::Anonymous if self.has_issuers => Decision::Authenticate,
            _ => Decision::Deny { rule: None },
        }
    }

    /// Whether `caller` may know of `target`.
    pub fn shows(&self, caller: &Caller, target: Target<'_>) -> bool {
        self.decide(caller, target, Arguments::Any).shows()
    }

    /// Every scope that an allow rule asks for.
    pub fn scopes(&self) -> BTreeSet<String> {
        self.rules.iter().flat_map(Compiled::asked_scopes).collect()
    }
}
