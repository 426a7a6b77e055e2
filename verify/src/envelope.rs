//! What the systems on the way put around an event.
//!
//! People read these members rather than the event within, and no signature covers them. So each is compared with what the event
//! says: the members that a sink writes with the sink's own rendering, and those that a receiver adds, as far as they are known,
//! with the event's members.

mod compare;
mod damage;
mod otlp;
mod own;

use std::borrow::Cow;

use mcp_edge_audit::Event;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::canonical_of;
use mcp_edge_envelope::Envelope;
use serde_json::{Map, Value};

use self::compare::{Differences, Source, compare, copied, is_member, is_time};
use self::damage::{has_mark, is_blank, looks_damaged};
use self::own::Names;
use super::logged_event::{HASH, LoggedEvent, is_event};
use super::report::ChainVerdict;
use super::unique;

/// An event in a line.
pub(super) struct Opened<'a> {
    pub(super) found: LoggedEvent,
    /// Its canonical JSON with its hash behind it, as a server writes a line.
    pub(super) line: Cow<'a, str>,
}

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// An event, or several.
    Events,
    /// No event, and nothing that looks like part of one.
    Nothing,
    /// Something that was cut off or damaged: JSON that does not end, a member that is there twice, an envelope without its
    /// event, or an event in more envelopes than are opened.
    Damaged,
}

/// How many envelopes one in another are opened. OTLP has nine.
const MAX_DEPTH: usize = 12;

/// Gives every event in a line to `take`.
pub(super) fn unwrap(line: &str, take: &mut impl FnMut(Opened<'_>)) -> Content {
    if let Some(found) = LoggedEvent::read(line) {
        let line = Cow::Borrowed(line);
        take(Opened { found, line });
        return Content::Events;
    }
    let mut opening = Opening::default();
    let mut is_damaged = match unique::parse(line) {
        Some(value) => !opening.open(&value, MAX_DEPTH) && holds_event(&value),
        None => !opening.open_within(line) && looks_damaged(line),
    };
    is_damaged |= opening.is_damaged;
    let is_empty = opening.events.is_empty();
    for inside in opening.events {
        take(Opened {
            found: inside.found,
            line: Cow::Owned(inside.line),
        });
    }
    match (is_damaged, is_empty) {
        (true, _) => Content::Damaged,
        (false, true) => Content::Nothing,
        (false, false) => Content::Events,
    }
}

/// Whether an event, part of one, or an envelope that says that one is in it is anywhere in a value, also in the JSON of a text.
fn holds_event(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            is_event(members) || is_envelope(members) || members.values().any(holds_event)
        }
        Value::Array(items) => items.iter().any(holds_event),
        Value::String(text) => has_mark(text) || holds_event_as_json(text),
        _ => false,
    }
}

fn holds_event_as_json(text: &str) -> bool {
    let begin = text.trim_start_matches(is_blank);
    if begin.starts_with(['{', '[', '"']) {
        return match unique::parse(begin) {
            Some(value) => holds_event(&value),
            None => looks_damaged(begin),
        };
    }
    let within = around_object(text).and_then(|(_, object, _)| unique::parse(object));
    within.is_some_and(|value| holds_event(&value))
}

/// What is before the first brace of a text, from it to the last, and after that.
fn around_object(text: &str) -> Option<(&str, &str, &str)> {
    let begin = text.find('{')?;
    let end = text.rfind('}')?.saturating_add(1);
    let (rest, after) = text.split_at_checked(end)?;
    let (before, object) = rest.split_at_checked(begin)?;
    Some((before, object, after))
}

