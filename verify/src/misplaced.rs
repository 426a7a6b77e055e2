//! Events that stand under another sequence number or chain than their own.
//!
//! Such an event does not fit its hash, as one that was changed does not. With the right place in it, it does: the places
//! that it could have are those that other events name, so they are tried.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;

use super::chain::{Altered, Chain, printable};
use super::digest::Digest;
use super::report::{ChainVerdict, Finding};

/// How many places of each sort are tried for an event. Each try costs a hash of the event, so that the work grows with the log
/// and not with its square.
const MAX_TRIES: usize = 4;
/// How many events with the nearest sequence numbers an event may have been swapped with, on either side.
const NEIGHBOURS: usize = 2;

/// A place that an event could have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    chain: String,
    sequence: u64,
    previous: Option<Digest>,
}

/// The places that other events give to a hash.
#[derive(Debug, Default)]
struct Named {
    /// That of the event which has it.
    own: Option<Candidate>,
    /// Those before an event that names it.
    before: Vec<Candidate>,
}

/// Tells events that are only misplaced from those that were changed, and puts them where they belong.
pub(super) fn resolve(chains: &mut HashMap<String, Chain>) {
    let doubtful = chains.values().flat_map(|chain| &chain.altered);
    let hashes: HashSet<Digest> = doubtful.map(|altered| altered.entry.hash).collect();
    if hashes.is_empty() {
        return;
    }
    let mut names: Vec<String> = chains.keys().cloned().collect();
    names.sort_unstable();
    let named = named(chains, &names, &hashes);
    for name in names {
        let Some(chain) = chains.get_mut(&name) else {
            continue;
        };
        let mut altered = std::mem::take(&mut chain.altered);
        altered.sort_by_key(|one| one.sequence);
        let claimed: Vec<_> = altered
            .iter()
            .map(|one| (one.sequence, one.entry.previous))
            .collect();
        for (place, one) in altered.into_iter().enumerate() {
            let of_hash = named.get(&one.entry.hash);
            let own = of_hash.and_then(|named| named.own.clone());
            let before = of_hash.map_or([].as_slice(), |named| named.before.as_slice());
            let near = near(&claimed, place).map(|(sequence, previous)| Candidate {
                chain: name.clone(),
                sequence,
                previous,
            });
            let stated = one.entry.previous;
            let mut candidates = own.into_iter().chain(before.iter().cloned()).chain(near);
            let found = candidates.find_map(|candidate| {
                let as_stated = Candidate {
                    previous: stated,
                    ..candidate.clone()
                };
                [candidate, as_stated]
                    .into_iter()
                    .find(|candidate| fits(&one, candidate))
            });
            match found {
                Some(place) => put(chains, &name, &one, &place),
                None => {
                    if let Some(chain) = chains.get_mut(&name) {
                        chain.altered.push(one);
                    }
                }
            }
        }
    }
}

/// The places of the doubtful events of one chain that are next to one of them, which may have been swapped with it.
fn near(
    claimed: &[(u64, Option<Digest>)],
    place: usize,
) -> impl Iterator<Item = (u64, Option<Digest>)> {
    let from = place.saturating_sub(NEIGHBOURS);
    let to = place.saturating_add(NEIGHBOURS).saturating_add(1);
    let near = claimed.get(from..to.min(claimed.len()));
    near.unwrap_or_default().iter().copied()
}

fn put(chains: &mut HashMap<String, Chain>, found: &str, one: &Altered, place: &Candidate) {
    let own = if place.chain == found {
        String::new()
    } else {
        format!(" of the chain {}", printable(&place.chain))
    };
    if let Some(chain) = chains.get_mut(found) {
        chain.note(Finding {
            finding: ChainVerdict::Misplaced,
            from: one.sequence,
            to: one.sequence,
            event: one.entry.id.to_string(),
            why: format!("by its hash it is event {}{own}", place.sequence),
        });
    }
    if let Some(chain) = chains.get_mut(&place.chain) {
        chain.restore(place.sequence, place.previous, &one.entry);
    }
}

/// The places that other events give to these hashes.
fn named(
    chains: &HashMap<String, Chain>,
    names: &[String],
    hashes: &HashSet<Digest>,
) -> BTreeMap<Digest, Named> {
    let mut named: BTreeMap<Digest, Named> = BTreeMap::new();
    for (name, chain) in names
        .iter()
        .filter_map(|name| Some((name, chains.get(name)?)))
    {
        let candidate = |sequence, previous| Candidate {
            chain: name.clone(),
            sequence,
            previous,
        };
        let altered = chain.altered.iter().map(|one| (one.sequence, &one.entry));
        for (sequence, entry) in chain.intact().chain(altered) {
            if !entry.altered && hashes.contains(&entry.hash) {
                let named = named.entry(entry.hash).or_default();
                named.own = Some(candidate(sequence, entry.previous));
            }
            let (Some(hash), Some(before)) = (entry.previous, sequence.checked_sub(1)) else {
                continue;
            };
            if !hashes.contains(&hash) {
                continue;
            }
            let named = named.entry(hash).or_default();
            if named.before.len() < MAX_TRIES {
                let previous = before.checked_sub(1).and_then(|at| chain.at(at));
                let candidate = candidate(before, previous.map(|entry| entry.hash));
                if !named.before.contains(&candidate) {
                    named.before.push(candidate);
                }
            }
        }
    }
    named
}

/// Whether an event's hash is that of its content in another place.
fn fits(one: &Altered, place: &Candidate) -> bool {
    let Some((before, after)) = &one.around_chain else {
        return false;
    };
    let link = match &place.previous {
        Some(previous) => {
            json!({ "id": place.chain, "previous": previous.to_string(), "sequence": place.sequence })
        }
        None => json!({ "id": place.chain, "sequence": place.sequence }),
    };
    let link = format!("\"chain\":{link}");
    let comma = |text: &str| if text.is_empty() { "" } else { "," };
    let parts = ["{", before, comma(before), &link, comma(after), after, "}"];
    Digest::of(&parts.map(str::as_bytes)) == one.entry.hash
}
