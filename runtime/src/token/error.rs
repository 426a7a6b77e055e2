//! Why a token was refused, or could not be made.

/// Why a token was refused.
///
/// The caller is told none of this, only that the token does not serve: a distinction helps only
/// a forger. The audit event gets [`TokenError::reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than the purpose allows.
    #[error("the token is longer than its purpose allows")]
    TooLarge,
    /// Not a compact JWS as this codec writes it, or its claims are not the expected ones.
    #[error("the token is not in the form that this server mints")]
    Malformed,
    /// Signed, or not, with something else than HS256.
    #[error("the token names another algorithm than HS256")]
    WrongAlgorithm,
    /// Minted for something else: a cursor presented as a session.
    #[error("the token was minted for another purpose")]
    WrongPurpose,
    /// No key of this name is in the keyring: never was, or has been retired.
    #[error("the token names a key that is not in the keyring")]
    UnknownKey,
    /// Changed since it was minted, or signed with another key.
    #[error("the token's signature does not verify")]
    BadSignature,
    /// Minted by another server that shares the keyring.
    #[error("the token was minted by another server")]
    WrongServer,
    /// Minted in the future by more than the leeway between two hosts' clocks.
    #[error("the token is not valid yet; compare the clocks of the hosts")]
    NotYetValid,
    /// Its lifetime is over.
    #[error("the token has expired")]
    Expired,
    /// Minted for another principal.
    #[error("the token belongs to another principal")]
    WrongPrincipal,
    /// Minted before a not-before epoch of the configuration.
    #[error("the token was minted before the configured not-before epoch")]
    Revoked,
    /// Minted for another request, or for none.
    #[error("the token belongs to another request")]
    WrongRequest,
    /// The signature holds and the seal does not: the keyring's holder made it wrong.
    #[error("the token's content cannot be unsealed")]
    DecryptionFailed,
    /// Authentic, but the content no longer has the form that this version of the server reads.
    #[error("the token's content is not in the form that this version of the server reads")]
    UnreadableContent,
}

impl TokenError {
    /// The reason as audit events spell it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::WrongPurpose => "wrong_purpose",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongServer => "wrong_server",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::WrongPrincipal => "wrong_principal",
            Self::Revoked => "revoked",
            Self::WrongRequest => "wrong_request",
            Self::DecryptionFailed => "decryption_failed",
            Self::UnreadableContent => "unreadable_content",
        }
    }
}

/// Why a token could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The content makes the token longer than the purpose allows.
    #[error(
        "the token would be {bytes} bytes long, and its purpose allows {limit}; carry less in it"
    )]
    TooLarge {
        /// The length that the token would have.
        bytes: usize,
        /// [`Purpose::MAX_BYTES`](super::Purpose::MAX_BYTES).
        limit: usize,
    },
    /// The content's `Serialize` refused: a map whose keys are no strings, a number JSON does not have.
    #[error("the token's content cannot be written as JSON; use string keys and finite numbers")]
    Unwritable,
}
