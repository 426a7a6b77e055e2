//! Logs with fixed keys and a fixed clock.

use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use mcp_edge_audit::Event;
use mcp_edge_audit::Timestamp;
use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_audit::event::{
    Captured, ChainLink, DeliveryReport, EventPrincipal, EventType, Outcome, UpstreamCalls, VERSION,
};
use mcp_edge_audit::evidence::Receipt;
use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use mcp_edge_verify::{ChainVerdict, Lines, Log, Options, PublicKeys, Report};
use sha2::{Digest as _, Sha256};

/// Seconds since the Unix epoch at which the first event happens.
pub const BEGIN: u64 = 1_790_000_000;
/// How many seconds after the last event of a batch the batch is sealed.
pub const WAIT: u64 = 2;

/// The ring of fixed keys, each SHA-256 of a word; it protects nothing.
pub fn ring(signs: &str) -> String {
    let key = |word: &str| Base64::encode_string(&Sha256::digest(word));
    format!("e2:sign:{} e3:next:{}", key(signs), key("e3"))
}

pub fn keys() -> SigningKeys {
    SigningKeys::parse(&ring("e2")).unwrap()
}

/// Other keys under the same names.
pub fn other_keys() -> SigningKeys {
    SigningKeys::parse(&ring("other")).unwrap()
}

pub fn public() -> PublicKeys {
    PublicKeys::parse(&keys().jwks().to_string()).unwrap()
}

/// A log, line by line.
#[derive(Clone)]
pub struct Made {
    pub chains: Vec<Vec<Rc<ChainedEvent>>>,
    pub lines: Vec<Vec<String>>,
}

impl Made {
    /// So many chains of so many events each, sealed after each `batch` of them. The last event of each closes it.
    pub fn new(chains: usize, events: usize, batch: usize) -> Self {
        let chains = (0..chains).map(|chain| linked(chain, events, &|_| None));
        Self::of(chains.collect(), batch)
    }

    /// The same, of instances that have not ended.
    pub fn open(chains: usize, events: usize, batch: usize) -> Self {
        let mut made = Self::new(chains, events + 1, events + 1);
        made.chains
            .iter_mut()
            .for_each(|chain| chain.truncate(events));
        Self::of(made.chains, batch)
    }

    fn of(chains: Vec<Vec<Rc<ChainedEvent>>>, batch: usize) -> Self {
        let lines = chains.iter().map(|chain| lines(chain, batch, &keys()));
        Self {
            lines: lines.collect(),
            chains,
        }
    }

    pub fn all(&self) -> Vec<String> {
        self.lines.concat()
    }

    pub fn receipt(&self, chain: usize, sequence: usize) -> Receipt {
        let linked = &self.chains[chain][sequence];
        keys().receipt(linked, &time(u64::MAX)).unwrap()
    }
}

pub fn name(chain: usize) -> String {
    format!("{:02x}", chain + 1).repeat(16)
}

/// A time that many seconds after the first event; the time of receipts is a day later.
pub fn time(seconds: u64) -> String {
    Timestamp::from_secs(BEGIN)
        .after(Duration::from_secs(seconds.min(86_400)))
        .to_rfc3339()
}

/// A chain of events with every member set somewhere, the last of which closes it; `loss` says which of them declare losses.
pub fn linked(
    chain: usize,
    events: usize,
    loss: &dyn Fn(u64) -> Option<Vec<(u64, u64)>>,
) -> Vec<Rc<ChainedEvent>> {
    let mut open = Chain::new([u8::try_from(chain + 1).unwrap(); 16]);
    let link = |number| {
        let is_last = number + 1 == events;
        let number = u64::try_from(number).unwrap();
        let event = event(u64::try_from(chain).unwrap(), number);
        match loss(number) {
            None if is_last => open.link(closing(event)),
            None => open.link(event),
            Some(sequences) => open.link(lost(event, sequences)),
        }
    };
    (0..events).map(link).collect()
}

/// The event of a request that an instance refused because it could not start.
pub fn before_start() -> Event {
    Event {
        detail: Some("the variable MCP_EDGE_KEYS is not set".to_owned()),
        host: "native".into(),
        id: "f".repeat(32),
        outcome: Outcome::Failed,
        reason: Some("misconfigured".into()),
        span_id: Some("f".repeat(16)),
        status: 500,
        time: time(0),
        trace_id: Some("f".repeat(32)),
        version: VERSION,
        ..Event::default()
    }
}

