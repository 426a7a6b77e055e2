//! The size of an event, and the characters that it does not contain.
//!
//! Receivers cut off what is too long for them, and with it the end of an event and its hash. So an event is made to fit
//! before it is hashed: every member has a bound of its own, and recorded contents and `detail` share what is left.

use mcp_edge_clients::visible::visible;

use mcp_edge_audit::digest::sha256;
use mcp_edge_audit::event::{
    Captured, DeliveryReport, Event, EventPrincipal, EventText, UpstreamCalls,
};

/// The maximum size of an event without recorded contents and `detail`, in bytes of JSON, its place in its chain included.
/// `audit.max_event_bytes` is at least as much.
pub const MIN_EVENT: usize = 4 << 10;
/// What a place in a chain takes.
const LINK: usize = 160;

// The maximum size of each member, in bytes of JSON without its quotes. A longer text keeps its beginning, its length and a
// digest, so that it can still be told from others.
const NAME: usize = 288;
const CLIENT: usize = 192;
const PATH: usize = 128;
const SERVER: usize = 128;
const SETTING: usize = 128;
const SUBJECT: usize = 256;
const ISSUER: usize = 256;
const TENANT: usize = 128;
const AUDIENCE: usize = 96;
/// Of those who act for a subject, each.
const ACTOR: usize = 128;
/// How many of them an event names: the first, who act now.
const ACTORS: usize = 4;

/// Makes an event fit into `max` bytes of JSON, without `hash` and `seal`, and writes invisible characters as escapes.
pub(super) fn fit(event: &mut Event, max: usize) {
    bound_members(event);
    let is_small = recorded(&event.arguments)
        .saturating_add(recorded(&event.result))
        .saturating_add(event.detail.as_deref().map_or(0, json_bytes))
        <= max.saturating_sub(MIN_EVENT);
    if is_small {
        return;
    }
    let size = event.to_canonical().len().saturating_add(LINK);
    let mut excess = size.saturating_sub(max);
    let mut contents = [&mut event.arguments, &mut event.result];
    contents.sort_by_key(|said| std::cmp::Reverse(recorded(said)));
    for said in contents {
        if excess > 0 {
            excess = excess.saturating_sub(leave_out(said));
        }
    }
    if let Some(detail) = &mut event.detail
        && excess > 0
        && json_bytes(detail) > LEFT_OUT
    {
        let room = json_bytes(detail).saturating_sub(excess);
        let bytes = detail.len();
        *detail = shortened(detail, room, &format!("… [{bytes} bytes]"))
            .unwrap_or_else(|| left_out(bytes));
    }
}

/// What stands for words that are too long.
pub(super) fn left_out(bytes: usize) -> String {
    format!("[{bytes} bytes]")
}

/// The maximum length of that.
const LEFT_OUT: usize = 28;

/// The bytes that recorded contents take.
fn recorded(said: &Option<Captured>) -> usize {
    let content = said.as_ref().and_then(|said| said.content.as_deref());
    content.map_or(0, json_bytes)
}

/// Leaves recorded contents out but for their length, and tells how many bytes that saves.
fn leave_out(said: &mut Option<Captured>) -> usize {
    let Some(content) = said.as_mut().and_then(|said| said.content.as_mut()) else {
        return 0;
    };
    let before = json_bytes(content);
    if before > LEFT_OUT {
        *content = left_out(content.len());
    }
    before.saturating_sub(json_bytes(content))
}

/// Bounds every member that has a text which is not the server's own. Taken apart completely, so that a new member cannot be
/// forgotten here.
fn bound_members(event: &mut Event) {
    let Event {
        client_address: _,
        arguments: _,
        chain: _,
        client_info,
        decision: _,
        delivery,
        detail,
        duration_ms: _,
        environment,
        era: _,
        event: _,
        host: _,
        id: _,
        live_policy: _,
        method: _,
        name,
        name_sha256: _,
        outcome: _,
        parent_span_id: _,
        path,
        principal,
        quarantined: _,
        rate_limit,
        reason: _,
        request_id: _,
        request_bytes: _,
        response_bytes: _,
        result: _,
        revision: _,
        rule,
        server,
        span_id: _,
        status: _,
        time: _,
        token_error: _,
        trace_id: _,
        upstream,
        version: _,
    } = event;
    for (text, max) in [
        (client_info, CLIENT),
        (detail, usize::MAX),
        (environment, SETTING),
        (name, NAME),
        (path, PATH),
        (server, SERVER),
    ] {
        text.iter_mut().for_each(|text| bound(text, max));
    }
    for word in [rate_limit, rule].into_iter().flatten() {
        bound_word(word);
    }
    if let Some(UpstreamCalls {
        audience,
        authority: _,
        calls: _,
        duration_ms: _,
        failed: _,
        name,
        status: _,
    }) = upstream
    {
        audience.iter_mut().for_each(|text| bound(text, AUDIENCE));
        name.iter_mut().for_each(bound_word);
    }
    if let Some(DeliveryReport { sink, .. }) = delivery {
        bound_word(sink);
    }
    if let Some(EventPrincipal {
        actors,
        anonymous: _,
        client,
        issuer,
        subject,
        tenant,
    }) = principal
    {
        actors.truncate(ACTORS);
        actors.iter_mut().for_each(|actor| bound(actor, ACTOR));
        for (text, max) in [
            (client, TENANT),
            (issuer, ISSUER),
            (subject, SUBJECT),
            (tenant, TENANT),
        ] {
            text.iter_mut().for_each(|text| bound(text, max));
        }
    }
}

