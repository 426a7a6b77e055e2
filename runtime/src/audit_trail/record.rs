//! The event of a request, while the request goes on.

use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::digest::{hexadecimal, sha256};
use mcp_edge_audit::event::{
    Event, EventLivePolicy, EventPrincipal, EventText, EventType, Outcome, UpstreamCalls, VERSION,
};
use mcp_edge_audit::evidence::Receipt;
use serde_json::{Map, Value, json};

use super::bound::fit;
use super::content::CaptureTarget;
use super::trail::{AuditError, AuditTrail, deliver_all};
use crate::auth::{Caller, Principal};
use crate::client::Client;
use crate::config::{Destination, LivePolicy, Settings};
use crate::host::{SharedHost, Timestamp};
use crate::jsonrpc::member;
use crate::policy::{Kind as TargetKind, Target};
use crate::protocol::{Call, Method};
use crate::refusal::{Fault, Refusal, RefusedRequest};
use crate::revision::Era;
use crate::trace::{Span, TraceParent};

/// What clients may notify a server of, in any revision. Any other method is the caller's own word.
const NOTIFICATIONS: [&str; 5] = [
    "notifications/cancelled",
    "notifications/initialized",
    "notifications/progress",
    "notifications/roots/list_changed",
    "notifications/tasks/status",
];

/// What the policy said of a call.
#[derive(Debug, Clone)]
pub(crate) struct PolicyRecord {
    pub(crate) decision: &'static str,
    pub(crate) rule: Option<EventText>,
    /// Whether no rule names what was asked for.
    pub(crate) quarantined: bool,
}

/// The event of a request that has not ended yet. One that is dropped says that the request was cancelled,
/// so that no request is without an event.
pub(crate) struct Record {
    host: SharedHost,
    trail: Option<Rc<AuditTrail>>,
    began: Timestamp,
    span: Span,
    /// What kind of thing `name` is, where its words may be recorded.
    kind: Option<TargetKind>,
    event: Option<Box<Event>>,
}

/// A request to an upstream of the gateway, for the event of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamCall {
    /// The upstream, as `mcp.toml` names it.
    pub name: &'static str,
    /// The kind of its authority, if it has one.
    pub authority: Option<&'static str>,
    /// The audience of the authority.
    pub audience: Option<String>,
    /// The HTTP status of the response, if there was one.
    pub status: Option<u16>,
    /// The time until the whole response was there.
    pub duration: Duration,
}

impl Record {
    pub(crate) fn begin(host: SharedHost) -> Self {
        let began = host.now();
        let mut random = [0; 40];
        // A host without randomness gives the event an id of zeros rather than the request no event.
        let _ = host.random(&mut random);
        let (id, span) = random.split_at(16);
        let event = Event {
            version: VERSION,
            id: hexadecimal(id),
            time: began.to_rfc3339(),
            host: host.name().into(),
            ..Event::default()
        };
        Self {
            host,
            trail: None,
            began,
            span: Span::new(span),
            kind: None,
            event: Some(Box::new(event)),
        }
    }

    /// The event of one message of a batch.
    pub(crate) fn branch(&self) -> Self {
        let mut random = [0; 24];
        let _ = self.host.random(&mut random);
        let mut branch = Self {
            host: SharedHost::clone(&self.host),
            trail: self.trail.clone(),
            began: self.began,
            span: Span::new(&random),
            kind: None,
            event: self.event.clone(),
        };
        let id = unique(&self.host);
        branch.note(|event| event.id = id);
        branch
    }

    /// Ends without an event: the messages of a batch have theirs.
    pub(crate) fn discard(mut self) {
        self.event = None;
    }

    fn note(&mut self, note: impl FnOnce(&mut Event)) {
        if let Some(event) = &mut self.event {
            note(event);
        }
    }

