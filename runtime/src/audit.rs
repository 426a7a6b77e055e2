//! What happened: one event for every request, whichever stage ended it.
//!
//! The event is one line of JSON in the host's log. Its version says what a reader may rely on: members may
//! be added within a version, and change their meaning only with a new one.

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use crate::auth::{Caller, Principal};
use crate::client::Client;
use crate::host::{SharedHost, Timestamp};
use crate::refusal::{Refusal, Refused};
use crate::trace::TraceParent;
use crate::wire::Call;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// With a result.
    Ok,
    /// With a tool's own failure.
    ToolError,
    /// With questions to the caller.
    InputRequired,
    /// Nothing was to be answered.
    Accepted,
    /// With a refusal.
    Refused,
    /// The caller went away, or the host stopped the work.
    Cancelled,
}

/// What the policy said of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) decision: &'static str,
    pub(crate) rule: Option<&'static str>,
    /// Whether no rule names what was asked for.
    pub(crate) quarantined: bool,
}

/// Who sent a request.
#[derive(Debug, Clone, Serialize)]
struct Who {
    /// Nobody knows who.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymous: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// The client that the issuer says acts for the subject, unlike the one that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// Those who act for the subject, the one who acts now first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actors: Vec<String>,
}

impl Who {
    fn of(caller: &Caller) -> Self {
        let principal = caller.principal();
        let own = |text: &str| text.to_owned();
        Self {
            anonymous: principal.is_none(),
            issuer: principal.map(|who| own(who.issuer())),
            subject: principal.map(|who| own(who.subject())),
            tenant: principal.and_then(Principal::tenant).map(own),
            client: principal.and_then(Principal::client).map(own),
            actors: principal
                .map(Principal::actors)
                .unwrap_or_default()
                .iter()
                .map(|actor| actor.subject.clone())
                .collect(),
        }
    }
}

/// One request in the log.
#[derive(Debug, Clone, Serialize)]
struct Event {
    event: &'static str,
    version: u8,
    /// Unique, so that a log that gets an event twice can tell.
    id: String,
    time: String,
    host: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    era: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// The tool, prompt or resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    outcome: Outcome,
    /// What the policy decided: `allow`, `deny`, `step_up` or `sign_in`.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    /// The rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// The rate that the call was beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<&'static str>,
    /// No rule names what was asked for, so nobody sees it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    quarantined: bool,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// What was wrong with a token; callers are told only that it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'static str>,
    /// What a handler said that its caller must not hear.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    status: u16,
    duration_ms: u64,
    request_bytes: usize,
    response_bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
}

/// The event of a request that has not ended yet. One that is dropped says that the request was cancelled,
/// so that no request is without an event.
pub(crate) struct Record {
    host: SharedHost,
    began: Timestamp,
    event: Option<Box<Event>>,
}

/// How long a name or a client's name may be in the log, in characters.
const LONGEST_NAME: usize = 256;

impl Record {
    pub(crate) fn begin(host: SharedHost) -> Self {
        let began = host.now();
        let event = Event {
            event: "mcp.request",
            version: 2,
            id: unique(&host),
            time: time(began),
            host: host.name(),
            server: None,
            environment: None,
            principal: None,
            era: None,
            revision: None,
            client: None,
            method: None,
            name: None,
            outcome: Outcome::Cancelled,
            decision: None,
            rule: None,
            rate: None,
            quarantined: false,
            reason: None,
            token: None,
            detail: None,
            status: 0,
            duration_ms: 0,
            request_bytes: 0,
            response_bytes: 0,
            trace_id: None,
            parent_span_id: None,
        };
        Self {
            host,
            began,
            event: Some(Box::new(event)),
        }
    }

    /// The event of one message of a batch.
    pub(crate) fn branch(&self) -> Self {
        let mut branch = Self {
            host: SharedHost::clone(&self.host),
            began: self.began,
            event: self.event.clone(),
        };
        let id = unique(&self.host);
        branch.note(|event| event.id = id);
        branch
    }

