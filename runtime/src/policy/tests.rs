use std::rc::Rc;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::json;

use super::*;
use crate::auth::{Principal, UnknownClaims};
use crate::config::{Issuer, Rule};

const ISSUERS: &[Issuer] = &[Issuer {
    name: "okta",
    ..Issuer::DEFAULT
}];

fn policy(rules: &[Rule]) -> Policy {
    Policy::new(&Settings {
        issuers: ISSUERS,
        policy: rules.to_vec().leak(),
        ..Settings::DEFAULT
    })
    .unwrap()
}

fn tool(name: &str) -> Target<'_> {
    Target {
        kind: Kind::Tool,
        name,
        read_only: false,
        destructive: true,
        scopes: &[],
        upstream: None,
        tenants: Tenants::ALL,
        operations: None,
    }
}

fn caller(principal: Principal) -> Caller {
    Caller::Principal(Rc::new(principal))
}

fn alice() -> Principal {
    Principal::for_test("okta", "alice")
}

const READERS: Rule = Rule {
    name: "readers",
    scopes: &["rules:read"],
    tools: &["read_*"],
    ..Rule::DEFAULT
};

#[test]
fn without_issuers_and_rules_everything_is_allowed() {
    let open = Policy::new(&Settings::DEFAULT).unwrap();
    assert!(open.is_open() && open.admits_anonymous());
    assert_eq!(
        open.decide(&Caller::Anonymous, tool("any"), Arguments::Any),
        Decision::Allow { rule: None }
    );
}

#[test]
fn no_rule_lets_a_caller_of_another_tenant_in() {
    let all = Rule {
        tools: &["*"],
        anonymous: true,
        ..Rule::DEFAULT
    };
    let decided = |caller: &Caller, others| {
        let target = Target {
            tenants: Tenants::new(&["acme", "globex"], others),
            ..tool("read_order")
        };
        policy(&[all]).shows(caller, target)
    };
    for (tenant, is_named) in [
        ("acme", true),
        ("globex", true),
        ("acm", false),
        ("acme2", false),
    ] {
        let caller = caller(alice().of_tenant(tenant));
        assert_eq!(decided(&caller, false), is_named, "{tenant}");
        assert!(decided(&caller, true));
    }
    for caller in [caller(alice()), Caller::Anonymous] {
        assert!(!decided(&caller, false) && decided(&caller, true));
    }
}

#[test]
fn with_an_issuer_nothing_is_allowed_that_no_rule_allows() {
    let closed = policy(&[]);
    let denied = Decision::Deny { rule: None };
    assert_eq!(
        closed.decide(&caller(alice()), tool("any"), Arguments::Any),
        denied
    );
    assert_eq!(
        closed.decide(&Caller::Anonymous, tool("any"), Arguments::Any),
        Decision::Authenticate
    );
    assert!(!closed.names(tool("any")) && !closed.admits_anonymous());
}

#[test]
fn the_first_rule_that_fits_decides() {
    let destroying = Rule {
        name: "nothing is deleted",
        effect: Effect::Deny,
        destructive: Some(true),
        ..Rule::DEFAULT
    };
    let everything = Rule {
        name: "everything",
        tools: &["*"],
        ..Rule::DEFAULT
    };
    let rules = policy(&[destroying, everything]);
    let harmless = Target {
        destructive: false,
        ..tool("list")
    };
    assert_eq!(
        rules.decide(&caller(alice()), tool("delete"), Arguments::Any),
        Decision::Deny {
            rule: Some("nothing is deleted".into())
        }
    );
    assert_eq!(
        rules.decide(&caller(alice()), harmless, Arguments::Any),
        Decision::Allow {
            rule: Some("everything".into())
        }
    );
    let turned = policy(&[everything, destroying]);
    assert!(
        turned
            .decide(&caller(alice()), tool("delete"), Arguments::Any)
            .shows()
    );
}

