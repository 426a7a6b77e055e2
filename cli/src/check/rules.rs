//! Which rules can decide at all, and what no caller may call.

use mcp_edge_runtime::StartError;
use mcp_edge_runtime::config::{Effect, Rule, Settings};
use mcp_edge_runtime::policy::{Policy, Target};
use mcp_edge_schema::Schema;
use serde_json::{Map, Value as Json};

use super::listed::{grouped, listed, named};
use super::manifest::{Manifest, word};
use super::pattern;

/// The rules of one environment, each also on its own.
pub(super) struct Rules {
    rules: Vec<Examined>,
}

struct Examined {
    rule: &'static Rule,
    /// Allows what the rule names, to everybody.
    names: Policy,
}

/// Everything that is there to be named.
const EVERYTHING: &[&str] = &["*"];

impl Rules {
    pub(super) fn new(settings: &Settings) -> Result<Self, StartError> {
        let rules = settings.policy.iter().map(Examined::new);
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
        })
    }

    /// Warnings.
    pub(super) fn warnings(&self, manifest: &Manifest) -> Vec<String> {
        let targets = manifest.targets();
        let idle = self.rules.iter().enumerate();
        let idle = idle.filter_map(|(place, examined)| {
            Some((self.idle(place, examined, &targets)?, examined.rule.name))
        });
        let idle = grouped(idle).into_iter();
        let closed = targets.iter().filter_map(|target| {
            let what = format!("{} `{}`", word(target.kind), target.name);
            Some((self.closed(*target)?, what))
        });
        let closed = grouped(closed).into_iter();
        let arguments = self.rules.iter().flat_map(|examined| {
            let unknown = examined.unknown_arguments(manifest);
            unknown
                .into_iter()
                .chain(examined.impossible_values(manifest))
        });
        idle.map(|(idle, rules)| idle.warning(&rules))
            .chain(closed.map(|(closed, targets)| closed.warning(&targets)))
            .chain(arguments)
            .collect()
    }

    /// Why a rule never decides, if it does not.
    fn idle(
        &self,
        place: usize,
        examined: &Examined,
        targets: &[Target<'_>],
    ) -> Option<NeverDecides> {
        let named: Vec<_> = targets
            .iter()
            .filter(|target| examined.names.names(**target))
            .collect();
        if named.is_empty() {
            return Some(NeverDecides::FitsNothing);
        }
        let mut before: Vec<&str> = Vec::new();
        for target in named {
            let earlier = self.decides_before(place, examined, *target)?;
            if !before.contains(&earlier) {
                before.push(earlier);
            }
        }
        Some(NeverDecides::Behind(before))
    }

    /// The earlier rule that leaves nothing of `target` to the rule at `place`.
    fn decides_before(
        &self,
        place: usize,
        examined: &Examined,
        target: Target<'_>,
    ) -> Option<&'static str> {
        let earlier = self.rules.iter().take(place);
        let mut covering = earlier.filter(|earlier| {
            earlier.names.names(target) && covers(earlier.rule, examined.rule, target)
        });
        covering.next().map(|earlier| earlier.rule.name)
    }

    /// Why no caller may have `target`, if none may.
    fn closed(&self, target: Target<'_>) -> Option<Unreachable> {
        if self.rules.is_empty() {
            return None;
        }
        let allowing: Vec<_> = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, examined)| {
                examined.rule.effect == Effect::Allow && examined.names.names(target)
            })
            .collect();
        if allowing.is_empty() {
            return Some(Unreachable::Unnamed);
        }
        let mut decided = allowing
            .iter()
            .map(|(place, examined)| self.decides_before(*place, examined, target));
        let denying = decided.clone().flatten().next()?;
        decided
            .all(|earlier| earlier.is_some())
            .then_some(Unreachable::Denied(denying))
    }
}

