//! Whether a log is whole, by the rules of the format alone.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use mcp_edge_audit::digest::sha256;
use mcp_edge_audit::event::canonical_of;

use crate::events::LoggedEvent;

/// How many events each chain has: the hash of each event is right, and every chain is there from its first event on,
/// without a gap, in whatever order the events are. An error says what is wrong.
pub fn check(events: &[LoggedEvent]) -> Result<BTreeMap<String, usize>> {
    let mut chains: BTreeMap<String, Vec<&LoggedEvent>> = BTreeMap::new();
    for event in events {
        let members = event.as_object().context("an event that is no object")?;
        let hash = sha256(&canonical_of(members));
        ensure!(event["hash"] == hash, "its hash is {hash}: {event}");
        let chain = event["chain"]["id"].as_str();
        let chain = chain.with_context(|| format!("no chain: {event}"))?;
        chains.entry(chain.to_owned()).or_default().push(event);
    }
    for chain in chains.values_mut() {
        chain.sort_by_key(|event| event["chain"]["sequence"].as_u64());
        let mut previous = None;
        for (sequence, event) in chain.iter().enumerate() {
            let link = &event["chain"];
            ensure!(link["sequence"] == sequence, "{sequence} is not: {event}");
            ensure!(link["previous"].as_str() == previous, "a fork: {event}");
            previous = event["hash"].as_str();
        }
    }
    let count = |(id, chain): (String, Vec<_>)| (id, chain.len());
    Ok(chains.into_iter().map(count).collect())
}

/// Each event once, however often it arrived.
pub fn once(events: Vec<LoggedEvent>) -> Vec<LoggedEvent> {
    let by_id = events.into_iter().map(|event| {
        let id = event["id"].as_str().unwrap_or_default().to_owned();
        (id, event)
    });
    by_id.collect::<BTreeMap<_, _>>().into_values().collect()
}