#[test]
fn lacking_only_scopes_is_a_step_away() {
    let rules = policy(&[READERS]);
    let own = ["rules:audit".to_owned()];
    let target = Target {
        scopes: &own,
        ..tool("read_all")
    };
    let decided = rules.decide(
        &caller(alice().granted(&["rules:read"])),
        target,
        Arguments::Any,
    );
    let all = ["rules:read", "rules:audit"].map(str::to_owned);
    assert_eq!(
        decided,
        Decision::StepUp {
            rule: "readers".into(),
            scopes: BTreeSet::from(all)
        }
    );
    let granted = alice().granted(&["rules:audit", "rules:read", "more"]);
    assert_eq!(
        rules.decide(&caller(granted), target, Arguments::Any),
        Decision::Allow {
            rule: Some("readers".into())
        }
    );
    let fixed = policy(&[Rule {
        step_up: false,
        ..READERS
    }]);
    assert_eq!(
        fixed.decide(&caller(alice()), target, Arguments::Any),
        Decision::Deny { rule: None }
    );
}

#[test]
fn each_condition_on_who_is_calling_counts() {
    let rule = Rule {
        issuers: &["okta"],
        tenants: &["bank-*"],
        subjects: &["alice", "bob"],
        clients: &["desk"],
        roles: &["analyst"],
        groups: &["fraud", "risk"],
        tools: &["*"],
        ..Rule::DEFAULT
    };
    let rules = policy(&[rule]);
    let fits = |principal: Principal| {
        rules
            .decide(&caller(principal), tool("any"), Arguments::Any)
            .shows()
    };
    let right = |name, subject| {
        Principal::for_test(name, subject)
            .of_tenant("bank-eu")
            .through("desk")
            .in_roles(&["clerk", "analyst"])
            .in_groups(&["risk"])
    };
    assert!(fits(right("okta", "alice")));
    assert!(!fits(right("entra", "alice")));
    assert!(!fits(right("okta", "mallory")));
    assert!(!fits(right("okta", "alice").of_tenant("shop-eu")));
    assert!(!fits(right("okta", "alice").through("laptop")));
    assert!(!fits(right("okta", "alice").in_roles(&["clerk"])));
    assert!(!fits(right("okta", "alice").in_groups(&[])));
}

#[test]
fn an_anonymous_caller_needs_a_rule_for_anonymous_callers() {
    let about = Rule {
        name: "about",
        anonymous: true,
        tools: &["about"],
        ..Rule::DEFAULT
    };
    let rules = policy(&[about, READERS]);
    assert!(rules.admits_anonymous());
    let decide = |name| rules.decide(&Caller::Anonymous, tool(name), Arguments::Any);
    assert_eq!(
        decide("about"),
        Decision::Allow {
            rule: Some("about".into())
        }
    );
    assert_eq!(decide("read_all"), Decision::Authenticate);
    assert_eq!(decide("absent"), Decision::Authenticate);
    assert!(
        rules
            .decide(&caller(alice()), tool("about"), Arguments::Any)
            .shows()
    );
}

#[test]
fn arguments_decide_a_call_and_not_a_list() {
    let small = Rule {
        name: "small",
        tools: &["pay"],
        arguments: Some(
            r#"{"type":"object","required":["amount"],"properties":{"amount":{"maximum":100}}}"#,
        ),
        ..Rule::DEFAULT
    };
    let rules = policy(&[small]);
    let may = |arguments: Arguments<'_>| {
        rules
            .decide(&caller(alice()), tool("pay"), arguments)
            .shows()
    };
    assert!(may(Arguments::Any));
    assert!(may(Arguments::Given(&json!({ "amount": 100 }))));
    assert!(!may(Arguments::Given(&json!({ "amount": 101 }))));
    assert!(!may(Arguments::Given(&json!({}))));
}

const COMMANDS: &str = r#"{"required":["command"],"properties":{"command":{"pattern":"rm -rf"}}}"#;
const HARMLESS: &str =
    r#"{"required":["command"],"properties":{"command":{"not":{"pattern":"rm -rf"}}}}"#;