    /// Ends without an event: the messages of a batch have theirs.
    pub(crate) fn dissolve(mut self) {
        self.event = None;
    }

    fn note(&mut self, note: impl FnOnce(&mut Event)) {
        if let Some(event) = &mut self.event {
            note(event);
        }
    }

    pub(crate) fn server(&mut self, name: &str, environment: Option<&str>) {
        self.note(|event| {
            event.server = Some(name.to_owned());
            event.environment = environment.map(str::to_owned);
        });
    }

    pub(crate) fn caller(&mut self, caller: &Caller) {
        self.note(|event| event.principal = Some(Who::of(caller)));
    }

    pub(crate) fn received(&mut self, bytes: usize) {
        self.note(|event| event.request_bytes = bytes);
    }

    pub(crate) fn call(&mut self, call: &Call) {
        let subject = call
            .method
            .subject()
            .and_then(|subject| call.params.get(subject))
            .and_then(serde_json::Value::as_str);
        self.note(|event| {
            event.method = Some(call.method.as_str().to_owned());
            event.name = subject.map(shorten);
        });
        self.client(&call.client);
        self.trace(call.trace.as_ref());
    }

    pub(crate) fn notification(&mut self, method: Option<&str>, client: Option<&Client>) {
        self.note(|event| event.method = method.map(shorten));
        if let Some(client) = client {
            self.client(client);
        }
    }

    fn client(&mut self, client: &Client) {
        self.note(|event| {
            event.era = Some(client.revision().era().to_string());
            event.revision = Some(client.revision().as_str());
            event.client = client.name().map(shorten);
        });
    }

    fn trace(&mut self, trace: Option<&TraceParent>) {
        self.note(|event| {
            event.trace_id = trace.map(|trace| trace.trace().to_owned());
            event.parent_span_id = trace.map(|trace| trace.parent().to_owned());
        });
    }

    pub(crate) fn token(&mut self, reason: &'static str) {
        self.note(|event| event.token = Some(reason));
    }

    pub(crate) fn verdict(&mut self, verdict: Verdict) {
        self.note(|event| {
            event.decision = Some(verdict.decision);
            event.rule = verdict.rule;
            event.quarantined = verdict.quarantined;
        });
    }

    pub(crate) fn rate(&mut self, rate: &'static str) {
        self.note(|event| event.rate = Some(rate));
    }

    pub(crate) fn detail(&mut self, detail: impl Into<String>) {
        let detail = detail.into();
        self.note(|event| event.detail = Some(detail));
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.note(|event| event.response_bytes = event.response_bytes.saturating_add(bytes));
    }

    /// Ends with a refusal.
    pub(crate) fn refused(mut self, refusal: &Refusal, status: u16) {
        self.note(|event| event.reason = Some(refusal.reason()));
        self.ended(Outcome::Refused, status);
    }

    /// Ends with a refusal that is all the response says.
    pub(crate) fn refused_whole(mut self, refused: &Refused) {
        self.note(|event| event.era = refused.era.map(|era| era.to_string()));
        self.refused(&refused.refusal, refused.status().as_u16());
    }

    /// Ends.
    pub(crate) fn ended(mut self, outcome: Outcome, status: u16) {
        self.note(|event| {
            event.outcome = outcome;
            event.status = status;
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let Some(mut event) = self.event.take() else {
            return;
        };
        let duration = self.host.now().since(self.began);
        event.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        if let Ok(line) = serde_json::to_string(&event) {
            self.host.log(&line);
        }
    }
}

fn shorten(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

fn time(at: Timestamp) -> String {
    i64::try_from(at.as_millis())
        .ok()
        .and_then(DateTime::from_timestamp_millis)
        .map_or_else(String::new, |time| {
            time.to_rfc3339_opts(SecondsFormat::Millis, true)
        })
}

/// 16 random bytes in hexadecimal. A host without randomness gives the event an id of zeros rather than
/// the request no event.
fn unique(host: &SharedHost) -> String {
    let mut bytes = [0; 16];
    let _ = host.random(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