/// Why a rule never decides.
#[derive(Debug, PartialEq)]
enum NeverDecides {
    FitsNothing,
    /// These decide before it.
    Behind(Vec<&'static str>),
}

impl NeverDecides {
    /// The sentence about all `rules` that it holds for.
    fn warning(&self, rules: &[&str]) -> String {
        let policies = named(["policy", "policies"], rules);
        let one = rules.len() == 1;
        match self {
            Self::FitsNothing => {
                let fit = if one { "fits" } else { "fit" };
                format!("{policies} {fit} nothing that the server offers")
            }
            Self::Behind(before) => {
                let (decide, they, them) = match one {
                    true => ("decides", "it fits", "it"),
                    false => ("decide", "they fit", "them"),
                };
                let before = before.join("` or `");
                format!(
                    "{policies} never {decide}: whatever {they}, `{before}` decides before {them}"
                )
            }
        }
    }
}

/// Why no caller may use something.
#[derive(Debug, PartialEq)]
enum Unreachable {
    /// No rule allows it.
    Unnamed,
    /// This rule denies it before another one could allow it.
    Denied(&'static str),
}

impl Unreachable {
    /// The sentence about all `targets` that it holds for.
    fn warning(&self, targets: &[String]) -> String {
        let what = listed(targets);
        let (they_are, are, them) = match targets.len() {
            1 => ("it is", "is", "it"),
            _ => ("they are", "are", "them"),
        };
        match self {
            Self::Unnamed => format!(
                "{what} {are} in quarantine: no rule allows {them} to any caller, so no caller sees {them}; name {them} in a rule once \
                 {they_are} approved"
            ),
            Self::Denied(denying) => format!(
                "no caller may use {what}: `{denying}` decides before every rule that allows {them}"
            ),
        }
    }
}

impl Examined {
    fn new(rule: &'static Rule) -> Result<Self, StartError> {
        let covers_all = rule.effect == Effect::Deny
            && rule.tools.is_empty()
            && rule.prompts.is_empty()
            && rule.resources.is_empty();
        let everything = |named| if covers_all { EVERYTHING } else { named };
        let names = Rule {
            name: rule.name,
            tools: everything(rule.tools),
            prompts: everything(rule.prompts),
            resources: everything(rule.resources),
            read_only: rule.read_only,
            destructive: rule.destructive,
            ..Rule::DEFAULT
        };
        Ok(Self {
            rule,
            names: alone(names)?,
        })
    }

    /// Tools that the rule names and that do not have an argument which it asks for.
    fn unknown_arguments(&self, manifest: &Manifest) -> Vec<String> {
        let asked = self.asked();
        let tools = manifest.tools.iter();
        let named_tools = tools.filter(|tool| self.names.names(tool.target()));
        let lacking = named_tools.flat_map(|tool| {
            let names = asked.keys();
            names
                .filter(|argument| !tool.has_argument(argument))
                .map(|argument| (argument.as_str(), tool.name.as_str()))
        });
        let lacking = grouped(lacking).into_iter();
        lacking
            .map(|(argument, tools)| {
                let (do_, tool) = match tools.len() {
                    1 => ("does", "the tool"),
                    _ => ("do", "the tools"),
                };
                format!(
                    "policy `{}` asks for the argument `{argument}`, which {} {do_} not have; correct the name, or leave {tool} out of \
                     the rule",
                    self.rule.name,
                    named(["tool", "tools"], &tools)
                )
            })
            .collect()
    }

    /// Arguments that the rule compares with values that they never have, such as `7` where the tool takes `"7"`.
    fn impossible_values(&self, manifest: &Manifest) -> Vec<String> {
        let mut warnings = Vec::new();
        for (argument, schema) in self.asked() {
            let listed = match (schema.get("const"), schema.get("enum")) {
                (Some(value), _) => vec![value.clone()],
                (None, Some(Json::Array(values))) => values.clone(),
                _ => continue,
            };
            let tools = manifest.tools.iter();
            let named_tools = tools.filter(|tool| self.names.names(tool.target()));
            let never: Vec<&str> = named_tools
                .filter(|tool| {
                    let own = tool.argument(&argument);
                    let own = own.and_then(|schema| Schema::compile(schema).ok());
                    own.is_some_and(|own| {
                        listed
                            .iter()
                            .all(|value| matches!(own.fits(value), Ok(false)))
                    })
                })
                .map(|tool| tool.name.as_str())
                .collect();
            if never.is_empty() {
                continue;
            }
            let values: Vec<_> = listed.iter().map(Json::to_string).collect();
            let takes = match never.len() {
                1 => "takes",
                _ => "take",
            };
            warnings.push(format!(
                "policy `{}` compares the argument `{argument}` with {}, which {} never {takes}; write a value of the type that the \
                 schema has",
                self.rule.name,
                values.join(" or "),
                named(["tool", "tools"], &never)
            ));
        }
        warnings
    }