fn bound_word(word: &mut EventText) {
    let mut text = word.to_string();
    bound(&mut text, SETTING);
    if *word != text {
        *word = text.into();
    }
}

/// Writes invisible characters as escapes, and shortens what is then longer than `max`.
fn bound(text: &mut String, max: usize) {
    let shown = visible(text);
    if json_bytes(&shown) > max {
        let end = format!(
            "… [{} bytes, sha256 {}]",
            text.len(),
            sha256(text.as_bytes())
        );
        let short = shortened(&shown, max, &end).unwrap_or(end);
        *text = short;
    } else if shown != *text {
        *text = shown.into_owned();
    }
}

/// As much of the beginning of `text` as fits into `max` bytes of JSON with `end` behind it; `None` if not even that does.
fn shortened(text: &str, max: usize, end: &str) -> Option<String> {
    let mut room = max.checked_sub(json_bytes(end))?;
    let mut short = String::new();
    for c in text.chars() {
        match room.checked_sub(json_bytes_of(c)) {
            Some(left) => room = left,
            None => break,
        }
        short.push(c);
    }
    short.push_str(end);
    Some(short)
}

/// The bytes of a text in canonical JSON (RFC 8785, 3.2.2.2), without its quotes.
fn json_bytes(text: &str) -> usize {
    text.chars()
        .fold(0, |bytes: usize, c| bytes.saturating_add(json_bytes_of(c)))
}