fn closing(event: Event) -> Event {
    Event {
        environment: event.environment,
        event: EventType::End,
        host: event.host,
        id: event.id,
        outcome: Outcome::Ok,
        server: event.server,
        time: event.time,
        version: VERSION,
        ..Event::default()
    }
}

fn lost(event: Event, sequences: Vec<(u64, u64)>) -> Event {
    Event {
        event: EventType::Loss,
        outcome: Outcome::Failed,
        principal: None,
        delivery: Some(DeliveryReport {
            chain: None,
            events: 3,
            oldest: time(0),
            sequences,
            sink: "siem".into(),
        }),
        ..event
    }
}

/// The lines of a chain, with a seal on the last of each batch.
pub fn lines(linked: &[Rc<ChainedEvent>], batch: usize, keys: &SigningKeys) -> Vec<String> {
    let write = |events: &[Rc<ChainedEvent>]| {
        let last = events.last().unwrap();
        let sent = Duration::from_secs(WAIT);
        let seal = keys
            .seal(last, &last.at().after(sent).to_rfc3339())
            .unwrap();
        let seal = serde_json::to_string(&seal).unwrap();
        let mut lines: Vec<_> = events.iter().map(|event| event.json.clone()).collect();
        *lines.last_mut().unwrap() = last.sealed(&seal);
        lines
    };
    linked.chunks(batch).flat_map(write).collect()
}

/// An event that has every member that one can have, but for `delivery` and `request`.
pub fn event(chain: u64, number: u64) -> Event {
    let said = |what: &str| Captured {
        content: Some(format!("{{\"say\":\"{what}, \\\"hash\\\":\\\"\"}}")),
        sha256: Some(format!("{number:064x}")),
    };
    Event {
        arguments: Some(said("arguments")),
        client_info: Some("example 1.0".to_owned()),
        decision: Some("allow".into()),
        detail: Some("a ‘detail’\nin two lines".to_owned()),
        duration_ms: 12,
        environment: Some("production".to_owned()),
        era: Some("modern".into()),
        host: "native".into(),
        id: format!("{:032x}", (chain << 32) | number),
        method: Some("tools/call".into()),
        name: Some("score".to_owned()),
        name_sha256: Some(format!("{chain:064x}")),
        outcome: Outcome::Ok,
        parent_span_id: Some(format!("{number:016x}")),
        principal: Some(EventPrincipal {
            actors: vec!["agent".to_owned()],
            anonymous: false,
            client: Some("desk".to_owned()),
            issuer: Some("https://id.example.com".to_owned()),
            subject: Some("alice".to_owned()),
            tenant: Some("red".to_owned()),
        }),
        quarantined: true,
        rate_limit: Some("calls".into()),
        reason: Some("none".into()),
        request_bytes: 345,
        response_bytes: 678,
        result: Some(said("result")),
        revision: Some("2026-07-28".into()),
        rule: Some("analysts".into()),
        server: Some("fraud-rules".to_owned()),
        span_id: Some(format!("{number:016x}")),
        status: 200,
        time: time(number),
        token_error: Some("expired".into()),
        trace_id: Some(format!("{number:032x}")),
        upstream: Some(UpstreamCalls {
            calls: 2,
            failed: 1,
            ..UpstreamCalls::default()
        }),
        version: VERSION,
        ..Event::default()
    }
}

/// The same event in another place, hashed again, as a writer of the log can have it.
pub fn rehashed(
    event: &Event,
    chain: usize,
    sequence: u64,
    previous: Option<&str>,
) -> ChainedEvent {
    ChainedEvent::new(Event {
        chain: Some(ChainLink {
            id: name(chain),
            previous: previous.map(str::to_owned),
            sequence,
        }),
        ..event.clone()
    })
}

pub fn verify(lines: &[String]) -> Report {
    verify_with(lines, Options::default(), &[])
}

pub fn verify_with(lines: &[String], options: Options, receipts: &[Receipt]) -> Report {
    let mut log = Log::new(Some(public()), options);
    log.add(Lines::read(&lines.join("\n")));
    log.judge(receipts)
}

/// What is said of a chain: each kind of finding, with the sequence numbers that it is about.
pub fn said(report: &Report, chain: usize) -> Vec<(ChainVerdict, u64, u64)> {
    let chain = report.chains.iter().find(|one| one.chain == name(chain));
    let findings = chain.map(|chain| chain.findings.as_slice());
    findings
        .unwrap_or_default()
        .iter()
        .map(|finding| (finding.finding, finding.from, finding.to))
        .collect()
}
