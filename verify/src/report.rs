//! What a verification found, for programs and for people.

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// How many findings of one chain are listed.
pub(super) const MAX_FINDINGS: usize = 1000;

/// What a verification found in a whole log.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The worst of everything below.
    pub verdict: LogVerdict,
    /// The verdict in one line.
    pub summary: String,
    /// How many events there are, each counted once.
    pub events: u64,
    /// How many were there once more.
    pub duplicates: u64,
    /// How many are in no chain: an instance that could not start writes such events, and nothing signs them.
    pub unchained: u64,
    /// How many lines hold no event.
    pub other_lines: u64,
    /// How many lines hold part of an event, or one that is damaged.
    pub damaged_lines: u64,
    /// Whether signatures were looked at.
    pub signatures: bool,
    /// Each chain, by name.
    pub chains: Vec<ChainReport>,
    /// What is wrong with events that are in no chain, and with lines that are damaged.
    pub line_findings: Vec<Finding>,
    /// Expected chains that are not there.
    pub missing_chains: Vec<String>,
    /// Chains of the log before this one that were not closed, and of which this log has no event.
    pub unfinished_chains: Vec<String>,
    /// Each receipt, in the order given.
    pub receipts: Vec<ReceiptReport>,
}

/// What a log proves, from the best to the worst.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LogVerdict {
    /// Everything is there, unchanged and signed, up to an end that is proven.
    Proven,
    /// Nothing contradicts it; something is not signed, is lost as the log itself declares, or its end is not provable.
    #[default]
    Consistent,
    /// Something was taken away, changed, added, damaged, or came too late.
    Contradicted,
}

/// What is known of the end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Its last event closes it, and is signed.
    Closed,
    /// Everything that was recorded before the time of `--until` is there and signed.
    Until,
    /// It has everything that `--expect-chains` has of it. With `--until` nothing beyond that either, and the log of
    /// `--expect-chains` reached further than that time.
    Expected,
    /// `--expect-chains` does not have it, and so states no end of it: later events could be missing.
    New,
    /// Later events could be missing.
    Open,
}

/// An event that a signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// Its sequence number.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
    /// When it was signed first (RFC 3339, UTC).
    pub time: String,
}

/// What a verification found in one chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainReport {
    /// Its name.
    pub chain: String,
    /// The worst of its findings.
    pub verdict: ChainVerdict,
    /// How many events of it there are.
    pub events: u64,
    /// The first sequence number that is there.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The hash of the last.
    pub hash: Digest,
    /// The last event that a signature covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
    /// What is known of its end.
    pub end: End,
    /// How many events no signature covers.
    pub unsigned: u64,
    /// Sequence numbers between the first and the last that are not there, both ends included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<(u64, u64)>,
    /// What is to be said of it, the worst first.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_findings: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What is to be said of a chain, in one word, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainVerdict {
    /// Every event from 0 on is there, unchanged and signed, up to an end that is proven.
    Complete,
    /// The last events are not signed, and are later than the end that the caller states.
    Later,
    /// Every event is signed, and events after the last could be missing.
    OpenEnd,
    /// The last events are not signed. An instance ends without notice, so this is no tampering; nor could cutting them off
    /// be noticed.
    UnsignedTail,
    /// The chain itself says that its sink will never get these.
    DeclaredGap,
    /// Events in front of a gap are not signed.
    UnsignedPart,
    /// Around an event are members of which it says nothing.
    UnprovenEnvelope,
    /// Nothing of it is signed.
    Unsigned,
    /// Signed later than asked for.
    Late,
    /// About another tenant.
    ForeignTenant,
    /// It does not begin with 0.
    HeadMissing,
    /// Events are missing in between.
    Gap,
    /// Events of an earlier report are missing.
    LostSince,
    /// A seal's key is not among those given.
    UnknownKey,
    /// A seal is not its key's.
    BadSignature,
    /// Events follow the one that closes the chain.
    AfterEnd,
    /// Two different events with one sequence number.
    Fork,
    /// An event stands where it does not belong.
    Misplaced,
    /// Around an event are members that are not what it says.
    Envelope,
    /// A line holds part of an event, or one that is damaged.
    Damaged,
    /// An event is not what its hash, or the event after it, says.
    Altered,
    /// A server writes no such event outside a chain.
    Forged,
}

