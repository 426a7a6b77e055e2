//! Where the chains of a log end, so that a later verification can tell whether one is gone or was cut.

use mcp_edge_audit::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::report::{ChainReport, End, Report, Signed};

/// The version of the form.
const VERSION: u8 = 1;

/// Where the chains of a log end, by the name of each: what `--write-chains` writes, and `--expect-chains` and `--after` read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainEnds {
    version: u8,
    /// Each chain once, in the order of their names.
    chains: Vec<ChainEnd>,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainEnd {
    /// Its name.
    pub chain: String,
    /// The sequence number of its first event in the log.
    pub first: u64,
    /// That of its last, signed or not.
    pub last: u64,
    /// The hash of the last.
    pub hash: Digest,
    /// The last event that a signature covers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signed: Option<Signed>,
    /// Whether its last event closes it.
    pub closed: bool,
    /// Sequence numbers between the first and the last that are not there, both ends included.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<(u64, u64)>,
}

impl ChainEnds {
    /// Those of a log, and of chains that ended before it.
    pub fn of(report: &Report, before: Option<&Self>) -> Self {
        let mut chains: Vec<_> = report.chains.iter().map(ChainEnd::of).collect();
        let is_absent = |end: &&ChainEnd| report.chain(&end.chain).is_none();
        let before = before.map_or([].as_slice(), |before| before.chains.as_slice());
        chains.extend(before.iter().filter(is_absent).cloned());
        chains.sort_unstable_by(|one, other| one.chain.cmp(&other.chain));
        Self {
            version: VERSION,
            chains,
        }
    }

    /// Reads what `--write-chains` wrote.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut ends: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if ends.version != VERSION {
            return Err(format!("`version` must be {VERSION}, got {}", ends.version));
        }
        ends.chains
            .sort_unstable_by(|one, other| one.chain.cmp(&other.chain));
        let mut pairs = ends.chains.windows(2);
        if pairs.any(|pair| matches!(pair, [one, other] if one.chain == other.chain)) {
            return Err("a chain is there twice".to_owned());
        }
        Ok(ends)
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }

    /// Every chain.
    pub fn chains(&self) -> &[ChainEnd] {
        &self.chains
    }

    /// When the newest of the signatures was made up to which the log was read.
    pub fn newest(&self) -> Option<Timestamp> {
        let signed = self.chains.iter().filter_map(|end| end.signed.as_ref());
        signed
            .filter_map(|signed| Timestamp::from_rfc3339(&signed.time))
            .max()
    }

    /// The end of a chain.
    pub fn find(&self, chain: &str) -> Option<&ChainEnd> {
        let place = self
            .chains
            .binary_search_by(|end| end.chain.as_str().cmp(chain));
        place.ok().and_then(|place| self.chains.get(place))
    }
}

impl ChainEnd {
    /// Whether `other` ends with the same event, and a signature covers it here.
    pub(super) fn ends_as(&self, other: &Self) -> bool {
        let signed = self.signed.as_ref();
        signed.is_some_and(|signed| signed.sequence == other.last && signed.hash == other.hash)
    }

    fn of(chain: &ChainReport) -> Self {
        Self {
            chain: chain.chain.clone(),
            first: chain.first,
            last: chain.last,
            hash: chain.hash,
            signed: chain.signed.clone(),
            closed: chain.end == End::Closed,
            missing: chain.missing.clone(),
        }
    }
}
