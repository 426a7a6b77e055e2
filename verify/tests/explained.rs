//! What a log declares itself, and what is asked of it beyond that it was not changed.

use std::time::Duration;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{DeliveryReport, Event, EventPrincipal, EventType};
use mcp_edge_verify::{ChainEnds, ChainVerdict, Lines, Log, LogVerdict, Options};

use super::made::{
    Made, WAIT, event, keys, lines, linked, name, rehashed, said, verify, verify_with,
};

/// A chain whose event 40 says that 10 to 12 are lost.
fn with_loss(batch: usize) -> Vec<String> {
    let chain = linked(0, 60, &|number| {
        (number == 40).then(|| vec![(10, 11), (12, 12)])
    });
    lines(&chain, batch, &keys())
}

#[test]
fn a_loss_that_the_chain_declares_explains_its_gap() {
    let mut lines = with_loss(10);
    lines.drain(10..13);
    let report = verify(&lines);
    assert_eq!(said(&report, 0), [(ChainVerdict::DeclaredGap, 10, 12)]);
    assert_eq!(report.verdict, LogVerdict::Consistent);

    let elsewhere = Options {
        sink: Some("archive".to_owned()),
        ..Options::default()
    };
    let report = verify_with(&lines, elsewhere, &[]);
    assert_eq!(
        said(&report, 0),
        [(ChainVerdict::Gap, 10, 12)],
        "another sink lost them"
    );
}

#[test]
fn a_loss_explains_no_larger_gap() {
    let mut lines = with_loss(10);
    lines.drain(10..14);
    assert_eq!(verify(&lines).chains[0].verdict, ChainVerdict::Gap);
}

/// A receiver that does not say which of the events in a batch it refused.
#[test]
fn a_loss_explains_no_more_events_than_it_counts() {
    // Event 40 counts three events between 10 and 19.
    let chain = linked(0, 60, &|number| (number == 40).then(|| vec![(10, 19)]));
    let lines = lines(&chain, 10, &keys());
    let without = |taken: &[usize]| {
        let left = lines.iter().enumerate();
        let left = left.filter(|(place, _)| !taken.contains(place));
        verify(&left.map(|(_, line)| line.clone()).collect::<Vec<_>>())
    };
    let report = without(&[11, 13, 14]);
    let mut declared = said(&report, 0);
    declared.retain(|(finding, ..)| *finding == ChainVerdict::DeclaredGap);
    let expected = [(11, 11), (13, 14)].map(|(from, to)| (ChainVerdict::DeclaredGap, from, to));
    assert_eq!(declared, expected);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    let report = without(&[11, 13, 14, 16]);
    assert_eq!(report.verdict, LogVerdict::Contradicted);
}

/// An attacker who takes events away can add at the end, where nothing is signed, that they were lost.
#[test]
fn a_loss_that_is_not_signed_explains_nothing() {
    let made = Made::open(1, 60, 60);
    let last = &made.chains[0][59];
    let chain = linked(0, 62, &|number| (number == 60).then(|| vec![(10, 12)]));
    assert_eq!(chain[59].hash, last.hash);
    let mut lines = made.all();
    lines.push(chain[60].json.clone());
    lines.drain(10..13);
    let report = verify(&lines);
    assert_eq!(
        said(&report, 0),
        [
            (ChainVerdict::Gap, 10, 12),
            (ChainVerdict::UnsignedPart, 0, 9),
            (ChainVerdict::UnsignedTail, 60, 60),
            (ChainVerdict::OpenEnd, 60, 60)
        ]
    );
}

/// The last line of a log whose second chain says that 10 to 12 of another one are lost.
fn with_loss_elsewhere(of: &str) -> (Vec<String>, ChainedEvent) {
    let mut lines = lines(&linked(0, 60, &|_| None), 10, &keys());
    lines.drain(10..13);
    let delivery = DeliveryReport {
        chain: Some(of.to_owned()),
        events: 3,
        sequences: vec![(10, 12)],
        sink: "siem".into(),
        ..DeliveryReport::default()
    };
    let loss = Event {
        delivery: Some(delivery),
        event: EventType::Loss,
        principal: None,
        ..event(1, 0)
    };
    (lines, rehashed(&loss, 1, 0, None))
}

