//! What a verification found, for programs and for people.

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// How many findings of one chain are listed.
pub(super) const MOST: usize = 1000;

/// What became of a whole log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The worst of everything below.
    pub verdict: Standing,
    /// How many events there are, each counted once.
    pub events: u64,
    /// How many were there once more.
    pub duplicates: u64,
    /// How many are in no chain: an instance that could not start writes such events, and nothing protects them.
    pub unchained: u64,
    /// How many lines hold no event.
    pub other_lines: u64,
    /// Whether signatures were looked at.
    pub signatures: bool,
    /// Each chain, by name.
    pub chains: Vec<Chained>,
    /// What is wrong with events that are in no chain.
    pub unchained_findings: Vec<Finding>,
    /// Chains of an earlier report that are gone.
    pub missing_chains: Vec<String>,
    /// Each receipt, in the order given.
    pub receipts: Vec<Receipted>,
}

/// What became of a log, from the best to the worst.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Everything is there, unchanged and signed.
    #[default]
    Complete,
    /// Something is missing or not signed, and the log says why: an instance ends without a last signature, and says itself what it
    /// lost.
    Explained,
    /// Nothing contradicts it, and nothing signed says that it is true.
    Unproven,
    /// Something was taken away, changed, added, or came too late.
    Tampered,
}

/// What became of one chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chained {
    /// Its name.
    pub chain: String,
    /// The worst of its findings.
    pub verdict: Verdict,
    /// How many events of it there are.
    pub events: u64,
    /// The first sequence number that is there.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The hash of the last.
    pub hash: Digest,
    /// Up to where signatures cover it; what comes after could be cut off, and nobody would see it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sealed: Option<u64>,
    /// Sequence numbers between the first and the last that are not there, both ends included.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<(u64, u64)>,
    /// What is to be said of it, the worst first.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those listed.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub more_findings: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What is to be said of a chain, in one word, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every event from 0 on is there, unchanged and signed.
    Complete,
    /// The last events are not signed. An instance ends without notice, so this is no tampering; nor could cutting them off
    /// be noticed.
    UnsignedTail,
    /// The chain itself says that its sink will never get these.
    DeclaredGap,
    /// Events in front of a gap are not signed.
    UnsignedPart,
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
    /// Two different events with one sequence number.
    Fork,
    /// An event stands where it does not belong.
    Misplaced,
    /// An event is not what its hash, or the event after it, says.
    Altered,
}

impl Verdict {
    /// What it makes of the whole log.
    pub fn standing(self) -> Standing {
        match self {
            Self::Complete => Standing::Complete,
            Self::UnsignedTail | Self::DeclaredGap | Self::UnsignedPart => Standing::Explained,
            Self::Unsigned => Standing::Unproven,
            _ => Standing::Tampered,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::UnsignedTail => "unsigned tail",
            Self::DeclaredGap => "declared gap",
            Self::UnsignedPart => "unsigned part",
            Self::Unsigned => "unsigned",
            Self::Late => "late",
            Self::ForeignTenant => "foreign tenant",
            Self::HeadMissing => "head missing",
            Self::Gap => "gap",
            Self::LostSince => "lost since",
            Self::UnknownKey => "unknown key",
            Self::BadSignature => "bad signature",
            Self::Fork => "fork",
            Self::Misplaced => "misplaced",
            Self::Altered => "altered",
        }
    }
}

/// One thing to be said of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub finding: Verdict,
    /// The first sequence number that it is about.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// The event's id, if it is about one that is there.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub event: String,
    /// A sentence.
    pub why: String,
}

/// What became of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipted {
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
    /// Its signature was not looked at, and the log has the event.
    PresentUnchecked,
    /// Its signature was not looked at, and the log does not have the event.
    MissingUnchecked,
}

impl ReceiptVerdict {
    /// What it makes of the whole log.
    pub fn standing(self) -> Standing {
        match self {
            Self::Present | Self::PresentUnchecked => Standing::Complete,
            Self::Missing | Self::Contradicted | Self::MissingUnchecked => Standing::Tampered,
            Self::BadSignature | Self::UnknownKey => Standing::Tampered,
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
            Self::PresentUnchecked => "present, signature not looked at",
            Self::MissingUnchecked => "missing, signature not looked at",
        }
    }
}
