//! The search index: finds the tools for a query, ranked by BM25.
//!
//! | value | form |
//! |---|---|
//! | lengths of the tools' texts, in terms | a list of numbers |
//! | terms, in ascending order | a list |
//! | a term | how many bytes it has in common with the one before; the rest, a text; the length in bytes of its tools |
//! | a tool of a term | how many tools lie between it and the one before; the weight of the term in it |

use std::collections::BTreeMap;

use mcp_edge_settings::wire::{Reader, Writer};

use super::{DecodeError, Index};
use crate::{Operation, PathPiece};

/// The maximum number of bytes of a query that are read.
pub const MAX_QUERY_BYTES: usize = 1024;
/// The maximum number of tools that a search finds.
pub const MAX_HITS: usize = 50;

const MAX_QUERY_TERMS: usize = 16;
const MAX_TERM_BYTES: usize = 32;
/// The minimum length of a term of a query that also finds longer terms, in bytes.
const MIN_PREFIX_BYTES: usize = 3;
/// The weight of such a match.
const PREFIX_WEIGHT: f64 = 0.4;

/// The weights of a term by its place.
const NAME_WEIGHT: u32 = 4;
const TITLE_WEIGHT: u32 = 3;
const TAG_WEIGHT: u32 = 2;
const PATH_WEIGHT: u32 = 2;
const DESCRIPTION_WEIGHT: u32 = 1;
/// A description that repeats a term does not get ahead of a name.
const MAX_WEIGHT: u32 = 15;

/// The usual parameters of BM25: saturation by repetition, and normalisation by length.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Words that are in most descriptions.
const STOP_WORDS: [&str; 24] = [
    "a", "an", "and", "are", "as", "be", "by", "can", "for", "from", "if", "in", "is", "it", "of",
    "on", "or", "that", "the", "this", "to", "which", "will", "with",
];

/// The terms of a text: its words and the parts of compound names, in lower case and without a plural `s`.
fn terms(text: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for letter in text.chars() {
        let begins_part = previous.is_lowercase() && letter.is_uppercase();
        if begins_part || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        previous = letter;
    }
    words.into_iter().filter_map(|word| {
        let is_term = !word.is_empty()
            && word.len() <= MAX_TERM_BYTES
            && !STOP_WORDS.contains(&word.as_str());
        is_term.then(|| singular(word))
    })
}

fn singular(mut word: String) -> String {
    let is_plural = word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if is_plural {
        word.pop();
        if word.ends_with("ie") {
            word.truncate(word.len().saturating_sub(2));
            word.push('y');
        }
    }
    word
}

/// The weights of the terms of an operation.
fn weights(operation: &Operation) -> BTreeMap<String, u32> {
    let mut weights = BTreeMap::<String, u32>::new();
    let mut add = |text: &str, weight: u32| {
        for term in terms(text) {
            let sum = weights.entry(term).or_default();
            *sum = sum.saturating_add(weight).min(MAX_WEIGHT);
        }
    };
    add(&operation.name, NAME_WEIGHT);
    add(operation.title.as_deref().unwrap_or_default(), TITLE_WEIGHT);
    for tag in &operation.tags {
        add(tag, TAG_WEIGHT);
    }
    for piece in operation.path.iter().flatten() {
        if let PathPiece::Literal(text) = piece {
            add(text, PATH_WEIGHT);
        }
    }
    add(&operation.description, DESCRIPTION_WEIGHT);
    weights
}

/// Writes the search index of these operations.
pub(super) fn build(operations: &[Operation]) -> Vec<u8> {
    let mut writer = Writer::from(Vec::new());
    let mut all = BTreeMap::<String, Vec<(usize, u32)>>::new();
    writer.length(operations.len());
    for (place, operation) in operations.iter().enumerate() {
        let weights = weights(operation);
        writer.length(weights.len());
        for (term, weight) in weights {
            all.entry(term).or_default().push((place, weight));
        }
    }
    writer.length(all.len());
    let mut previous = "";
    for (term, places) in &all {
        let common = (previous.bytes().zip(term.bytes()))
            .take_while(|(before, byte)| before == byte)
            .count();
        let common = term.floor_char_boundary(common);
        writer.length(common);
        writer.text(term.get(common..).unwrap_or_default());
        previous = term;
        let mut tools = Writer::from(Vec::new());
        let mut next = 0;
        for (place, weight) in places {
            tools.length(place.saturating_sub(next));
            tools.number(u64::from(*weight));
            next = place.saturating_add(1);
        }
        let tools = tools.finish();
        writer.length(tools.len());
        writer.bytes(&tools);
    }
    writer.finish()
}

