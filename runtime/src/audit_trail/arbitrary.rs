//! Every event that the type allows: for properties of everything that events pass through.

use proptest::prelude::*;

use mcp_edge_audit::event::{
    Captured, ChainLink, DeliveryReport, Event, EventLivePolicy, EventPrincipal, EventType,
    Outcome, UpstreamCalls,
};

fn any_said() -> impl Strategy<Value = Option<Captured>> {
    let said = any::<(Option<String>, Option<String>)>()
        .prop_map(|(content, sha256)| Captured { content, sha256 });
    proptest::option::of(said)
}

fn any_who() -> impl Strategy<Value = Option<EventPrincipal>> {
    let who = any::<(Vec<String>, bool, [Option<String>; 4])>().prop_map(
        |(actors, anonymous, [client, issuer, subject, tenant])| EventPrincipal {
            actors,
            anonymous,
            client,
            issuer,
            subject,
            tenant,
        },
    );
    proptest::option::of(who)
}

fn any_delivery() -> impl Strategy<Value = Option<DeliveryReport>> {
    let delivery = any::<(Option<String>, u64, String, Vec<(u64, u64)>, String)>().prop_map(
        |(chain, events, oldest, sequences, sink)| DeliveryReport {
            chain,
            events,
            oldest,
            sequences,
            sink: sink.into(),
        },
    );
    proptest::option::of(delivery)
}

fn any_link() -> impl Strategy<Value = Option<ChainLink>> {
    let link =
        any::<(String, Option<String>, u64)>().prop_map(|(id, previous, sequence)| ChainLink {
            id,
            previous,
            sequence,
        });
    proptest::option::of(link)
}

pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let members = (
        (
            any_said(),
            any_said(),
            any_who(),
            any_delivery(),
            any_link(),
            any::<Option<(Option<String>, Option<String>, u64)>>(),
        ),
        proptest::sample::select(EventType::ALL.to_vec()),
        proptest::sample::select(Outcome::ALL.to_vec()),
        any::<[Option<String>; 20]>(),
        any::<[String; 3]>(),
        any::<([u64; 3], Option<[u64; 2]>, u16, u8, bool)>(),
    );
    members.prop_map(|(parts, event, outcome, options, texts, numbers)| {
        let (arguments, result, principal, delivery, chain, live_policy) = parts;
        let [
            client_address,
            client_info,
            decision,
            detail,
            environment,
            era,
            method,
            name,
            name_sha256,
            parent_span_id,
            path,
            rate_limit,
            reason,
            request_id,
            revision,
            rule,
            server,
            span_id,
            token_error,
            trace_id,
        ] = options;
        let [host, id, time] = texts;
        let ([duration_ms, request_bytes, response_bytes], upstream, status, version, quarantined) =
            numbers;
        Event {
            client_address,
            arguments,
            chain,
            client_info,
            decision: decision.map(Into::into),
            delivery,
            detail,
            duration_ms,
            environment,
            era: era.map(Into::into),
            event,
            host: host.into(),
            id,
            live_policy: live_policy.map(|(digest, key, version)| EventLivePolicy {
                digest,
                key,
                version,
            }),
            method: method.map(Into::into),
            name,
            name_sha256,
            outcome,
            parent_span_id,
            path,
            principal,
            quarantined,
            rate_limit: rate_limit.map(Into::into),
            reason: reason.map(Into::into),
            request_id,
            request_bytes,
            response_bytes,
            result,
            revision: revision.map(Into::into),
            rule: rule.map(Into::into),
            server,
            span_id,
            status,
            time,
            token_error: token_error.map(Into::into),
            trace_id,
            upstream: upstream.map(|[calls, failed]| UpstreamCalls {
                audience: (failed % 2 == 0).then(|| format!("https://{calls}.example")),
                authority: (failed % 2 == 0).then(|| "token_exchange".into()),
                calls,
                duration_ms: (calls % 2 == 0).then_some(failed),
                failed,
                name: (calls % 3 == 0).then(|| "orders".into()),
                status: (failed % 3 == 0).then_some(200),
            }),
            version,
        }
    })
}
