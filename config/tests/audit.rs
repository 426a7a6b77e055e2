//! What a file says about events, contents and sinks.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use mcp_edge_config::{CAPTURE, SINK, Settings, Value, json_schema, print, read};
use mcp_edge_settings::choice::Protocol;

fn settings(file: &str) -> Settings {
    read(file)
        .unwrap_or_else(|mistakes| panic!("{file}\n{mistakes}"))
        .base
}

/// The inside of one sink of each type, with all that it needs.
const SINKS: [(&str, &str); 12] = [
    ("log", ""),
    ("otlp", "url = \"http://127.0.0.1:4318\""),
    (
        "otlp-traces",
        "url = \"https://otel.example.com/v1/traces?x=1\"",
    ),
    ("otlp-metrics", "url = { variable = \"METRICS\" }"),
    (
        "splunk",
        "url = \"https://splunk.example.com:8088\"\ntoken = { secret = \"T\" }",
    ),
    (
        "elasticsearch",
        "url = \"https://es.example.com\"\nindex = \"mcp-events\"",
    ),
    (
        "kafka",
        "url = \"https://kafka.example.com\"\ntopic = \"MCP.events_1\"",
    ),
    (
        "datadog",
        "url = \"https://http-intake.logs.datadoghq.eu\"\ntoken = { secret = \"T\" }",
    ),
    (
        "webhook",
        "url = \"https://hooks.example.com/a\"\ntoken = { secret = \"T\" }",
    ),
    (
        "s3",
        "url = \"https://minio:9000\"\nbucket = \"mcp-events\"\ntoken = { secret = \"T\" }\naccess_key_id = { variable = \"K\" }",
    ),
    ("queue", "binding = \"AUDIT_EVENTS\""),
    ("r2", "binding = \"AUDIT_EVENTS\"\nprefix = \"mcp/\""),
];

#[test]
fn every_sink_type_accepts_the_keys_that_it_needs() {
    assert_eq!(
        SINKS.map(|(name, _)| name).as_slice(),
        Protocol::CHOICES
            .iter()
            .map(|protocol| protocol.name)
            .collect::<Vec<_>>()
    );
    for (name, inside) in SINKS {
        settings(&format!("[sinks.a]\ntype = \"{name}\"\n{inside}"));
    }
}

#[test]
fn every_sink_type_reports_a_missing_key() {
    for (name, inside) in SINKS {
        let lines: Vec<_> = inside.lines().collect();
        for lacking in 0..lines.len() {
            let key = lines[lacking].split(' ').next().expect("a key");
            let mut rest = lines.clone();
            rest.remove(lacking);
            let file = format!("[sinks.a]\ntype = \"{name}\"\n{}", rest.join("\n"));
            let said = match read(&file) {
                Ok(_) => String::new(),
                Err(mistakes) => mistakes.to_string(),
            };
            let needed = key != "prefix";
            assert_eq!(
                said.contains(&format!("sinks.a needs `{key}`, ")),
                needed,
                "{file}\n{said}"
            );
        }
    }
}

#[test]
fn printed_settings_read_back() {
    let contents = "tools = [\"evaluate_*\"]\narguments = true\nredact_paths = [\"/a~1b/*\"]\nredact_patterns = ['\\b\\d{13,19}\\b']\n";
    let file = format!("[[capture]]\n{contents}");
    let Value::Each(entries) = &settings(&file)["capture"].value else {
        panic!("a list");
    };
    let printed = print(&CAPTURE, &entries[0].settings);
    let again = settings(&format!("[[capture]]\n{printed}"));
    let Value::Each(again) = &again["capture"].value else {
        panic!("a list");
    };
    same(&again[0].settings, &entries[0].settings);

    for (name, inside) in SINKS {
        let file = format!("[sinks.a]\ntype = \"{name}\"\n{inside}");
        let Value::Named(sinks) = &settings(&file)["sinks"].value else {
            panic!("tables");
        };
        let printed = print(&SINK, &sinks["a"].settings);
        assert!(printed.contains(&format!("type = \"{name}\"")), "{printed}");
    }
}

#[test]
fn the_length_of_contents_follows_that_of_events() {
    let bytes = |file: &str| {
        let Value::Each(entries) = &settings(file)["capture"].value else {
            panic!("a list");
        };
        entries[0].settings["max_bytes"].value.clone()
    };
    let contents = "[[capture]]\ntools = [\"*\"]\nresult = true\n";
    assert_eq!(bytes(contents), Value::Number(2048));
    let longer = format!("[audit]\nmax_event_bytes = 100_000\n{contents}");
    assert_eq!(bytes(&longer), Value::Number(25_000));
    assert_eq!(
        bytes(&format!("{contents}max_bytes = 100")),
        Value::Number(100)
    );
    // Each environment has its own.
    let file = format!("{contents}[environments.long.audit]\nmax_event_bytes = 100_000\n");
    let environments = read(&file)
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
        .environments;
    let (_, long) = environments.iter().next().expect("an environment");
    let Value::Each(entries) = &long["capture"].value else {
        panic!("a list");
    };
    assert_eq!(
        entries[0].settings["max_bytes"].value,
        Value::Number(25_000)
    );
}

fn same(again: &Settings, first: &Settings) {
    for (path, setting) in first {
        assert_eq!(again[path].value, setting.value);
    }
}

/// An environment changes what it names and leaves the rest of a sink.
#[test]
fn an_environment_changes_a_sink() {
    let file = "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://a.example\"\n\
                [environments.dev.sinks.siem]\nurl = \"http://localhost:4318\"\n\
                [environments.dev.sinks.local]\ntype = \"log\"";
    let configuration = read(file).expect("a right file");
    let Value::Named(sinks) = &configuration.environments["dev"]["sinks"].value else {
        panic!("tables");
    };
    assert_eq!(sinks.keys().collect::<Vec<_>>(), ["local", "siem"]);
    assert_eq!(sinks["siem"].settings["type"].line, 2);
    assert_eq!(sinks["siem"].settings["url"].line, 5);
}

#[test]
fn editors_know_patterns_and_defaults() {
    let schema = json_schema();
    let sink = &schema["definitions"]["sink"]["properties"];
    for key in [
        "topic",
        "index",
        "bucket",
        "region",
        "prefix",
        "auth_scheme",
    ] {
        assert!(sink[key]["pattern"].is_string(), "{key}");
    }
    assert_eq!(sink["region"]["default"], "auto");
    assert_eq!(sink["prefix"]["default"], "");
    assert_eq!(sink["format"]["default"], "event");
}