/// Whether a reader takes an object for one that a sink wrote, whatever is in it.
fn is_envelope(members: &Map<String, Value>) -> bool {
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let product = members
        .get("metadata")
        .and_then(|metadata| metadata.pointer("/product/name"));
    let attributes = members.get("attributes").and_then(Value::as_array);
    let mut keys = attributes
        .into_iter()
        .flatten()
        .filter_map(|attribute| attribute.get("key").and_then(Value::as_str));
    (members.contains_key("specversion") && text("type").starts_with("mcp."))
        || product.and_then(Value::as_str) == Some("mcp-edge")
        || ["ddsource", "sourcetype"].map(text).contains(&"mcp-edge")
        || text("eventName").starts_with("mcp.")
        || keys.any(|key| key.starts_with("mcp_edge."))
}

/// An event within an envelope.
pub(super) struct Inside {
    found: LoggedEvent,
    line: String,
    /// The event, if this program knows all of its members.
    linked: Option<ChainedEvent>,
}

/// What an object that holds events is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A sink writes all of it, but for members of these names.
    Rendered(Envelope, Names),
    /// Records of OpenTelemetry, and what they are in.
    Resource,
    Scope,
    Record,
    /// A document as Elasticsearch and OpenSearch return it.
    Hit,
    /// An event as Splunk returns it.
    SplunkResult,
    /// A log as Datadog returns it.
    DatadogLog,
    /// A record as consumers of Kafka return it.
    KafkaRecord,
    /// Nothing of it is about one event. A receiver writes these members.
    Container(Names),
}

/// Where an event, or what holds it, is in an object. The first that leads to an event decides; every other member is compared.
fn forms(members: &Map<String, Value>) -> impl Iterator<Item = (&'static str, Form)> {
    let has = |name: &str| members.contains_key(name);
    let (is_cloud_event, is_sent, is_hec) = (
        has("specversion"),
        has("ddsource"),
        has("sourcetype") || has("time"),
    );
    [
        (
            "data",
            if is_cloud_event {
                Form::Rendered(Envelope::CloudEvent, &[])
            } else {
                Form::Container(own::DATADOG_PAGE)
            },
        ),
        ("raw_data", Form::Rendered(Envelope::Ocsf, &[])),
        ("_raw", Form::SplunkResult),
        ("_source", Form::Hit),
        (
            "event",
            if is_hec {
                Form::Rendered(Envelope::Splunk, own::SPLUNK_SENT)
            } else {
                Form::Container(&[])
            },
        ),
        (
            "message",
            if is_sent {
                Form::Rendered(Envelope::Datadog, &[])
            } else {
                Form::DatadogLog
            },
        ),
        ("result", Form::Container(own::SPLUNK_RESULT)),
        ("results", Form::Container(own::SPLUNK_RESULTS)),
        ("hits", Form::Container(own::HITS)),
        ("resourceLogs", Form::Container(&[])),
        ("scopeLogs", Form::Resource),
        ("logRecords", Form::Scope),
        ("body", Form::Record),
        ("stringValue", Form::Container(&[])),
        ("attributes", Form::Container(own::DATADOG_ITEM)),
        ("value", Form::KafkaRecord),
        ("records", Form::Container(&[])),
    ]
    .into_iter()
}

/// The events of one line.
#[derive(Default)]
struct Opening {
    events: Vec<Inside>,
    is_damaged: bool,
}

impl Opening {
    /// Opens a value; whether it leads to an event.
    fn open(&mut self, value: &Value, deeper: usize) -> bool {
        let Some(deeper) = deeper.checked_sub(1) else {
            return false;
        };
        match value {
            Value::Object(members) => self.open_object(members, deeper),
            Value::Array(items) => {
                let mut is_opened = false;
                for item in items {
                    if self.open(item, deeper) {
                        is_opened = true;
                    } else {
                        self.is_damaged |= holds_event(item);
                    }
                }
                is_opened
            }
            Value::String(text) if text.trim_start_matches(is_blank).starts_with(['{', '[']) => {
                self.open_text(text, deeper)
            }
            _ => false,
        }
    }

