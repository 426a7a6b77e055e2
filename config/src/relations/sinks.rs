//! What sinks must say.

use std::time::Duration;

use super::{Number, about, in_force, named, names, objection, of};
use crate::address::check_secure;
use crate::mistake::Mistake;
use crate::settings::{KEYS, SINK};
use crate::value::{Entry, Text, Value};
use crate::value::{Setting, Settings};
use mcp_edge_settings::span;

/// What a type of sink needs, and what else it may have; all may have what is not listed for any.
struct Receiver {
    name: &'static str,
    needs: &'static [&'static str],
    may: &'static [&'static str],
}

const OPEN_TELEMETRY: &[&str] = &["token", "header", "auth_scheme", "encoding"];
const CREDENTIAL: &[&str] = &["token", "header", "auth_scheme", "format"];

const RECEIVERS: &[Receiver] = &[
    receiver("log", &[], &["format"]),
    receiver("otlp", &["url"], OPEN_TELEMETRY),
    receiver("otlp-traces", &["url"], OPEN_TELEMETRY),
    receiver("otlp-metrics", &["url"], OPEN_TELEMETRY),
    receiver(
        "splunk",
        &["url", "token"],
        &["header", "auth_scheme", "format", "index"],
    ),
    receiver("elasticsearch", &["url", "index"], CREDENTIAL),
    receiver("kafka", &["url", "topic"], CREDENTIAL),
    receiver(
        "datadog",
        &["url", "token"],
        &["header", "auth_scheme", "format"],
    ),
    receiver("webhook", &["url", "token"], &[]),
    receiver(
        "s3",
        &["url", "bucket", "access_key_id", "token"],
        &["region", "prefix", "format"],
    ),
    receiver("queue", &["binding"], &["format"]),
    receiver("r2", &["binding"], &["prefix", "format"]),
];

const fn receiver(
    name: &'static str,
    needs: &'static [&'static str],
    may: &'static [&'static str],
) -> Receiver {
    Receiver { name, needs, may }
}

impl Receiver {
    fn takes(&self, path: &str) -> bool {
        // It is about the URL.
        let path = if path == "allow_http" { "url" } else { path };
        self.needs.contains(&path) || self.may.contains(&path)
    }
}

/// What is about handing events over later than they happen, or waiting until they are handed over: the host's log does
/// neither.
const SENDING: [&str; 9] = [
    "delivery",
    "required_tools",
    "outbox",
    "timeout",
    "retries",
    "linger",
    "batch_events",
    "batch_bytes",
    "buffer_events",
];

/// What hosts leave for work after a response, less some time to keep what could not be handed over.
const AFTER_RESPONSE: Duration = Duration::from_secs(25);

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let sinks = named(settings, "sinks");
    names::plain(sinks, &SINK, mistakes);
    if let Some(setting) = settings.get("sinks")
        && sinks.is_empty()
    {
        mistakes.push(about(
            setting,
            "has no sink, so that events would go nowhere; add one, as [sinks.siem], or remove it: events then go to the \
             host's log",
        ));
    }
    for sink in sinks.values() {
        let Some(receiver) = receiver_of(sink) else {
            mistakes.push(of(
                sink,
                "needs `type`, what its receiver is, as type = \"otlp\"",
            ));
            continue;
        };
        has_what_it_needs(sink, receiver, mistakes);
        has_nothing_else(sink, receiver, mistakes);
        secure(sink, mistakes);
        credential(sink, receiver, mistakes);
        if receiver.name != "log" {
            times(sink, settings, mistakes);
            sizes(sink, mistakes);
        }
    }
}

fn receiver_of(sink: &Entry) -> Option<&'static Receiver> {
    match sink.settings.get("type").map(|setting| &setting.value) {
        Some(Value::Choice(chosen)) => RECEIVERS
            .iter()
            .find(|receiver| receiver.name == chosen.name),
        _ => None,
    }
}

fn has_what_it_needs(sink: &Entry, receiver: &Receiver, mistakes: &mut Vec<Mistake>) {
    for path in receiver.needs {
        if !sink.settings.contains_key(path) {
            let says = format!("needs `{path}`, {}", meaning(path));
            mistakes.push(of(sink, &says));
        }
    }
}

fn meaning(path: &str) -> &'static str {
    match path {
        "url" => "where its receiver is, as url = \"https://collector.example.com\"",
        "token" => {
            "the secret that it shares with its receiver, as token = { secret = \"SIEM_TOKEN\" }"
        }
        "index" => "where its receiver keeps events, as index = \"mcp-events\"",
        "topic" => "where its receiver keeps events, as topic = \"mcp-events\"",
        "bucket" => "where its receiver keeps events, as bucket = \"mcp-events\"",
        "access_key_id" => {
            "the id of the key whose secret is `token`, as access_key_id = { variable = \"S3_ACCESS_KEY\" }"
        }
        "binding" => {
            "the Worker's way to its receiver in wrangler.toml, as binding = \"AUDIT_EVENTS\""
        }
        _ => "which it cannot do without",
    }
}