fn json_bytes_of(c: char) -> usize {
    match c {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' => 6,
        _ => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::chain::Chain;
    use mcp_edge_audit::event::{ChainLink, EventLivePolicy, EventType, Outcome, VERSION};
    use proptest::prelude::*;

    use super::*;
    use crate::audit_trail::arbitrary::any_event;
    use crate::config::Report;

    /// What grows most: each of these takes 6 bytes in JSON, or 8 as an escape.
    const HOSTILE: [&str; 4] = ["\u{1}", "\u{e0041}", "\"", "\u{1f600}"];

    /// The longest of every member that the server itself bounds, and far too much of every other.
    fn longest(text: &str) -> Event {
        let much = text.repeat(20_000);
        let said = || {
            Some(Captured {
                content: Some(much.clone()),
                sha256: Some("f".repeat(64)),
            })
        };
        Event {
            client_address: Some(["ffff"; 8].join(":")),
            arguments: said(),
            chain: None,
            client_info: Some(much.clone()),
            decision: Some("step_up".into()),
            delivery: None,
            detail: Some(much.clone()),
            duration_ms: u64::MAX,
            environment: Some(much.clone()),
            era: Some("modern".into()),
            event: EventType::Withheld,
            host: "workers".into(),
            id: "f".repeat(32),
            live_policy: Some(EventLivePolicy {
                digest: Some("f".repeat(64)),
                key: Some("k".repeat(32)),
                version: u64::MAX,
            }),
            method: Some("notifications/roots/list_changed".into()),
            name: Some(much.clone()),
            // Never with a name, but it costs little.
            name_sha256: Some("f".repeat(64)),
            outcome: Outcome::InputRequired,
            parent_span_id: Some("f".repeat(16)),
            path: Some(much.clone()),
            principal: Some(EventPrincipal {
                actors: vec![much.clone(); 100],
                anonymous: true,
                client: Some(much.clone()),
                issuer: Some(much.clone()),
                subject: Some(much.clone()),
                tenant: Some(much.clone()),
            }),
            quarantined: true,
            rate_limit: Some(much.clone().into()),
            reason: Some("x".repeat(32).into()),
            request_id: Some("f".repeat(32)),
            request_bytes: u64::MAX,
            response_bytes: u64::MAX,
            result: said(),
            revision: Some("2026-07-28".into()),
            rule: Some(much.clone().into()),
            server: Some(much.clone()),
            span_id: Some("f".repeat(16)),
            status: u16::MAX,
            time: "2026-09-21T14:13:20.500123456Z".to_owned(),
            token_error: Some("x".repeat(32).into()),
            trace_id: Some("f".repeat(32)),
            upstream: Some(UpstreamCalls {
                audience: Some(much.clone()),
                authority: Some("client_credentials".into()),
                calls: u64::MAX,
                duration_ms: Some(u64::MAX),
                failed: u64::MAX,
                name: Some(much.clone().into()),
                status: Some(u16::MAX),
            }),
            version: VERSION,
        }
    }

    fn linked(mut event: Event, max: usize) -> (Event, usize) {
        fit(&mut event, max);
        let mut chain = Chain::new([0xff; 16]);
        chain.link(Event::default());
        let linked = chain.link(event);
        let mut event = linked.event.clone();
        let size = event.to_canonical().len();
        // As far as a chain can get.
        let link = event.chain.take().unwrap();
        let last = ChainLink {
            sequence: u64::MAX,
            ..link.clone()
        };
        let [link, last] = [link, last].map(|link| serde_json::to_vec(&link).unwrap().len());
        (event, size - link + last)
    }

    #[test]
    fn the_longest_event_fits_the_smallest_bound() {
        let events = HOSTILE.into_iter().flat_map(|text| {
            // A request for a document calls no upstream, and neither does one that is beyond a rate.
            let calls = Event {
                path: None,
                rate_limit: None,
                ..longest(text)
            };
            let refused = Event {
                upstream: None,
                ..longest(text)
            };
            [(text, calls), (text, refused)]
        });
        for (text, event) in events {
            let (event, size) = linked(event, MIN_EVENT);
            assert!(size <= MIN_EVENT, "{size}");
            for said in [event.arguments, event.result] {
                let said = said.unwrap();
                assert_eq!(said.content, Some(left_out(text.len() * 20_000)));
                assert!(said.sha256.is_some());
            }
        }
    }

    #[test]
    fn the_longest_report_of_a_delivery_fits() {
        for text in HOSTILE {
            let longest = longest(text);
            let event = Event {
                event: EventType::Loss,
                detail: longest.detail,
                environment: longest.environment,
                host: longest.host,
                id: longest.id,
                outcome: Outcome::Failed,
                server: longest.server,
                time: longest.time,
                version: VERSION,
                delivery: Some(DeliveryReport {
                    chain: Some("f".repeat(32)),
                    events: u64::MAX,
                    oldest: "2026-09-21T14:13:20.500123456Z".to_owned(),
                    sequences: vec![(u64::MAX, u64::MAX); Report::MAX_RANGES],
                    sink: text.repeat(1000).into(),
                }),
                ..Event::default()
            };
            let (_, size) = linked(event, MIN_EVENT);
            assert!(size <= MIN_EVENT, "{size}");
        }
    }

    #[test]
    fn contents_are_left_out_before_detail_and_the_longer_one_first() {
        let said = |length: usize| {
            Some(Captured {
                content: Some("x".repeat(length)),
                sha256: Some("digest".to_owned()),
            })
        };
        let event = |arguments, result, detail: usize| Event {
            arguments: said(arguments),
            result: said(result),
            detail: Some("d".repeat(detail)),
            ..Event::default()
        };
        let content = |said: Option<Captured>| said.unwrap().content.unwrap().len();
        let lengths = |event: Event| {
            let (event, size) = linked(event, 8192);
            assert!(size <= 8192, "{size}");
            let detail = event.detail.unwrap().len();
            (content(event.arguments), content(event.result), detail)
        };
        let gone = left_out(5000).len();
        assert_eq!(lengths(event(2000, 3000, 1000)), (2000, 3000, 1000));
        assert_eq!(lengths(event(3000, 5000, 1000)), (3000, gone, 1000));
        assert_eq!(lengths(event(5000, 3000, 1000)), (gone, 3000, 1000));
        assert_eq!(lengths(event(5000, 5000, 6000)), (gone, gone, 6000));
        let (arguments, result, detail) = lengths(event(5000, 5000, 16_000));
        assert_eq!((arguments, result), (gone, gone));
        assert!((7000..8192).contains(&detail), "{detail}");
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_a_digest() {
        let subject = format!("spiffe://example.com/{}", "a".repeat(1000));
        let mut text = subject.clone();
        bound(&mut text, SUBJECT);
        assert!(text.starts_with("spiffe://example.com/aaa"), "{text}");
        let end = format!("… [1021 bytes, sha256 {}]", sha256(subject.as_bytes()));
        assert!(text.ends_with(&end), "{text}");
        assert!(text.len() <= SUBJECT);
    }

    #[test]
    fn invisible_characters_are_escaped() {
        let mut event = Event {
            client_info: Some("a\u{202e}b".to_owned()),
            detail: Some("line\nline\u{200b}".to_owned()),
            principal: Some(EventPrincipal {
                subject: Some("\u{e0041}ada".to_owned()),
                ..EventPrincipal::default()
            }),
            ..Event::default()
        };
        fit(&mut event, MIN_EVENT);
        assert_eq!(event.client_info.as_deref(), Some("a\\u{202e}b"));
        assert_eq!(event.detail.as_deref(), Some("line\\nline\\u{200b}"));
        let subject = event.principal.and_then(|who| who.subject);
        assert_eq!(subject.as_deref(), Some("\\u{e0041}ada"));
    }

    proptest! {
        #[test]
        fn what_fits_is_not_changed_again(event in any_event(), max in 4096_usize..16_384) {
            let mut once = event;
            fit(&mut once, max);
            // As long as no delivery that is reported has.
            prop_assume!(once.to_canonical().len() + LINK <= max);
            let mut twice = once.clone();
            fit(&mut twice, max);
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn a_length_is_that_of_the_canonical_text(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(json_bytes(&text), json.len() - 2);
        }
    }
}
