//! What a file says about issuers, rules and rates, presets included.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use mcp_edge_config::{
    Configuration, Entry, ISSUER, Keys, PRESETS, Settings, Tenant, Text, Value, arguments_schema,
    print, read,
};

fn settings(file: &str) -> Configuration {
    read(file).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn issuers(settings: &Settings) -> &BTreeMap<String, Entry> {
    let Value::Named(issuers) = &settings["issuers"].value else {
        panic!("{settings:#?}");
    };
    issuers
}

fn entries<'a>(settings: &'a Settings, path: &str) -> &'a [Entry] {
    let Value::Each(entries) = &settings[path].value else {
        panic!("{settings:#?}");
    };
    entries
}

fn words(words: &[&str]) -> Value {
    Value::Words(words.iter().map(|word| (*word).to_owned()).collect())
}

fn literal(text: &str) -> Text {
    Text::Literal(text.to_owned())
}

/// A server whose one issuer has this preset and says what the preset leaves open.
fn server_with(preset: &str) -> String {
    let open = match preset {
        "entra-multi" => "tenants = [\"*\"]",
        "google" | "development" => "",
        _ => "issuer = \"https://id.example.com/\"",
    };
    format!(
        "[server]\nurl = \"https://mcp.example.com/mcp\"\n[issuers.one]\npreset = \"{preset}\"\n{open}"
    )
}

#[test]
fn every_preset_leaves_open_only_what_it_must() {
    for preset in PRESETS {
        let base = settings(&server_with(preset.name)).base;
        let issuer = &issuers(&base)["one"];
        let filled = preset.settings();
        assert_eq!(
            filled.len(),
            preset.toml.trim().lines().count(),
            "{}",
            preset.name
        );
        for path in filled.keys().filter(|path| **path != "jwks") {
            assert_eq!(
                issuer.settings[path].value, filled[path].value,
                "{}",
                preset.name
            );
        }
    }
}

#[test]
fn explicit_keys_override_the_preset() {
    let file = server_with("keycloak")
        + "\nalgorithms = [\"ES256\"]\nclaims = { roles = [\"/resource_access/fraud/roles\"] }";
    let base = settings(&file).base;
    let issuer = &issuers(&base)["one"].settings;
    let Value::Choices(algorithms) = &issuer["algorithms"].value else {
        panic!("{issuer:#?}");
    };
    let names: Vec<_> = algorithms.iter().map(|choice| choice.name).collect();
    assert_eq!(names, ["ES256"]);
    assert_eq!(
        issuer["claims.roles"].value,
        words(&["/resource_access/fraud/roles"])
    );
    assert_eq!(issuer["claims.client"].value, words(&["azp", "client_id"]));
    assert_eq!(issuer["claims.client"].at, "issuers.one.claims.client");
    assert_eq!(issuer["claims.client"].line, 4);
}

#[test]
fn keys_can_be_below_the_issuer() {
    let base = settings(&server_with("cloudflare-access")).base;
    assert_eq!(
        issuers(&base)["one"].settings["jwks"].value,
        Value::Keys(Keys::Url(literal(
            "https://id.example.com/cdn-cgi/access/certs"
        )))
    );
}

#[test]
fn the_url_of_keys_may_have_a_query() {
    let url = "https://id.example.com/keys?appid=1";
    let file = server_with("entra") + "\njwks.url = \"" + url + "\"";
    let base = settings(&file).base;
    assert_eq!(
        issuers(&base)["one"].settings["jwks"].value,
        Value::Keys(Keys::Url(literal(url)))
    );
}