fn has_nothing_else(sink: &Entry, receiver: &Receiver, mistakes: &mut Vec<Mistake>) {
    for (path, setting) in &sink.settings {
        let takers: Vec<_> = RECEIVERS
            .iter()
            .filter(|receiver| receiver.takes(path))
            .map(|receiver| receiver.name)
            .collect();
        if !takers.is_empty() && !receiver.takes(path) {
            let says = format!(
                "belongs to sinks of type {}, and this one is `{}`; remove it",
                takers.join(", "),
                receiver.name
            );
            mistakes.push(about(setting, &says));
        }
        if receiver.name == "log" && SENDING.contains(path) {
            mistakes.push(about(
                setting,
                "does not go with type `log`: the host's log is written as events happen, and nothing acknowledges it; \
                 remove it",
            ));
        }
        if receiver.name == "otlp-metrics" && waits(path, &setting.value) {
            mistakes.push(about(
                setting,
                "does not go with type `otlp-metrics`, which counts calls and keeps no record of them; remove it",
            ));
        }
    }
}

/// Whether a setting makes requests wait.
fn waits(path: &str, value: &Value) -> bool {
    match value {
        Value::Choice(delivery) => path == "delivery" && delivery.name == "required",
        Value::Words(tools) => path == "required_tools" && !tools.is_empty(),
        _ => false,
    }
}

/// A URL in the file is secure, unless the sink allows others. One in a variable is checked when an instance starts.
fn secure(sink: &Entry, mistakes: &mut Vec<Mistake>) {
    let allows = matches!(
        in_force(SINK.keys, "allow_http", &sink.settings),
        Some(Value::Flag(true))
    );
    if let Some(setting) = sink.settings.get("url")
        && let Value::Text(Text::Literal(url)) = &setting.value
        && let Err(says) = check_secure(url)
        && !allows
    {
        let says =
            format!("{says}; where the network up to the receiver is yours, set allow_http = true");
        mistakes.push(about(setting, &says));
    }
}

fn credential(sink: &Entry, receiver: &Receiver, mistakes: &mut Vec<Mistake>) {
    if sink.settings.contains_key("token") {
        return;
    }
    for path in ["header", "auth_scheme"] {
        if let Some(setting) = sink.settings.get(path)
            && receiver.takes(path)
        {
            mistakes.push(about(
                setting,
                "says how the token is sent, and there is none; write token = { secret = \"SIEM_TOKEN\" }, or remove \
                 it",
            ));
        }
    }
}

fn times(sink: &Entry, settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let length = |path| match in_force(SINK.keys, path, &sink.settings) {
        Some(Value::Duration(length)) => length,
        _ => Duration::ZERO,
    };
    let (linger, timeout) = (length("linger"), length("timeout"));
    let [own_linger, own_timeout] = ["linger", "timeout"].map(|path| sink.settings.get(path));
    if let Some(last) = last([own_linger, own_timeout])
        && linger.saturating_add(timeout) > AFTER_RESPONSE
    {
        let says = format!(
            "leaves too little time: linger ({}) and timeout ({}) must be at most {} together, since hosts stop work that \
             goes on long after a response",
            span::format(linger),
            span::format(timeout),
            span::format(AFTER_RESPONSE)
        );
        mistakes.push(about(last, &says));
    }
    if let Some(last) = last([own_linger, settings.get("audit.late_after")])
        && let Some(Value::Duration(late)) = in_force(KEYS, "audit.late_after", settings)
        && linger >= late
    {
        let says = format!(
            "makes every event late: the linger of {} ({}) must be shorter than audit.late_after ({})",
            sink.at,
            span::format(linger),
            span::format(late)
        );
        mistakes.push(about(last, &says));
    }
}

/// The one that is furthest down in the file.
fn last<const N: usize>(settings: [Option<&Setting>; N]) -> Option<&Setting> {
    settings
        .into_iter()
        .flatten()
        .max_by_key(|setting| setting.line)
}

fn sizes(sink: &Entry, mistakes: &mut Vec<Mistake>) {
    let number = |path| Number::of(SINK.keys, path, &sink.settings);
    let (batch, buffer) = (number("batch_events"), number("buffer_events"));
    if batch.number > buffer.number {
        mistakes.extend(objection(&batch, &buffer, "must be at most"));
    }
}