fn deny(name: &'static str, tools: &'static [&'static str]) -> Rule {
    Rule {
        name,
        effect: Effect::Deny,
        tools,
        ..Rule::DEFAULT
    }
}

fn allow(name: &'static str, tools: &'static [&'static str]) -> Rule {
    Rule {
        name,
        tools,
        ..Rule::DEFAULT
    }
}

/// A text that fits no budget, so that it is not known what a pattern would find in it.
fn endless() -> Value {
    json!({ "command": format!("rm -rf /{}", " ".repeat(400_000)) })
}

#[test]
fn a_condition_that_cannot_be_evaluated_denies() {
    let all = allow("all", &["*"]);
    for rule in [
        Rule {
            arguments: Some(COMMANDS),
            ..deny("first", &["shell"])
        },
        Rule {
            arguments: Some(HARMLESS),
            ..deny("first", &["shell"])
        },
        Rule {
            arguments: Some(COMMANDS),
            ..allow("first", &["shell"])
        },
        Rule {
            arguments: Some(HARMLESS),
            ..allow("first", &["shell"])
        },
        Rule {
            arguments: Some(HARMLESS),
            scopes: &["shell"],
            ..allow("first", &["shell"])
        },
    ] {
        let rules = policy(&[rule, all]);
        let decide = |arguments: &Value| {
            rules.decide(&caller(alice()), tool("shell"), Arguments::Given(arguments))
        };
        let denied = Decision::Deny {
            rule: Some("first".into()),
        };
        assert_eq!(decide(&endless()), denied, "{rule:?}");
        assert_ne!(decide(&json!({})), denied, "{rule:?}");
    }
}

#[test]
fn the_arguments_of_a_rule_for_others_are_not_evaluated() {
    let all = allow("all", &["*"]);
    let commands = Rule {
        arguments: Some(COMMANDS),
        ..deny("no commands", &["shell"])
    };
    let arguments = endless();
    for rule in [
        Rule {
            subjects: &["bob"],
            ..commands
        },
        Rule {
            scopes: &["shell"],
            ..commands
        },
        Rule {
            tools: &["other"],
            ..commands
        },
        Rule {
            destructive: Some(false),
            ..commands
        },
    ] {
        let decided = policy(&[rule, all]).decide(
            &caller(alice()),
            tool("shell"),
            Arguments::Given(&arguments),
        );
        assert_eq!(
            decided,
            Decision::Allow {
                rule: Some("all".into())
            },
            "{rule:?}"
        );
    }
}

/// Whether `alice` may use the prompt `case` with arguments of which nothing is known, and with any.
fn of_unknown_arguments(rules: &[Rule]) -> [bool; 2] {
    let rules = policy(rules);
    [Arguments::Unknown, Arguments::Any].map(|arguments| {
        rules
            .decide(&caller(alice()), Target::prompt("case"), arguments)
            .shows()
    })
}

#[test]
fn what_depends_on_unknown_arguments_is_not_allowed() {
    const CASES: &str = r#"{"required":["id"],"properties":{"id":{"pattern":"^A-"}}}"#;
    let all = Rule {
        prompts: &["*"],
        ..Rule::DEFAULT
    };
    let some = Rule {
        arguments: Some(CASES),
        ..all
    };
    let not_some = Rule {
        effect: Effect::Deny,
        ..some
    };
    let asking = Rule {
        scopes: &["cases"],
        ..some
    };
    assert_eq!(of_unknown_arguments(&[some]), [false, true]);
    assert_eq!(of_unknown_arguments(&[asking]), [false, true]);
    assert_eq!(of_unknown_arguments(&[not_some, all]), [false, true]);
    assert_eq!(of_unknown_arguments(&[some, all]), [true, true]);
    assert_eq!(of_unknown_arguments(&[all, not_some]), [true, true]);
}

#[test]
fn a_rule_without_a_valid_schema_is_named() {
    let broken = Rule {
        name: "broken",
        tools: &["pay"],
        arguments: Some(r#"{"type":"nothing"}"#),
        ..Rule::DEFAULT
    };
    let settings = Settings {
        policy: vec![broken].leak(),
        ..Settings::DEFAULT
    };
    let error = Policy::new(&settings).unwrap_err().to_string();
    assert!(
        error.starts_with("policy `broken` in mcp.toml: "),
        "{error}"
    );
}

/// A token that replaces everything that it can by a reference.
const UNKNOWN: UnknownClaims = UnknownClaims {
    client: true,
    scopes: true,
    roles: true,
    groups: true,
};

#[test]
fn a_condition_on_what_a_token_does_not_tell_denies() {
    let all = allow("all", &["*"]);
    let shell = deny("first", &["shell"]);
    let with = |rule: Rule, unknown: UnknownClaims| {
        let caller = caller(alice().without_knowing(unknown));
        policy(&[rule, all]).decide(&caller, tool("shell"), Arguments::Any)
    };
    let denied = Decision::Deny {
        rule: Some("first".into()),
    };
    let one: &[&str] = &["contractors"];
    let none = UnknownClaims::default();
    for (rule, unknown) in [
        (
            Rule {
                clients: one,
                ..shell
            },
            UnknownClaims {
                client: true,
                ..none
            },
        ),
        (
            Rule {
                scopes: one,
                ..shell
            },
            UnknownClaims {
                scopes: true,
                ..none
            },
        ),
        (
            Rule {
                roles: one,
                ..shell
            },
            UnknownClaims {
                roles: true,
                ..none
            },
        ),
        (
            Rule {
                groups: one,
                ..shell
            },
            UnknownClaims {
                groups: true,
                ..none
            },
        ),
    ] {
        assert_eq!(with(rule, unknown), denied, "{rule:?}");
        assert_eq!(with(rule, UNKNOWN), denied, "{rule:?}");
        // What a token does not mention is not unknown.
        assert_ne!(with(rule, none), denied, "{rule:?}");
        // The other conditions of the rule count all the same.
        let of_bob = Rule {
            subjects: &["bob"],
            ..rule
        };
        assert_ne!(with(of_bob, UNKNOWN), denied, "{rule:?}");
    }
    // A rule without a condition on it does not ask.
    let by_subject = Rule {
        subjects: &["bob"],
        ..shell
    };
    assert_ne!(with(by_subject, UNKNOWN), denied);
}

#[test]
fn a_condition_on_what_a_token_does_not_tell_does_not_allow() {
    let any: &[&str] = &["*"];
    let shell = allow("some", &["shell"]);
    for rule in [
        Rule {
            clients: any,
            ..shell
        },
        Rule {
            scopes: &["shell"],
            step_up: false,
            ..shell
        },
        Rule {
            roles: any,
            ..shell
        },
        Rule {
            groups: any,
            ..shell
        },
    ] {
        // Even where it tells a part of it.
        let known = alice().through("desk").in_roles(&["a"]).in_groups(&["a"]);
        let unknown = caller(known.without_knowing(UNKNOWN));
        let decided = policy(&[rule]).decide(&unknown, tool("shell"), Arguments::Any);
        assert_eq!(decided, Decision::Deny { rule: None }, "{rule:?}");
    }
}

fn texts(from: &'static [&'static str]) -> impl Strategy<Value = &'static [&'static str]> {
    subsequence(from, 0..=from.len()).prop_map(|texts| &*texts.leak())
}

const AMOUNT: &str =
    r#"{"type":"object","required":["amount"],"properties":{"amount":{"maximum":5}}}"#;

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let who = (
        texts(&["okta", "ent*"]),
        texts(&["alice", "b*"]),
        texts(&["read", "write"]),
    );
    let what = (texts(&["get", "g*", "put", "*"]), texts(&["get"]));
    let how = (any::<[bool; 4]>(), any::<Option<bool>>());
    let rule = (who, what, how).prop_map(
        |((issuers, subjects, scopes), (tools, prompts), (flags, destructive))| {
            let [allows, anonymous, step_up, is_conditional] = flags;
            Rule {
                name: "any",
                effect: if allows { Effect::Allow } else { Effect::Deny },
                anonymous,
                issuers,
                subjects,
                scopes,
                step_up,
                tools,
                prompts,
                destructive,
                arguments: is_conditional.then_some(AMOUNT),
                ..Rule::DEFAULT
            }
        },
    );
    proptest::collection::vec(rule, 0..6)
}

