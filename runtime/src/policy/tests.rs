use std::rc::Rc;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::json;

use super::*;
use crate::auth::Principal;
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
        open.decide(&Caller::Anonymous, tool("any"), None),
        Decision::Allow { rule: None }
    );
}

#[test]
fn with_an_issuer_nothing_is_allowed_that_no_rule_allows() {
    let closed = policy(&[]);
    let nobody = Decision::Deny { rule: None };
    assert_eq!(closed.decide(&caller(alice()), tool("any"), None), nobody);
    assert_eq!(
        closed.decide(&Caller::Anonymous, tool("any"), None),
        Decision::SignIn
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
        rules.decide(&caller(alice()), tool("delete"), None),
        Decision::Deny {
            rule: Some("nothing is deleted")
        }
    );
    assert_eq!(
        rules.decide(&caller(alice()), harmless, None),
        Decision::Allow {
            rule: Some("everything")
        }
    );
    let turned = policy(&[everything, destroying]);
    assert!(
        turned
            .decide(&caller(alice()), tool("delete"), None)
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
    let decided = rules.decide(&caller(alice().granted(&["rules:read"])), target, None);
    let all = ["rules:read", "rules:audit"].map(str::to_owned);
    assert_eq!(
        decided,
        Decision::StepUp {
            rule: "readers",
            scopes: BTreeSet::from(all)
        }
    );
    let granted = alice().granted(&["rules:audit", "rules:read", "more"]);
    assert_eq!(
        rules.decide(&caller(granted), target, None),
        Decision::Allow {
            rule: Some("readers")
        }
    );
    let fixed = policy(&[Rule {
        step_up: false,
        ..READERS
    }]);
    assert_eq!(
        fixed.decide(&caller(alice()), target, None),
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
    let fits = |principal: Principal| rules.decide(&caller(principal), tool("any"), None).shows();
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
fn whoever_proves_nothing_needs_a_rule_that_says_so() {
    let about = Rule {
        name: "about",
        anonymous: true,
        tools: &["about"],
        ..Rule::DEFAULT
    };
    let rules = policy(&[about, READERS]);
    assert!(rules.admits_anonymous());
    let decide = |name| rules.decide(&Caller::Anonymous, tool(name), None);
    assert_eq!(
        decide("about"),
        Decision::Allow {
            rule: Some("about")
        }
    );
    assert_eq!(decide("read_all"), Decision::SignIn);
    assert_eq!(decide("absent"), Decision::SignIn);
    assert!(rules.decide(&caller(alice()), tool("about"), None).shows());
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
    let may = |arguments: Option<Value>| {
        rules
            .decide(&caller(alice()), tool("pay"), arguments.as_ref())
            .shows()
    };
    assert!(may(None));
    assert!(may(Some(json!({ "amount": 100 }))));
    assert!(!may(Some(json!({ "amount": 101 }))));
    assert!(!may(Some(json!({}))));
}

#[test]
fn a_rule_with_no_schema_says_which() {
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
    assert!(error.starts_with("policy `broken`: "), "{error}");
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
        let listed = rules.decide(&caller, target, None);
        let called = rules.decide(&caller, target, Some(&json!({ "amount": amount })));
        // What is called is listed; what is listed can be called, unless arguments matter.
        prop_assert!(!called.shows() || listed.shows(), "{listed:?} {called:?}");
        if !is_conditional {
            prop_assert_eq!(&listed, &called);
        }
        // What no rule names nobody sees.
        prop_assert!(rules.names(target) || !listed.shows());
        // Whoever has proven nothing learns nothing of what is not allowed.
        if caller == Caller::Anonymous && !called.shows() {
            prop_assert_eq!(called, Decision::SignIn);
        }
    }

    #[test]
    fn more_scopes_never_make_an_allowed_call_impossible(
        rules in rules().prop_map(|mut rules| { rules.retain(|rule| rule.effect == Effect::Allow); rules }),
        scopes in subsequence(vec!["read", "write"], 0..=2),
        name in select(vec!["get", "put", "other"]),
    ) {
        let rules = policy(&rules);
        let few = rules.decide(&caller(alice().granted(&scopes)), tool(name), None);
        let all = rules.decide(&caller(alice().granted(&["read", "write"])), tool(name), None);
        if few.shows() {
            let is_allowed = matches!(all, Decision::Allow { .. });
            prop_assert!(is_allowed, "{few:?} {all:?}");
        }
    }
}