    /// The schema that the rule has for each argument.
    fn asked(&self) -> Map<String, Json> {
        let schema = self.rule.arguments.unwrap_or("{}");
        let mut schema: Json = serde_json::from_str(schema).unwrap_or_default();
        match schema.get_mut("properties").map(Json::take) {
            Some(Json::Object(properties)) => properties,
            _ => Map::new(),
        }
    }
}

/// A policy of one rule, in a place without issuers, so that it says no and nothing else to whom the rule does not fit.
fn alone(rule: Rule) -> Result<Policy, StartError> {
    let policy: &'static [Rule] = vec![rule].leak();
    Policy::new(&Settings {
        policy,
        ..Settings::DEFAULT
    })
}

/// Whether `earlier` decides about `target` for every caller and all arguments for which `later` would.
fn covers(earlier: &Rule, later: &Rule, target: Target<'_>) -> bool {
    let conditions = |rule: &Rule| {
        [
            rule.issuers,
            rule.tenants,
            rule.subjects,
            rule.clients,
            rule.roles,
            rule.groups,
        ]
    };
    let wider = conditions(earlier)
        .into_iter()
        .zip(conditions(later))
        .all(|(earlier, later)| pattern::covers(earlier, later));
    let fits_anonymous = |rule: &Rule| {
        rule.anonymous
            || (rule.effect == Effect::Deny && conditions(rule).iter().all(|list| list.is_empty()))
    };
    wider
        && covers_unknown(earlier, later)
        && covers_arguments(earlier, later)
        && (fits_anonymous(earlier) || !fits_anonymous(later))
        && covers_scopes(earlier, later, target)
}

/// Of a caller whose token does not tell what both rules ask for, a rule that denies decides and one that allows does not.
fn covers_unknown(earlier: &Rule, later: &Rule) -> bool {
    let asked = [
        earlier.clients,
        earlier.scopes,
        earlier.roles,
        earlier.groups,
    ];
    earlier.effect == Effect::Deny
        || later.effect == Effect::Allow
        || asked.iter().all(|condition| condition.is_empty())
}

/// A list asks about any arguments, and is then answered by what allows some of them; a completion asks about unknown
/// ones, and is then answered by what denies some of them.
fn covers_arguments(earlier: &Rule, later: &Rule) -> bool {
    let both_allow = earlier.effect == Effect::Allow && later.effect == Effect::Allow;
    earlier.arguments.is_none() || (both_allow && earlier.arguments == later.arguments)
}

fn covers_scopes(earlier: &Rule, later: &Rule, target: Target<'_>) -> bool {
    let fewer = earlier
        .scopes
        .iter()
        .all(|scope| later.scopes.contains(scope));
    match (earlier.effect, later.effect) {
        (Effect::Deny, _) => {
            fewer && (later.effect == Effect::Deny || earlier.scopes.is_empty() || !later.step_up)
        }
        // What the tool asks for itself keeps a rule that allows from deciding, and one that denies not.
        (Effect::Allow, Effect::Deny) => fewer && target.scopes.is_empty(),
        (Effect::Allow, Effect::Allow) => {
            let asks_nothing = earlier.scopes.is_empty() && target.scopes.is_empty();
            fewer && (earlier.step_up || !later.step_up || asks_nothing)
        }
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::read;
    use mcp_edge_runtime::policy::Arguments;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::{Config, TestRunner};
    use serde_json::json;

    use super::super::callers::callers;
    use super::*;
    use crate::file::decoded;

    fn rules(policy: &str) -> Rules {
        let file = format!(
            "[server]\nurl = \"https://mcp.example.com/mcp\"\n\
             [issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example.com\"\n\
             tenant = {{ claim = \"tid\" }}\n{policy}"
        );
        let settings = decoded(&read(&file).unwrap().base).unwrap();
        Rules::new(settings).unwrap()
    }

    fn manifest() -> Manifest {
        Manifest::in_text(
            r#"{
                "tools": [
                    { "name": "read_rules", "annotations": { "readOnlyHint": true } },
                    { "name": "change_rule", "scopes": ["fraud:change"],
                      "inputSchema": { "properties": { "rule": {} } } }
                ],
                "prompts": [{ "name": "explain" }]
            }"#,
        )
    }

    fn warnings(policy: &str) -> Vec<String> {
        rules(policy).warnings(&manifest())
    }

    const ALL: &str = "[[policy]]\nname = \"all\"\ntools = [\"*\"]\nprompts = [\"*\"]\n";

    #[test]
    fn rules_that_all_decide_need_no_warning() {
        let policy = format!(
            "[[policy]]\neffect = \"deny\"\nroles = [\"guest\"]\n\
             [[policy]]\nscopes = [\"fraud:read\"]\ntools = [\"read_*\"]\n\
             [[policy]]\neffect = \"deny\"\nscopes = [\"frozen\"]\n{ALL}"
        );
        assert_eq!(warnings(&policy), Vec::<String>::new());
    }

    #[test]
    fn what_no_rule_allows_is_in_quarantine() {
        assert_eq!(
            warnings("[[policy]]\nname = \"readers\"\ntools = [\"read_*\"]\nprompts = [\"*\"]\n"),
            [
                "tool `change_rule` is in quarantine: no rule allows it to any caller, so no caller sees it; name it in a rule once \
              it is approved"
            ]
        );
    }

    #[test]
    fn a_rule_behind_a_wider_one_never_decides() {
        for later in [
            "tools = [\"read_rules\"]\nroles = [\"analyst\"]",
            "effect = \"deny\"\ntools = [\"read_*\"]\nissuers = [\"okta\"]",
            "tools = [\"*\"]\nread_only = true\nscopes = [\"fraud:read\"]",
        ] {
            let found = warnings(&format!("{ALL}[[policy]]\nname = \"later\"\n{later}\n"));
            assert_eq!(
                found,
                ["policy `later` never decides: whatever it fits, `all` decides before it"],
                "{later}"
            );
        }
    }

    #[test]
    fn a_rule_behind_a_narrower_one_can_decide() {
        for earlier in [
            "roles = [\"analyst\"]",
            "scopes = [\"fraud:read\"]",
            "issuers = [\"okta\"]\ntenants = [\"acme\"]",
            "arguments = { rule = { maximum = 10 } }",
            "read_only = true",
            "effect = \"deny\"\nsubjects = [\"mallory\"]",
        ] {
            let found = warnings(&format!("[[policy]]\ntools = [\"*\"]\n{earlier}\n{ALL}"));
            let idle = found
                .iter()
                .filter(|warning| warning.contains("never decides"));
            assert_eq!(idle.count(), 0, "{earlier}: {found:?}");
        }
    }

    #[test]
    fn what_is_open_to_callers_without_proof_is_not_decided_by_a_rule_that_is_not() {
        let later = "[[policy]]\nname = \"later\"\nanonymous = true\ntools = [\"read_*\"]\n";
        assert_eq!(warnings(&format!("{ALL}{later}")), Vec::<String>::new());
    }

    #[test]
    fn no_caller_may_use_what_is_denied_first() {
        let found = warnings(&format!(
            "[[policy]]\nname = \"nothing destructive\"\neffect = \"deny\"\ntools = [\"*\"]\ndestructive = true\n{ALL}"
        ));
        assert_eq!(
            found,
            [
                "no caller may use tool `change_rule`: `nothing destructive` decides before every rule that allows it"
            ]
        );
    }

    #[test]
    fn a_rule_must_fit_something() {
        let found = warnings(&format!(
            "[[policy]]\nname = \"typo\"\ntools = [\"raed_*\"]\n{ALL}"
        ));
        assert_eq!(found, ["policy `typo` fits nothing that the server offers"]);
    }

    #[test]
    fn a_rule_must_ask_for_arguments_that_there_are() {
        let found = warnings(&format!(
            "[[policy]]\nname = \"small\"\ntools = [\"change_*\"]\narguments = {{ amount = {{ maximum = 10 }} }}\n{ALL}"
        ));
        assert_eq!(
            found,
            [
                "policy `small` asks for the argument `amount`, which tool `change_rule` does not have; correct the name, or \
              leave the tool out of the rule"
            ]
        );
    }

    #[test]
    fn a_rule_must_compare_values_that_there_are() {
        let manifest = Manifest::in_text(
            r#"{ "tools": [{ "name": "get", "inputSchema": { "properties": {
                "id": { "type": "string" }, "page": { "type": "integer" }
            } } }] }"#,
        );
        let found = |condition: &str| {
            let policy = format!(
                "[[policy]]\nname = \"seven\"\neffect = \"deny\"\ntools = [\"get\"]\narguments = {{ {condition} }}\n{ALL}"
            );
            let found = rules(&policy).warnings(&manifest);
            found
                .into_iter()
                .filter(|warning| warning.contains("`seven`"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("id = { const = 7 }"),
            [
                "policy `seven` compares the argument `id` with 7, which tool `get` never takes; write a value of the type that the \
                 schema has"
            ]
        );
        assert_eq!(found("page = { enum = [\"1\", true] }").len(), 1);
        for right in [
            "id = { const = \"7\" }",
            "id = { enum = [\"7\", 7] }",
            "page = { const = 1 }",
            "page = { minimum = 1 }",
        ] {
            assert_eq!(found(right), Vec::<String>::new(), "{right}");
        }
    }

    /// What is said of rules and tools holds for every caller, whatever the arguments are.
    #[test]
    fn no_warning_is_wrong() {
        let described = [
            "",
            " role=a",
            " role=b",
            " tenant=acme",
            " role=a tenant=acme",
            " unknown=roles",
            " unknown=scopes",
            " tenant=acme unknown=roles unknown=scopes",
        ]
        .into_iter()
        .flat_map(|who| {
            ["", " scope=x", " scope='x y'"].map(|scope| format!("iss=okta{who}{scope}"))
        });
        let described: Vec<_> = described.chain(["anonymous".to_owned()]).collect();
        let asked = callers(&described, with_okta()).ok().unwrap();
        let manifest = manifest();
        let (small, large) = (json!({ "rule": 5 }), json!({ "rule": 50 }));
        let arguments = [
            Arguments::Any,
            Arguments::Unknown,
            Arguments::Given(&small),
            Arguments::Given(&large),
        ];

        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let check = |policy: Vec<Rule>| {
            let settings = Settings {
                policy: policy.leak(),
                ..*with_okta()
            };
            let policy = Policy::new(&settings).unwrap();
            let rules = Rules::new(&settings).unwrap();
            let targets = manifest.targets();
            let idle = rules
                .rules
                .iter()
                .enumerate()
                .filter(|(place, examined)| rules.idle(*place, examined, &targets).is_some());
            let idle: Vec<_> = idle.map(|(_, examined)| examined.rule.name).collect();
            for target in targets.iter().copied() {
                let closed = matches!(rules.closed(target), Some(Unreachable::Denied(_)));
                for asked in &asked {
                    for arguments in arguments {
                        let decision = policy.decide(&asked.caller, target, arguments);
                        let rule = decision.rule().unwrap_or_default();
                        prop_assert!(!idle.contains(&rule), "{rule} {} {decision:?}", asked.title);
                        prop_assert!(
                            !(closed && decision.shows()),
                            "{} {} {decision:?}",
                            target.name,
                            asked.title
                        );
                    }
                }
            }
            Ok(())
        };
        TestRunner::new(config)
            .run(&vec(rule(), 2..5).prop_map(named), check)
            .unwrap();
    }

    fn named(rules: Vec<Rule>) -> Vec<Rule> {
        let names = ["first", "second", "third", "fourth"];
        let named = rules.into_iter().zip(names);
        named.map(|(rule, name)| Rule { name, ..rule }).collect()
    }

    fn rule() -> impl Strategy<Value = Rule> {
        let list = |entries: &'static [&'static [&'static str]]| select(entries);
        let who = (
            list(&[&[], &[], &["okta"], &["o*"]]),
            list(&[&[], &[], &["acme"]]),
            list(&[&[], &["a"], &["a", "b"]]),
            list(&[&[], &[], &["x"], &["x", "y"]]),
        );
        let what = (
            list(&[&["*"], &["*"], &["read_*"], &["change_rule"]]),
            list(&[&[], &["*"]]),
            select(&[None, None, Some(true), Some(false)][..]),
            select(
                &[
                    None,
                    None,
                    Some(r#"{"properties":{"rule":{"maximum":10}},"required":["rule"]}"#),
                ][..],
            ),
        );
        let how = (any::<bool>(), any::<bool>(), any::<bool>());
        (who, what, how).prop_map(
            |(
                (issuers, tenants, roles, scopes),
                (tools, prompts, read_only, arguments),
                (deny, anonymous, step_up),
            )| {
                let is_open = [issuers, tenants, roles, scopes]
                    .iter()
                    .all(|list| list.is_empty());
                Rule {
                    effect: if deny { Effect::Deny } else { Effect::Allow },
                    anonymous: anonymous && is_open,
                    issuers,
                    tenants,
                    roles,
                    scopes,
                    step_up,
                    tools,
                    prompts,
                    read_only,
                    arguments,
                    ..Rule::DEFAULT
                }
            },
        )
    }

    fn with_okta() -> &'static Settings {
        let file = "[server]\nurl = \"https://mcp.example.com/mcp\"\n\
                    [issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example.com\"\n";
        decoded(&read(file).unwrap().base).unwrap()
    }
}