fn rules_about_groups() -> impl Strategy<Value = Vec<Rule>> {
    let groups = proptest::collection::vec(texts(&["a", "b"]), 6);
    (rules(), groups).prop_map(|(rules, groups)| {
        let rules = rules.into_iter().zip(groups);
        rules
            .map(|(rule, groups)| Rule { groups, ..rule })
            .collect()
    })
}

fn callers() -> impl Strategy<Value = Caller> {
    let principals = (
        select(vec!["okta", "entra"]),
        select(vec!["alice", "bob"]),
        subsequence(vec!["read", "write"], 0..=2),
    )
        .prop_map(|(issuer, subject, scopes)| {
            caller(Principal::for_test(issuer, subject).granted(&scopes))
        });
    prop_oneof![Just(Caller::Anonymous), principals]
}

proptest! {
    #[test]
    fn lists_and_calls_never_disagree(
        rules in rules(),
        caller in callers(),
        name in select(vec!["get", "put", "other"]),
        destructive in any::<bool>(),
        amount in 0..10,
    ) {
        let is_conditional = rules.iter().any(|rule| rule.arguments.is_some());
        let rules = policy(&rules);
        let target = Target { destructive, ..tool(name) };
        let listed = rules.decide(&caller, target, Arguments::Any);
        let arguments = json!({ "amount": amount });
        let called = rules.decide(&caller, target, Arguments::Given(&arguments));
        let completed = rules.decide(&caller, target, Arguments::Unknown);
        // What is called is listed; what is listed can be called, unless arguments matter.
        prop_assert!(!called.shows() || listed.shows(), "{listed:?} {called:?}");
        // What is completed can be called, whatever the arguments turn out to be.
        prop_assert!(!completed.shows() || called.shows(), "{completed:?} {called:?}");
        if !is_conditional {
            prop_assert_eq!(&listed, &called);
            prop_assert_eq!(&listed, &completed);
        }
        // No caller sees what no rule names.
        prop_assert!(rules.names(target) || !listed.shows());
        // An anonymous caller learns nothing of what is not allowed.
        if caller == Caller::Anonymous && !called.shows() {
            prop_assert_eq!(called, Decision::Authenticate);
        }
    }

    #[test]
    fn unknown_facts_never_allow_more(
        rules in rules_about_groups(),
        groups in subsequence(vec!["a", "b"], 0..=2),
        amount in 0..10,
    ) {
        let rules = policy(&rules);
        let arguments = json!({ "amount": amount });
        let arguments = Arguments::Given(&arguments);
        let known = alice().in_groups(&groups);
        let unknown = UnknownClaims { groups: true, ..UnknownClaims::default() };
        let unknown = caller(known.clone().without_knowing(unknown));
        let unknown = rules.decide(&unknown, tool("get"), arguments);
        let known = rules.decide(&caller(known), tool("get"), arguments);
        prop_assert!(!unknown.shows() || known.shows(), "{unknown:?} {known:?}");
    }

    #[test]
    fn more_scopes_never_make_an_allowed_call_impossible(
        rules in rules().prop_map(|mut rules| { rules.retain(|rule| rule.effect == Effect::Allow); rules }),
        scopes in subsequence(vec!["read", "write"], 0..=2),
        name in select(vec!["get", "put", "other"]),
    ) {
        let rules = policy(&rules);
        let few = rules.decide(&caller(alice().granted(&scopes)), tool(name), Arguments::Any);
        let all = rules.decide(&caller(alice().granted(&["read", "write"])), tool(name), Arguments::Any);
        if few.shows() {
            let is_allowed = matches!(all, Decision::Allow { .. });
            prop_assert!(is_allowed, "{few:?} {all:?}");
        }
    }
}