/// An instance delivers from the outbox what another one left there, and the receiver refuses it.
#[test]
fn a_loss_that_another_chain_declares_explains_a_gap() {
    let sealed = |loss: &ChainedEvent| {
        let seal = keys().seal(loss, &loss.event.time).unwrap();
        loss.sealed(&serde_json::to_string(&seal).unwrap())
    };
    let (mut lines, loss) = with_loss_elsewhere(&name(0));
    lines.push(sealed(&loss));
    let report = verify(&lines);
    assert_eq!(said(&report, 0), [(ChainVerdict::DeclaredGap, 10, 12)]);
    assert_eq!(said(&report, 1), [(ChainVerdict::OpenEnd, 0, 0)]);

    // It has to be signed, and to be about this chain.
    lines.pop();
    lines.push(loss.json.clone());
    assert_eq!(said(&verify(&lines), 0)[0], (ChainVerdict::Gap, 10, 12));
    let (mut lines, loss) = with_loss_elsewhere(&name(2));
    lines.push(sealed(&loss));
    assert_eq!(said(&verify(&lines), 0), [(ChainVerdict::Gap, 10, 12)]);
}

#[test]
fn events_are_signed_within_a_time() {
    // A second apart, 10 in a batch: the first waits for 9 others.
    let lines = Made::new(1, 30, 10).all();
    let longest = 9 + WAIT;
    let within = |seconds| Options {
        within: Some(Duration::from_secs(seconds)),
        ..Options::default()
    };
    let report = verify_with(&lines, within(longest), &[]);
    assert_eq!(report.verdict, LogVerdict::Proven);
    let report = verify_with(&lines, within(longest - 1), &[]);
    assert_eq!(
        said(&report, 0),
        [
            (ChainVerdict::Late, 0, 0),
            (ChainVerdict::Late, 10, 10),
            (ChainVerdict::Late, 20, 20)
        ]
    );
}

#[test]
fn tenants_are_not_mixed() {
    let tenant = |tenant: &str| Options {
        tenant: Some(tenant.to_owned()),
        ..Options::default()
    };
    let lines = Made::new(1, 3, 3).all();
    assert_eq!(
        verify_with(&lines, tenant("red"), &[]).verdict,
        LogVerdict::Proven
    );
    let report = verify_with(&lines, tenant("blue"), &[]);
    // The event that closes the chain is of no tenant.
    assert_eq!(said(&report, 0).len(), 2);
    assert_eq!(report.chains[0].verdict, ChainVerdict::ForeignTenant);

    let anonymous = EventPrincipal {
        anonymous: true,
        ..EventPrincipal::default()
    };
    let anonymous_of = |principal| {
        let event = Event {
            principal,
            ..event(0, 0)
        };
        rehashed(&event, 0, 0, None).json
    };
    let without_tenant = EventPrincipal {
        tenant: None,
        ..event(0, 0).principal.unwrap()
    };
    for (line, expected) in [
        (anonymous_of(Some(anonymous)), LogVerdict::Consistent),
        (anonymous_of(None), LogVerdict::Consistent),
        (anonymous_of(Some(without_tenant)), LogVerdict::Contradicted),
    ] {
        assert_eq!(verify_with(&[line], tenant("blue"), &[]).verdict, expected);
    }
}

#[test]
fn a_log_continues_where_another_ended() {
    let made = Made::new(2, 40, 10);
    let first = |lines: &[Vec<String>]| {
        lines
            .iter()
            .flat_map(|lines| lines[..20].to_vec())
            .collect::<Vec<_>>()
    };
    let rest = |lines: &[Vec<String>]| {
        lines
            .iter()
            .flat_map(|lines| lines[20..].to_vec())
            .collect::<Vec<_>>()
    };
    let monday = verify(&first(&made.lines));
    assert_eq!(monday.verdict, LogVerdict::Consistent);
    let tuesday = rest(&made.lines);
    assert_eq!(
        verify(&tuesday).chains[0].verdict,
        ChainVerdict::HeadMissing
    );
    let after = Options {
        before: Some(ChainEnds::of(&monday, None)),
        ..Options::default()
    };
    let report = verify_with(&tuesday, after.clone(), &[]);
    assert_eq!(report.verdict, LogVerdict::Proven, "{report:#?}");
    // Without the first of tuesday's.
    let report = verify_with(&tuesday[1..], after.clone(), &[]);
    assert_eq!(said(&report, 0), [(ChainVerdict::HeadMissing, 20, 20)]);
    // Without the second chain, which monday's log does not close.
    let report = verify_with(&tuesday[..20], after, &[]);
    assert_eq!(report.verdict, LogVerdict::Consistent);
    assert_eq!(report.unfinished_chains, [name(1)]);
}

#[test]
fn without_keys_no_signature_is_looked_at() {
    let made = Made::new(1, 10, 10);
    let mut log = Log::new(None, Options::default());
    let bare: Vec<_> = made.chains[0]
        .iter()
        .map(|event| event.json.clone())
        .collect();
    log.add(Lines::read(&bare.join("\n")));
    let report = log.judge(&[]);
    assert_eq!(
        (report.verdict, report.signatures),
        (LogVerdict::Consistent, false)
    );
    assert_eq!(said(&report, 0)[0], (ChainVerdict::Unsigned, 0, 9));
}