    /// The instance that serves the request, and where its events go.
    pub(crate) fn instance(
        &mut self,
        server: &str,
        environment: Option<&str>,
        live_policy: Option<&LivePolicy>,
        trail: &Rc<AuditTrail>,
    ) {
        self.trail = Some(Rc::clone(trail));
        self.note(|event| {
            event.live_policy = live_policy.map(|policy| EventLivePolicy {
                digest: Some(policy.digest.clone()),
                key: Some(policy.key.clone()),
                version: policy.version,
            });
            event.server = Some(server.to_owned());
            event.environment = environment.map(str::to_owned);
        });
    }

    /// Where the client is, if the host says.
    pub(crate) fn address(&mut self, address: Option<IpAddr>) {
        self.note(|event| event.client_address = address.map(|address| address.to_string()));
    }

    pub(crate) fn caller(&mut self, caller: &Caller) {
        self.note(|event| event.principal = Some(who(caller)));
    }

    /// Where a document is that is asked for.
    pub(crate) fn path(&mut self, path: &str) {
        self.note(|event| event.path = Some(path.to_owned()));
    }

    pub(crate) fn received(&mut self, bytes: usize) {
        self.note(|event| event.request_bytes = count(bytes));
    }

    /// What is called: `asked` is the name or URI in the caller's words, `target` the item of the server that it names.
    pub(crate) fn call(
        &mut self,
        call: &Call,
        asked: Option<&str>,
        target: Option<Target<'_>>,
        inner: Option<&Value>,
    ) {
        let arguments = match call.method {
            Method::CallTool if inner.is_some() => inner.map(Cow::Borrowed),
            Method::CallTool | Method::GetPrompt => {
                member(&call.params, "arguments").map(Cow::Borrowed)
            }
            Method::Complete => member(&call.params, "argument").map(Cow::Borrowed),
            Method::ReadResource => asked.map(|uri| Cow::Owned(json!({ "uri": uri }))),
            _ => None,
        };
        // The arguments and values of a completion have other places than those that `redact_paths` points to.
        let whose = target
            .filter(|_| call.method != Method::Complete)
            .map(|target| (target.kind, target.name));
        self.kind = whose.map(|(kind, _)| kind);
        let said = self
            .trail
            .as_ref()
            .zip(arguments)
            .and_then(|(trail, arguments)| trail.words.arguments(whose, &arguments));
        self.note(|event| {
            event.method = Some(call.method.as_str().into());
            match (target, asked) {
                (Some(target), _) => event.name = Some(target.name.to_owned()),
                (None, Some(asked)) => event.name_sha256 = Some(sha256(asked.as_bytes())),
                (None, None) => {}
            }
            event.arguments = said;
        });
        self.client(&call.client);
        self.trace(call.trace.as_ref());
    }

    /// A message that asks for nothing.
    pub(crate) fn notification(&mut self, method: Option<&str>, client: Option<&Client>) {
        if let Some(method) = method {
            self.asked(method);
        }
        if let Some(client) = client {
            self.client(client);
        }
    }

    /// The method of a message of which nothing else is sure. It may be the caller's own word.
    pub(crate) fn asked(&mut self, method: &str) {
        let eras = [Era::Modern, Era::Legacy];
        let request = eras.iter().find_map(|era| Method::parse(method, *era));
        let notification = NOTIFICATIONS.iter().find(|known| **known == method);
        let known = request.map(Method::as_str).or(notification.copied());
        self.note(|event| match known {
            Some(known) => event.method = Some(known.into()),
            None => event.name_sha256 = Some(sha256(method.as_bytes())),
        });
    }

    fn client(&mut self, client: &Client) {
        let name = client
            .name()
            .zip(self.trail.as_ref())
            .map(|(name, trail)| trail.words.name(name));
        self.note(|event| {
            event.era = Some(client.revision().era().as_str().into());
            event.revision = Some(client.revision().as_str().into());
            event.client_info = name;
        });
    }

    fn trace(&mut self, caller: Option<&TraceParent>) {
        if let Some(caller) = caller {
            self.span = self.span.below(caller);
        }
        let parent = caller.map(|caller| caller.parent().to_owned());
        self.note(|event| event.parent_span_id = parent);
    }

