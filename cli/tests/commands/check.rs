//! `mcp-edge check`

use crate::commands::run::{Ended, Folder};

fn check(folder: &Folder, options: &[&str]) -> Ended {
    folder.run(&[&["check", "--manifest", "manifest.json"], options].concat())
}

#[test]
fn the_permissions_of_callers_are_listed() {
    let folder = Folder::new();
    check(&folder, &[]).says(0, &["Who may call\nbase: callers with a token of https://dev-1.okta.com/oauth2/default; anyone, for what anonymous rules allow", "tool      change_rule     after sign-in, perhaps  no", "warning: policy `lead readers` never decides"]);
    let analyst = r#"iss=okta role=analyst scope="fraud:admin""#;
    let lead = "role=lead scope=fraud:change";
    let unscoped = "role=lead";
    let contractor = "role=lead group=contractors";
    let callers = [analyst, lead, unscoped, contractor];
    let options: Vec<_> = callers
        .into_iter()
        .flat_map(|caller| ["--as", caller])
        .collect();
    check(&folder, &options).says(0, &["tool      change_rule     no                               yes (leads)    with scope fraud:change (leads)", "some arguments (small payments)"]);
    check(&folder, &[&["--json"], options.as_slice()].concat()).is_golden("check-json");
}

#[test]
fn what_a_host_holds_of_a_rate() {
    let folder = Folder::new();
    for host in ["native", "spin", "workers"] {
        let options = ["--as", "anonymous", "--host", host, "--json"];
        check(&folder, &options).is_golden(&format!("check-{host}-json"));
    }
}

const SINKS: &str = r#"
[audit]
signing_keys = { secret = "AUDIT_KEYS" }

[[capture]]
tools = ["evaluate_*"]
arguments = true
redact_paths = ["/card"]

[[capture]]
tools = ["transfer_*"]
result = true

[sinks.siem]
type = "otlp"
url = "https://collector:4318"
required_tools = ["delete_*"]
outbox = true

[sinks.archive]
type = "r2"
binding = "AUDIT_BUCKET"

[sinks.console]
type = "log"
outcomes = ["refused", "failed"]
"#;

#[test]
fn the_sinks_of_each_host_are_listed() {
    let folder = Folder::new();
    folder.write("mcp.toml", SINKS);
    check(&folder, &["--json"]).is_golden("check-sinks-json");
    for host in ["native", "spin", "workers"] {
        let options = ["--host", host, "--json"];
        check(&folder, &options).is_golden(&format!("check-sinks-{host}-json"));
    }
}

#[test]
fn every_mistake_is_named() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        "[limits]\nbody_byte = 5\npage = 0\n[issuers.okta]\npreset = \"octa\"\n",
    );
    check(&folder, &[]).says(1, &["error: mcp.toml, line 2: limits.body_byte is not a setting; did you mean limits.body_bytes?", "error: mcp.toml, line 3: limits.page is not a setting; did you mean limits.page_size?", "error: mcp.toml, line 5: issuers.okta.preset must be one of okta, entra, entra-v1, entra-multi,"]);
    check(&folder, &["--json"]).is_golden("check-mistakes-json");
}

#[test]
fn a_warning_fails_the_check_where_that_is_asked_for() {
    let folder = Folder::new();
    assert_eq!(check(&folder, &[]).status, 0);
    assert_eq!(check(&folder, &["--strict"]).status, 1);
}

#[test]
fn an_issuer_for_development_on_a_public_server_is_an_error() {
    let folder = Folder::new();
    let ended = check(&folder, &["--env", "public", "--as", "anonymous"]);
    assert_eq!(ended.status, 1);
    assert!(
        ended.stdout.contains("issuers.local is for development"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_server_without_issuers_and_rules_is_open() {
    let folder = Folder::new();
    folder.write("mcp.toml", "");
    check(&folder, &[]).says(
        0,
        &[
            "mcp.toml has neither issuers nor rules: everybody may do everything.",
            "answers every request with 503 except on a loopback address",
        ],
    );
}

#[test]
fn without_rules_no_caller_may_do_anything() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        "[server]\nurl = \"https://fraud.example.com/mcp\"\n[issuers.okta]\npreset = \"okta\"\n\
         issuer = \"https://dev-1.okta.com/oauth2/default\"\n",
    );
    check(&folder, &[]).says(
        0,
        &[
            "base: no caller: no policy rule allows anything; add [[policy]]",
            "audiences = [] # so it is server.url",
        ],
    );
}

#[test]
fn what_cannot_be_asked_has_status_2() {
    let folder = Folder::new();
    check(&folder, &["--env", "staging"]).says(
        2,
        &["there is no environment `staging`; there are: dev, public"],
    );
    check(&folder, &["--as", "iss=entra"]).says(
        2,
        &["--as 'iss=entra': there is no issuer `entra`; there are: okta"],
    );
    let ended = folder.run(&["check", "--manifest", "absent.json"]);
    assert_eq!(ended.status, 2, "{ended:?}");
}

#[test]
fn a_manifest_can_come_from_standard_input() {
    let folder = Folder::new();
    let manifest = folder.read("manifest.json");
    let ended = folder.run_with_input(&["check", "--manifest", "-"], &manifest);
    assert_eq!(ended.stdout, check(&folder, &[]).stdout);
}

#[test]
fn a_missing_file_is_not_an_empty_file() {
    let folder = Folder::new();
    std::fs::remove_file(folder.path("mcp.toml")).expect("it was there");
    check(&folder, &[]).says(2, &["there is no mcp.toml here; go to the folder of the server, or name the file with --config"]);
}

#[test]
fn a_finding_about_many_tools_is_one_line() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        "[approvals]\ntools = [\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]\n[[policy]]\nname = \"a\"\nprompts = [\"absent\"]\n\
         [[policy]]\nname = \"b\"\nprompts = [\"neither\"]\n",
    );
    let ended = check(&folder, &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let warnings = json["warnings"].as_array().expect("a list");
    let about = |words: &str| {
        let warnings = warnings.iter().filter_map(serde_json::Value::as_str);
        warnings.filter(|warning| warning.contains(words)).count()
    };
    for words in ["approvals.tools", "in quarantine", "fit nothing"] {
        assert_eq!(about(words), 1, "{words}: {warnings:#?}");
    }
}

#[test]
fn what_only_a_process_reads_has_no_effect_on_platforms() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        "[access]\ntrusted_proxies = [\"10.0.0.0/8\"]\n[connections]\nidle_timeout = \"1m\"\n",
    );
    let said = |options: &[&str], setting: &str| {
        let ended = check(&folder, options);
        let lines = ended.stdout.lines();
        let mut found = lines.filter(|line| line.contains(setting));
        found.next().map(str::to_owned)
    };
    for setting in ["access.trusted_proxies", "[connections]"] {
        for host in ["workers", "spin"] {
            let warning = said(&["--host", host], setting).expect("a warning");
            let start = format!("warning: {setting} has no effect on {host}");
            assert!(warning.starts_with(&start), "{warning}");
        }
        assert_eq!(said(&["--host", "native"], setting), None);
        assert_eq!(said(&[], setting), None);
    }
}