    fn open_text(&mut self, text: &str, deeper: usize) -> bool {
        if let Some(found) = LoggedEvent::read(text) {
            self.events.push(Inside::new(found, text.to_owned()));
            return true;
        }
        match unique::parse(text) {
            Some(value) => self.open(&value, deeper),
            None => {
                self.is_damaged |= looks_damaged(text);
                false
            }
        }
    }

    fn open_object(&mut self, members: &Map<String, Value>, deeper: usize) -> bool {
        // What Splunk returns has fields that it read from the event, `event` and `hash` among them.
        let is_event = !members.contains_key("_raw");
        if let Some(found) = is_event.then(|| LoggedEvent::restore(members)).flatten() {
            let mut line = String::from_utf8(canonical_of(members)).unwrap_or_default();
            line.truncate(line.len().saturating_sub(1));
            line.push_str(&format!("{HASH}{}\"}}", found.entry.hash));
            self.events.push(Inside::new(found, line));
            return true;
        }
        let before = self.events.len();
        for (name, form) in forms(members) {
            let Some(value) = members.get(name) else {
                continue;
            };
            if self.open(value, deeper) {
                let events = self.events.get_mut(before..).unwrap_or_default();
                form.check(name, members, events);
                return true;
            }
        }
        self.open_unknown(members, deeper)
    }

    /// Opens an object that is no envelope which this program knows: a log of containers, say. What holds no event is passed
    /// over.
    fn open_unknown(&mut self, members: &Map<String, Value>, deeper: usize) -> bool {
        let before = self.events.len();
        let tried: Vec<_> = forms(members).map(|(name, _)| name).collect();
        let others = members.iter();
        let others = others.filter(|(name, _)| !tried.contains(&name.as_str()));
        let unopened: Vec<_> = others
            .filter(|(_, value)| !self.open(value, deeper))
            .collect();
        let events = self.events.get_mut(before..).unwrap_or_default();
        if events.is_empty() {
            return false;
        }
        let tried = tried.iter().filter_map(|name| members.get(*name));
        self.is_damaged |= tried.into_iter().any(holds_event);
        for inside in events {
            let why = "it is in an envelope that this program does not know".to_owned();
            inside
                .found
                .notes
                .push((ChainVerdict::UnprovenEnvelope, why));
        }
        self.is_damaged |= unopened.iter().any(|(_, value)| holds_event(value));
        true
    }

    /// Opens the JSON in a line that has other words before or after it.
    fn open_within(&mut self, line: &str) -> bool {
        let Some((before, text, after)) = around_object(line) else {
            return false;
        };
        if text.len() == line.len() || !self.open_text(text, MAX_DEPTH) {
            // Words of a log that are not JSON in themselves are not damaged.
            self.is_damaged = unique::parse(text).is_some_and(|value| holds_event(&value));
            return false;
        }
        self.is_damaged |= has_mark(before) || has_mark(after);
        for inside in &mut self.events {
            let why = "a server writes nothing before or after an event on its line".to_owned();
            inside
                .found
                .notes
                .push((ChainVerdict::UnprovenEnvelope, why));
        }
        true
    }
}

impl Inside {
    fn new(found: LoggedEvent, line: String) -> Self {
        let event = serde_json::from_str::<Event>(&line).ok();
        let linked = event.map(ChainedEvent::new);
        let hash = found.entry.hash.to_string();
        Self {
            linked: linked.filter(|linked| linked.hash == hash),
            found,
            line,
        }
    }

    /// Compares what is around the event; `what` names it.
    fn compare(&mut self, what: &str, check: impl FnOnce(&ChainedEvent, &str, &mut Differences)) {
        if self.found.altered.is_some() {
            // That it was altered is known, and so nothing can be compared with it.
            return;
        }
        let mut differences = Differences::default();
        match &self.linked {
            Some(linked) => check(linked, &self.line, &mut differences),
            None => differences.unproven("an event with members that this program does not know"),
        }
        self.found.notes.extend(differences.notes(what));
    }
}