impl ChainVerdict {
    /// What it makes of the whole log.
    pub fn standing(self) -> LogVerdict {
        match self {
            Self::Complete | Self::Later => LogVerdict::Proven,
            Self::OpenEnd
            | Self::UnsignedTail
            | Self::DeclaredGap
            | Self::UnsignedPart
            | Self::UnprovenEnvelope
            | Self::Unsigned => LogVerdict::Consistent,
            Self::Late
            | Self::ForeignTenant
            | Self::HeadMissing
            | Self::Gap
            | Self::LostSince
            | Self::UnknownKey
            | Self::BadSignature
            | Self::AfterEnd
            | Self::Fork
            | Self::Misplaced
            | Self::Envelope
            | Self::Damaged
            | Self::Altered
            | Self::Forged => LogVerdict::Contradicted,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Later => "later",
            Self::OpenEnd => "open end",
            Self::UnsignedTail => "unsigned tail",
            Self::DeclaredGap => "declared gap",
            Self::UnsignedPart => "unsigned part",
            Self::UnprovenEnvelope => "unproven envelope",
            Self::Unsigned => "unsigned",
            Self::Late => "late",
            Self::ForeignTenant => "foreign tenant",
            Self::HeadMissing => "head missing",
            Self::Gap => "gap",
            Self::LostSince => "lost since",
            Self::UnknownKey => "unknown key",
            Self::BadSignature => "bad signature",
            Self::AfterEnd => "after the end",
            Self::Fork => "fork",
            Self::Misplaced => "misplaced",
            Self::Envelope => "envelope",
            Self::Damaged => "damaged",
            Self::Altered => "altered",
            Self::Forged => "forged",
        }
    }
}

impl Report {
    /// What was found in a chain.
    pub fn chain(&self, name: &str) -> Option<&ChainReport> {
        let place = self
            .chains
            .binary_search_by(|chain| chain.chain.as_str().cmp(name));
        place.ok().and_then(|place| self.chains.get(place))
    }
}

/// One thing to be said of a chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What it is.
    pub finding: ChainVerdict,
    /// The first sequence number that it is about.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// The event's id, if it is about one that is there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub event: String,
    /// A sentence.
    pub why: String,
}

/// What a verification found of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptReport {
    /// The event's id.
    pub event: String,
    /// Its chain.
    pub chain: String,
    /// Its sequence number there.
    pub sequence: u64,
    /// The result.
    pub verdict: ReceiptVerdict,
}

/// What a receipt proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptVerdict {
    /// The log has the event.
    Present,
    /// The server has signed for the event, and the log does not have it.
    Missing,
    /// The server has signed for the event, and the log has another in its place, or has changed it.
    Contradicted,
    /// The receipt is not its key's, and proves nothing.
    BadSignature,
    /// Its key is not among those given, so it proves nothing.
    UnknownKey,
    /// Its signature was not checked, and the log has the event.
    PresentUnchecked,
    /// Its signature was not checked, and the log does not have the event.
    MissingUnchecked,
}

impl ReceiptVerdict {
    /// What it makes of the whole log.
    pub fn standing(self) -> LogVerdict {
        match self {
            Self::Present => LogVerdict::Proven,
            Self::PresentUnchecked => LogVerdict::Consistent,
            Self::Missing | Self::Contradicted | Self::MissingUnchecked => LogVerdict::Contradicted,
            Self::BadSignature | Self::UnknownKey => LogVerdict::Contradicted,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Contradicted => "contradicted",
            Self::BadSignature => "bad signature",
            Self::UnknownKey => "unknown key",
            Self::PresentUnchecked => "present, signature skipped",
            Self::MissingUnchecked => "missing, signature skipped",
        }
    }
}