/// The search index of a catalog.
#[derive(Debug)]
pub struct SearchIndex<'a> {
    index: &'a Index,
    /// By tool, the number of its terms.
    lengths: Vec<f64>,
    average_length: f64,
    terms: Reader<'a>,
}

/// A tool that a search has found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchHit {
    /// Its place in [`Index::summaries`].
    pub place: usize,
    /// Its BM25 score. It is zero where the query has no term.
    pub score: f64,
}

const DAMAGED: DecodeError = DecodeError::Damaged("search index");

impl<'a> SearchIndex<'a> {
    /// Reads the bytes of [`Header::search_range`](super::Header::search_range).
    pub fn decode(index: &'a Index, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut terms = Reader::new(bytes);
        let lengths = read_lengths(&mut terms).ok_or(DAMAGED)?;
        if lengths.len() != index.summaries().len() {
            return Err(DAMAGED);
        }
        let sum: f64 = lengths.iter().sum();
        Ok(Self {
            index,
            average_length: (sum / count(lengths.len())).max(1.0),
            lengths,
            terms,
        })
    }

    /// The tools that fit a query best, the best first: at most `limit` and [`MAX_HITS`], with this tag if there is one, and
    /// visible. A tag is compared without its case. A query without terms finds all of them in the order of the list.
    ///
    /// Of the query, the first [`MAX_QUERY_BYTES`] are read.
    pub fn search(
        &self,
        query: &str,
        limit: usize,
        tag: Option<&str>,
        visible: impl Fn(usize) -> bool,
    ) -> Result<Vec<SearchHit>, DecodeError> {
        let query = query.get(..query.floor_char_boundary(MAX_QUERY_BYTES));
        let mut wanted: Vec<_> = terms(query.unwrap_or_default())
            .take(MAX_QUERY_TERMS)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let scores = self.scores(&wanted).ok_or(DAMAGED)?;
        let summaries = self.index.summaries().iter();
        let mut hits: Vec<_> = summaries
            .zip(scores)
            .enumerate()
            .filter(|(place, (summary, score))| {
                (wanted.is_empty() || *score > 0.0)
                    && tag.is_none_or(|tag| {
                        summary
                            .tags()
                            .iter()
                            .any(|other| other.eq_ignore_ascii_case(tag))
                    })
                    && visible(*place)
            })
            .map(|(place, (_, score))| SearchHit { place, score })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(limit.min(MAX_HITS));
        Ok(hits)
    }

    /// The score of every tool.
    fn scores(&self, wanted: &[String]) -> Option<Vec<f64>> {
        let mut scores = vec![0.0; self.lengths.len()];
        let mut reader = self.terms;
        let mut term = Vec::new();
        for _ in 0..reader.length()? {
            let common = usize::try_from(reader.number()?).ok()?;
            if common > term.len() {
                return None;
            }
            term.truncate(common);
            term.extend_from_slice(reader.text()?.as_bytes());
            let length = reader.length()?;
            let tools = reader.slice(length)?;
            let weight = wanted.iter().map(|wanted| fit(wanted, &term));
            let weight = weight.fold(0.0, f64::max);
            if weight > 0.0 {
                self.add(weight, tools, &mut scores)?;
            }
        }
        reader.is_at_end().then_some(scores)
    }

    /// Adds the score of a term to the tools that have it.
    fn add(&self, weight: f64, tools: &[u8], scores: &mut [f64]) -> Option<()> {
        let mut reader = Reader::new(tools);
        let mut found = Vec::new();
        let mut next = 0_usize;
        while !reader.is_at_end() {
            let place = next.checked_add(usize::try_from(reader.number()?).ok()?)?;
            next = place.checked_add(1)?;
            let times = u32::try_from(reader.number()?).ok()?;
            found.push((place, f64::from(times)));
        }
        let with = count(found.len());
        let without = count(self.lengths.len()) - with;
        let rarity = ((without + 0.5) / (with + 0.5)).ln_1p();
        for (place, times) in found {
            let length = self.lengths.get(place)? / self.average_length;
            let saturation = times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length));
            *scores.get_mut(place)? += weight * rarity * saturation;
        }
        Some(())
    }
}

/// The weight of a match between a term and one of the query.
fn fit(wanted: &str, term: &[u8]) -> f64 {
    if wanted.as_bytes() == term {
        1.0
    } else if wanted.len() >= MIN_PREFIX_BYTES && term.starts_with(wanted.as_bytes()) {
        PREFIX_WEIGHT
    } else {
        0.0
    }
}

fn read_lengths(reader: &mut Reader<'_>) -> Option<Vec<f64>> {
    let count = reader.length()?;
    let mut lengths = Vec::new();
    for _ in 0..count {
        lengths.push(f64::from(u32::try_from(reader.number()?).ok()?));
    }
    Some(lengths)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
