//! Events that stand under another sequence number or chain than their own.
//!
//! Such an event does not fit its hash, as one that was changed does not. With the right place in it, it does: the places
//! that it could have are those that other events name, so they are tried.

use std::collections::{BTreeSet, HashMap, HashSet};

use mcp_edge_runtime::audit::event::canonical_of;
use serde_json::{Map, Value, json};

use super::chain::{Altered, Chain, printable};
use super::digest::Digest;
use super::report::{Finding, Verdict};

/// How many events that do not fit their hash are tried in each other's places.
const TRIED: usize = 32;

/// A place that an event could have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    chain: String,
    sequence: u64,
    previous: Option<Digest>,
}

/// Tells events that are only misplaced from those that were changed, and puts them where they belong.
pub(super) fn resolve(chains: &mut HashMap<String, Chain>) {
    let doubtful = chains.values().flat_map(|chain| &chain.altered);
    let hashes: HashSet<Digest> = doubtful.map(|altered| altered.entry.hash).collect();
    if hashes.is_empty() {
        return;
    }
    let named = named(chains, &hashes);
    let mut names: Vec<String> = chains.keys().cloned().collect();
    names.sort_unstable();
    for name in names {
        let Some(chain) = chains.get_mut(&name) else {
            continue;
        };
        let altered = std::mem::take(&mut chain.altered);
        let neighbours = neighbours(&name, &altered);
        for one in altered {
            let mut candidates = named.get(&one.entry.hash).cloned().unwrap_or_default();
            candidates.extend(neighbours.iter().cloned());
            let stated = one.entry.previous;
            let found = candidates.into_iter().find_map(|candidate| {
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

fn put(chains: &mut HashMap<String, Chain>, found: &str, one: &Altered, place: &Candidate) {
    let own = if place.chain == found {
        String::new()
    } else {
        format!(" of the chain {}", printable(&place.chain))
    };
    if let Some(chain) = chains.get_mut(found) {
        chain.misplace(Finding {
            finding: Verdict::Misplaced,
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

/// The places that other events give to these hashes: those that have them, and those in front of which they stand.
fn named(
    chains: &HashMap<String, Chain>,
    hashes: &HashSet<Digest>,
) -> HashMap<Digest, BTreeSet<Candidate>> {
    let mut named: HashMap<Digest, BTreeSet<Candidate>> = HashMap::new();
    for (name, chain) in chains {
        let altered = chain.altered.iter().map(|one| (one.sequence, &one.entry));
        for (sequence, entry) in chain.intact().chain(altered) {
            let mut add = |hash: Digest, sequence: u64, previous| {
                let candidate = Candidate {
                    chain: name.clone(),
                    sequence,
                    previous,
                };
                named.entry(hash).or_default().insert(candidate);
            };
            if !entry.altered && hashes.contains(&entry.hash) {
                add(entry.hash, sequence, entry.previous);
            }
            let before = sequence.checked_sub(1);
            if let (Some(hash), Some(before)) = (entry.previous, before)
                && hashes.contains(&hash)
            {
                let previous = before
                    .checked_sub(1)
                    .and_then(|at| chain.at(at))
                    .map(|entry| entry.hash);
                add(hash, before, previous);
            }
        }
    }
    named
}

/// The places of the other doubtful events of one chain, which may have been swapped.
fn neighbours(chain: &str, altered: &[Altered]) -> BTreeSet<Candidate> {
    if altered.len() > TRIED {
        return BTreeSet::new();
    }
    let place = |one: &Altered, other: &Altered| Candidate {
        chain: chain.to_owned(),
        sequence: one.sequence,
        previous: other.entry.previous,
    };
    let pairs = altered
        .iter()
        .flat_map(|one| altered.iter().map(move |other| (one, other)));
    pairs.map(|(one, other)| place(one, other)).collect()
}

/// Whether an event's hash is that of its content in another place.
fn fits(one: &Altered, place: &Candidate) -> bool {
    let mut link = Map::new();
    link.insert("id".to_owned(), json!(place.chain));
    if let Some(previous) = &place.previous {
        link.insert("previous".to_owned(), json!(previous.to_string()));
    }
    link.insert("sequence".to_owned(), json!(place.sequence));
    let mut members = one.members.clone();
    members.insert("chain".to_owned(), Value::Object(link));
    Digest::of(&[&canonical_of(&members)]) == one.entry.hash
}