    /// The span of this request.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    pub(crate) fn token(&mut self, reason: &'static str) {
        self.note(|event| event.token_error = Some(reason.into()));
    }

    pub(crate) fn verdict(&mut self, verdict: PolicyRecord) {
        self.note(|event| {
            event.decision = Some(verdict.decision.into());
            event.rule = verdict.rule;
            event.quarantined = verdict.quarantined;
        });
    }

    pub(crate) fn rate(&mut self, rate: &'static str) {
        self.note(|event| event.rate_limit = Some(rate.into()));
    }

    /// A request that the handler sent, and whether it was answered.
    pub(crate) fn upstream(&mut self, answered: bool) {
        self.note(|event| {
            let upstream = event.upstream.get_or_insert_with(UpstreamCalls::default);
            upstream.calls = upstream.calls.saturating_add(1);
            upstream.failed = upstream.failed.saturating_add(u64::from(!answered));
        });
    }

    /// The last request to an upstream of the gateway.
    pub(crate) fn upstream_call(&mut self, call: UpstreamCall) {
        self.note(|event| {
            let upstream = event.upstream.get_or_insert_with(UpstreamCalls::default);
            upstream.name = Some(call.name.into());
            upstream.authority = call.authority.map(Into::into);
            upstream.audience = call.audience;
            upstream.status = call.status;
            let millis = call.duration.as_millis();
            upstream.duration_ms = Some(u64::try_from(millis).unwrap_or(u64::MAX));
        });
    }

    pub(crate) fn detail(&mut self, detail: impl Into<String>) {
        let detail = match &self.trail {
            Some(trail) => trail.words.sentence(detail.into()),
            None => detail.into(),
        };
        self.note(|event| event.detail = Some(detail));
    }

    pub(crate) fn result(&mut self, result: &Map<String, Value>) {
        let said = self
            .trail
            .as_ref()
            .zip(self.event.as_ref())
            .and_then(|(trail, event)| trail.words.result(self.whose(event), result));
        self.note(|event| event.result = said);
    }

    fn whose<'a>(&self, event: &'a Event) -> CaptureTarget<'a> {
        self.kind.zip(event.name.as_deref())
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.note(|event| event.response_bytes = event.response_bytes.saturating_add(count(bytes)));
    }

    /// Says that a destructive tool is about to run, where its call must be on record; the tool does not run unless
    /// that is.
    pub(crate) fn intend(&self, name: &str) -> Option<Recorded> {
        let trail = self
            .trail
            .as_ref()
            .filter(|trail| trail.requires_tool(name))?;
        let event = self.event.as_ref()?;
        let intent = Event {
            event: EventType::Intent,
            outcome: Outcome::Intended,
            id: unique(&self.host),
            request_id: Some(event.id.clone()),
            time: self.host.now().to_rfc3339(),
            trace_id: Some(self.span.trace().to_owned()),
            span_id: Some(self.span.span().to_owned()),
            ..Event::clone(event)
        };
        Some(trail.add(intent, &self.host))
    }

    /// Ends with a refusal.
    pub(crate) fn refused(mut self, refusal: &Refusal, status: u16) -> Recorded {
        let is_denied = self.event.as_ref().is_some_and(|event| {
            event
                .decision
                .as_deref()
                .is_some_and(|decision| decision != "allow")
        });
        let outcome = match refusal.fault() {
            Fault::Server => Outcome::Failed,
            Fault::Client if is_denied || refusal.is_denial() => Outcome::Refused,
            Fault::Client => Outcome::ProtocolError,
        };
        self.note(|event| event.reason = Some(refusal.reason().into()));
        self.ended(outcome, status)
    }

    /// Ends with a refusal that is all the response says.
    pub(crate) fn refused_whole(mut self, refused: &RefusedRequest) -> Recorded {
        if let Some(era) = refused.era {
            self.note(|event| event.era = Some(era.as_str().into()));
        }
        self.refused(&refused.refusal, refused.status().as_u16())
    }

    /// Ends.
    pub(crate) fn ended(mut self, outcome: Outcome, status: u16) -> Recorded {
        self.note(|event| {
            event.outcome = outcome;
            event.status = status;
        });
        self.end().unwrap_or_else(Recorded::nowhere)
    }

    fn end(&mut self) -> Option<Recorded> {
        let mut event = *self.event.take()?;
        let duration = self.host.now().since(self.began);
        event.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        event.trace_id = Some(self.span.trace().to_owned());
        event.span_id = Some(self.span.span().to_owned());
        match &self.trail {
            Some(trail) => Some(trail.add(event, &self.host)),
            None => {
                // No instance has started, so there is no chain and no sink yet.
                // A constant, since the default settings as a value would have all that they name linked.
                const MAX_BYTES: usize = Settings::DEFAULT.audit.max_event_bytes;
                fit(&mut event, MAX_BYTES);
                self.host.log(&ChainedEvent::new(event).json);
                None
            }
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        drop(self.end());
    }
}