/// What a receiver read fields from: the event, or the envelope that the sink sent, which has been compared with it.
fn source(members: &Map<String, Value>, name: &str) -> Source {
    match members.get(name) {
        Some(Value::String(text)) => Source::of(&serde_json::from_str(text).unwrap_or_default()),
        Some(value) => Source::of(value),
        None => Source::default(),
    }
}

impl Form {
    /// Compares the members around `events`, which are in the member `name`.
    fn check(self, name: &str, members: &Map<String, Value>, events: &mut [Inside]) {
        match self {
            Self::Container(known) => {
                let lines: Vec<&str> = events.iter().map(|inside| inside.line.as_str()).collect();
                let others = members.iter().filter(|(other, _)| *other != name);
                let mut differences = Differences::default();
                for (other, value) in others {
                    let is_known = known.iter().any(|(own, _)| own == other);
                    if is_member(other) && !is_known {
                        differences.contradicts(other);
                    } else {
                        own::check(known, other, value, &lines, &mut differences);
                    }
                }
                let notes = differences.notes("around the event");
                for inside in events {
                    inside.found.notes.extend(notes.iter().cloned());
                }
            }
            Self::Resource => otlp::check_resource(members, events),
            Self::Scope => otlp::check_scope(members, events),
            _ => match events {
                [inside] => self.check_one(name, members, inside),
                several => {
                    for inside in several {
                        let why = "several events are in an envelope for one".to_owned();
                        inside.found.notes.push((ChainVerdict::Envelope, why));
                    }
                }
            },
        }
    }

    fn check_one(self, name: &str, members: &Map<String, Value>, inside: &mut Inside) {
        match self {
            Self::Rendered(envelope, known) => {
                let free: Vec<_> = known.iter().map(|(own, _)| *own).chain([name]).collect();
                inside.compare(what(envelope), |linked, line, differences| {
                    let expected = envelope.render(linked, line);
                    if let Some(expected) = expected.as_object() {
                        compare::members(expected, members, &free, differences);
                    }
                    for own in known.iter().map(|(own, _)| *own) {
                        if let Some(value) = members.get(own) {
                            own::check(known, own, value, &[line], differences);
                        }
                    }
                });
            }
            Self::Record => otlp::check_record(members, inside),
            Self::Hit => inside.compare("Elasticsearch", |linked, line, differences| {
                check_hit(members, &linked.event.id, line, differences);
            }),
            Self::SplunkResult => inside.compare("Splunk", |linked, line, differences| {
                check_splunk(members, linked, line, differences);
            }),
            Self::DatadogLog => inside.compare("Datadog", |linked, line, differences| {
                check_datadog(members, linked, line, differences);
            }),
            Self::KafkaRecord => inside.compare("Kafka", |linked, line, differences| {
                let expected = Envelope::Kafka.render(linked, line);
                for (other, value) in members.iter().filter(|(other, _)| *other != name) {
                    match other.as_str() {
                        "key" => compare("key", expected.get("key"), value, differences),
                        other => {
                            own::check(own::KAFKA_RECORD, other, value, &[line], differences);
                        }
                    }
                }
            }),
            Self::Resource | Self::Scope | Self::Container(_) => {}
        }
    }
}

fn what(envelope: Envelope) -> &'static str {
    match envelope {
        Envelope::CloudEvent => "CloudEvents",
        Envelope::Datadog => "Datadog",
        Envelope::Kafka => "Kafka",
        Envelope::Ocsf => "OCSF",
        Envelope::OtlpLogs => "OTLP",
        Envelope::Splunk => "Splunk",
    }
}

/// What Elasticsearch and OpenSearch put around a document (Search API, "hits").
fn check_hit(members: &Map<String, Value>, id: &str, line: &str, differences: &mut Differences) {
    for (name, value) in members {
        match (name.as_str(), value) {
            ("_source", _) => {}
            ("_id", value) => compare("_id", Some(&Value::from(id)), value, differences),
            ("fields", Value::Object(fields)) => {
                let source = source(members, "_source");
                for (name, value) in fields {
                    copied(name, value, &source, line, differences);
                }
            }
            (name, value) => own::check(own::HIT, name, value, &[line], differences),
        }
    }
}