#[test]
fn an_environment_changes_one_issuer_key_by_key_and_has_rules_of_its_own() {
    let configuration = settings(
        r#"
            [server]
            url = { variable = "PUBLIC_URL" }
            [auth.implied_scopes]
            "a:write" = ["a:read"]
            [issuers.okta]
            preset = "okta"
            issuer = "https://acme.okta.com/oauth2/default"
            audiences = ["api://a", { variable = "AUDIENCE" }]
            [[policy]]
            tools = ["*"]
            [[policy]]
            effect = "deny"
            [environments.staging.auth.implied_scopes]
            "b:write" = ["b:read"]
            [environments.staging.issuers.okta]
            preset = "auth0"
            audiences = []
            [environments.staging.issuers.other]
            issuer = "http://127.0.0.1:3000"
            algorithms = ["EdDSA", "PS512"]
            tenant = "acme"
            [[environments.staging.policy]]
            name = "deny-all"
            effect = "deny"
        "#,
    );
    let staging = &configuration.environments["staging"];
    let okta = &issuers(staging)["okta"];
    assert_eq!(okta.at, "environments.staging.issuers.okta");
    assert_eq!(
        okta.settings["issuer"].value,
        Value::Text(literal("https://acme.okta.com/oauth2/default"))
    );
    assert_eq!(okta.settings["audiences"].value, Value::Texts(Vec::new()));
    assert_eq!(okta.settings["claims.roles"].value, words(&["permissions"]));
    assert!(!okta.settings.contains_key("claims.scopes"), "{okta:#?}");
    assert_eq!(
        issuers(staging)["other"].settings["tenant"].value,
        Value::Tenant(Tenant::Fixed("acme".to_owned()))
    );
    let [deny_all] = entries(staging, "policy") else {
        panic!("{staging:#?}");
    };
    assert_eq!(deny_all.at, "environments.staging.policy[0]");
    let Value::Includes(includes) = &staging["auth.implied_scopes"].value else {
        panic!("{staging:#?}");
    };
    assert_eq!(includes.keys().collect::<Vec<_>>(), ["a:write", "b:write"]);

    let base = &configuration.base;
    assert_eq!(issuers(base).len(), 1);
    assert_eq!(
        issuers(base)["okta"].settings["audiences"].value,
        Value::Texts(vec![
            literal("api://a"),
            Text::Variable("AUDIENCE".to_owned())
        ])
    );
    let names: Vec<_> = entries(base, "policy")
        .iter()
        .map(|rule| rule.settings["name"].value.clone())
        .collect();
    assert_eq!(
        names,
        ["policy 1", "policy 2"].map(|name| Value::Word(name.to_owned()))
    );
}

#[test]
fn conditions_on_arguments_are_json_schemas() {
    let file = r#"
        [[policy]]
        anonymous = true
        tools = ["*"]
        [policy.arguments]
        amount = { minimum = -8, exclusiveMaximum = 1e3, multipleOf = 0.5 }
        "a b" = { enum = ["x", 18_446_744_073_709_551_615, { c = [true] }] }
        never = false
    "#;
    let base = settings(file).base;
    let Value::Arguments(schemas) = &entries(&base, "policy")[0].settings["arguments"].value else {
        panic!("{base:#?}");
    };
    let schema: serde_json::Value =
        serde_json::from_str(&arguments_schema(schemas)).expect("it is JSON");
    assert_eq!(
        schema,
        serde_json::json!({
            "type": "object",
            "required": ["a b", "amount", "never"],
            "properties": {
                "amount": { "minimum": -8, "exclusiveMaximum": 1000.0, "multipleOf": 0.5 },
                "a b": { "enum": ["x", 18_446_744_073_709_551_615_u64, { "c": [true] }] },
                "never": false,
            },
        })
    );
}

#[test]
fn a_key_set_can_be_inline() {
    let set = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":null}]}"#;
    let file = server_with("okta") + "\njwks = { set = '" + set + "' }";
    let base = settings(&file).base;
    assert_eq!(
        issuers(&base)["one"].settings["jwks"].value,
        Value::Keys(Keys::Set(literal(set)))
    );
}

#[test]
fn printed_settings_read_back() {
    let extra = "\naudiences = [{ variable = \"AUDIENCE\" }]\ntypes = [\"\", \"a+b\"]";
    for preset in PRESETS {
        let file = server_with(preset.name) + extra;
        let base = settings(&file).base;
        let issuer = &issuers(&base)["one"].settings;
        let printed = print(&ISSUER, issuer);
        let again = settings(&format!(
            "[server]\nurl = \"https://mcp.example.com/mcp\"\n[issuers.one]\n{printed}"
        ))
        .base;
        let again = &issuers(&again)["one"].settings;
        for (path, setting) in issuer {
            assert_eq!(again[path].value, setting.value, "{printed}");
        }
        assert!(printed.contains("claims.actor = [\"act\"]\n"), "{printed}");
    }
}

#[test]
fn the_examples_in_the_documentation_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut pages = vec![root.join("README.md")];
    for folder in ["docs/guide", "docs/reference"] {
        let files = std::fs::read_dir(root.join(folder)).expect("a folder of pages");
        pages.extend(files.map(|file| file.expect("a page").path()));
    }
    let mut count = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("a page");
        for example in text.split("```toml\n").skip(1) {
            let (example, _) = example.split_once("```").expect("its end");
            // A comment in the first line names another file.
            let file = example.split([' ', ',', '\n']).nth(1).unwrap_or_default();
            if example.trim_start().starts_with("# ")
                && file.ends_with(".toml")
                && file != "mcp.toml"
            {
                continue;
            }
            println!("{}:\n{example}", page.display());
            settings(example);
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
    let guide = include_str!("../../docs/reference/configuration.md");
    for preset in PRESETS {
        assert!(
            guide.contains(&format!("| `{}` |", preset.name)),
            "{}",
            preset.name
        );
    }
}