fn who(caller: &Caller) -> EventPrincipal {
    let principal = caller.principal();
    let own = |text: &str| text.to_owned();
    EventPrincipal {
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

/// An event in its chain, and the sinks that its request waits for. When it is dropped they get it like any other.
#[must_use = "a required event is waited for"]
pub(crate) struct Recorded {
    place: Option<Place>,
    required: Vec<Rc<dyn Destination>>,
    /// Whether the sinks that the request waits for have been offered the event.
    is_offered: bool,
}

struct Place {
    trail: Rc<AuditTrail>,
    linked: Rc<ChainedEvent>,
    host: SharedHost,
}

impl Recorded {
    pub(super) fn new(
        trail: Rc<AuditTrail>,
        linked: Rc<ChainedEvent>,
        required: Vec<Rc<dyn Destination>>,
        host: SharedHost,
    ) -> Self {
        Self {
            place: Some(Place {
                trail,
                linked,
                host,
            }),
            required,
            is_offered: false,
        }
    }

    /// No event: its request has ended already.
    pub(crate) fn nowhere() -> Self {
        Self {
            place: None,
            required: Vec::new(),
            is_offered: false,
        }
    }

    /// Whether there is anything to wait for.
    pub(crate) fn is_required(&self) -> bool {
        !self.required.is_empty()
    }

    /// What the caller can prove the event with, where the configuration asks for it.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        let place = self.place.as_ref()?;
        place.trail.receipt(&place.linked, place.host.as_ref())
    }

    /// Waits until every sink that the request waits for has the event.
    pub(crate) async fn settle(mut self) -> Result<(), AuditError> {
        self.offer().await
    }

    /// The same, and the log is told if the answer had to be withheld.
    pub(crate) async fn settle_answer(mut self) -> Result<(), AuditError> {
        let settled = self.offer().await;
        if let (Err(AuditError(why)), Some(place)) = (&settled, &self.place) {
            place.trail.withheld(&place.linked.event, why, &place.host);
        }
        settled
    }

    async fn offer(&mut self) -> Result<(), AuditError> {
        self.is_offered = true;
        let Some(place) = &self.place else {
            return Ok(());
        };
        let delivered = deliver_all(&self.required, &place.linked, &place.host).await;
        delivered.map_err(AuditError)
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        let Some(place) = &self.place else {
            return;
        };
        for sink in &self.required {
            if self.is_offered {
                // In each case the event waits again, or is in the outbox, or there is nothing to do.
                place.trail.schedule_flush(sink, &place.host);
            } else {
                place.trail.dispatch(sink, &place.linked, &place.host);
            }
        }
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// 16 random bytes in hexadecimal. A host without randomness gives the event an id of zeros rather than
/// the request no event.
pub(super) fn unique(host: &SharedHost) -> String {
    let mut bytes = [0; 16];
    let _ = host.random(&mut bytes);
    hexadecimal(&bytes)
}