/// What Splunk returns with an event: its metadata, and fields that it read from the event.
fn check_splunk(
    members: &Map<String, Value>,
    linked: &ChainedEvent,
    line: &str,
    differences: &mut Differences,
) {
    let is_splunks = |name: &str| {
        let mut own = own::SPLUNK_FIELDS.iter();
        name.starts_with('_') || own.any(|(own, _)| *own == name)
    };
    let source = source(members, "_raw");
    let rendered = Envelope::Splunk.render(linked, line);
    // Events that reached Splunk by another way than the sink have other metadata, of which nothing is known.
    let is_own = members.get("sourcetype") == rendered.get("sourcetype");
    for (name, value) in members {
        match name.as_str() {
            "_raw" => {}
            "_time" if is_time(value, linked.at()) => {}
            "_time" => differences.contradicts("_time"),
            "host" | "source" | "sourcetype" if is_own => {
                // `host` may be the event's member as well.
                let own = (name == "host").then_some(&*linked.event.host);
                let expected = rendered.get(name.as_str()).and_then(Value::as_str);
                let allowed = [expected, own];
                let is_allowed =
                    |value: &Value| value.is_string() && allowed.contains(&value.as_str());
                let is_same = match value {
                    Value::Array(values) => !values.is_empty() && values.iter().all(is_allowed),
                    value => value.is_string() && value.as_str() == expected,
                };
                if !is_same {
                    differences.contradicts(name);
                }
            }
            "host" | "source" | "sourcetype" => {
                own::check(&[], name, value, &[line], differences);
            }
            "_sourcetype" if is_own && Some(value) == rendered.get("sourcetype") => {}
            other if is_splunks(other) => {
                own::check(own::SPLUNK_FIELDS, other, value, &[line], differences);
            }
            other => copied(other, value, &source, line, differences),
        }
    }
}

/// What Datadog returns with a log (API v2, "Search logs"): reserved attributes, and what it read from the message.
fn check_datadog(
    members: &Map<String, Value>,
    linked: &ChainedEvent,
    line: &str,
    differences: &mut Differences,
) {
    let rendered = Envelope::Datadog.render(linked, line);
    for (name, value) in members {
        match name.as_str() {
            "message" => {}
            "service" => compare("service", rendered.get("service"), value, differences),
            "host" => compare("host", rendered.get("hostname"), value, differences),
            "tags" => check_tags(value, &rendered, line, differences),
            "attributes" => {
                let source = source(members, "message");
                for (name, value) in value.as_object().into_iter().flatten() {
                    copied(name, value, &source, line, differences);
                }
            }
            other => own::check(own::DATADOG_LOG, other, value, &[line], differences),
        }
    }
}

/// Tags are those that the sink sent, and what Datadog makes of the source, the service and the host.
fn check_tags(value: &Value, rendered: &Value, line: &str, differences: &mut Differences) {
    let sent = |name: &str| rendered.get(name).and_then(Value::as_str);
    let of = |kind: &str, name: &str| sent(name).map(|text| format!("{kind}:{text}"));
    let known = [
        sent("ddtags").map(str::to_owned),
        of("source", "ddsource"),
        of("service", "service"),
        of("host", "hostname"),
    ];
    let others = match value {
        Value::Array(tags) => tags.as_slice(),
        other => std::slice::from_ref(other),
    };
    for tag in others {
        match tag.as_str() {
            Some(text) if known.iter().flatten().any(|known| known == text) => {}
            Some(text) if text.starts_with("env:") => differences.contradicts("tags"),
            _ => own::check(&[], "tags", tag, &[line], differences),
        }
    }
}
