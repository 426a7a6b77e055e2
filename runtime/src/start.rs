//! What a server reads when it starts, and why it cannot start.

use crate::host::{Host, HostError};
use crate::token::KeyringError;

/// The variable with which a host names the environment it runs in.
pub const ENVIRONMENT_VARIABLE: &str = "MCP_EDGE_ENV";

/// The variable with the URL at which clients sign in users of a development issuer. Its tokens keep the `iss` of the
/// configuration, so that a caller is the same with or without a sign-in.
pub const SIGN_IN_VARIABLE: &str = "MCP_EDGE_DEV_SIGN_IN";

/// A text in the file, or one that the host has: `{ variable = "NAME" }`.
///
/// What comes from a variable is checked when an instance starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextSetting {
    /// The text itself.
    Literal(&'static str),
    /// The name of the host's variable that holds it.
    Variable(&'static str),
}

impl TextSetting {
    /// The text itself; `key` is the setting that an error names.
    ///
    /// # Errors
    ///
    /// The variable is not set, or blank.
    pub async fn resolve(self, key: &str, host: &dyn Host) -> Result<String, StartError> {
        match self {
            Self::Literal(text) => Ok(text.to_owned()),
            Self::Variable(name) => host
                .variable(name)
                .await?
                .filter(|text| !text.trim().is_empty())
                .ok_or_else(|| StartError::Setting {
                    key: key.to_owned(),
                    why: format!("it is in the host's variable {name}, which is not set"),
                }),
        }
    }
}

/// Why a server cannot start: a sentence that says what to change.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The server is put together wrongly.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The host names an environment that `mcp.toml` does not have.
    #[error(transparent)]
    Environment(#[from] UnknownEnvironment),
    /// There is no keyring.
    #[error(
        "the secret {0} is not set; it holds the keys that resumption tokens are signed with. Make one with: echo \"k1:sign:$(openssl rand -base64 32)\""
    )]
    NoKeys(&'static str),
    /// The keyring cannot be used.
    #[error("the secret {0} is not a keyring: {1}")]
    Keyring(&'static str, KeyringError),
    /// There are no audit signing keys, and `audit.signing_keys` names them.
    #[error(
        "the secret {0} is not set; it holds the keys that events are signed with. Make one with: mcp-edge keys generate --audit --file audit.keys"
    )]
    NoEvidenceKeys(&'static str),
    /// Two secrets of different purposes hold the same key.
    #[error(
        "the secrets {0} and {1} hold the same key, and each must have its own: a person who knows one could use it as the other. Make another for {1}"
    )]
    SameSecret(&'static str, &'static str),
    /// A setting of `mcp.toml` cannot be used.
    #[error("{key} in mcp.toml: {why}")]
    Setting {
        /// The setting's full key.
        key: String,
        /// What is wrong with it, and what would be right.
        why: String,
    },
    /// A data file of the deployment that the server is made of is not there, or cannot be used.
    #[error("the data file {name}: {why}")]
    Data {
        /// The name of the file.
        name: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// There are several reasons, each on a line of its own.
    #[error("{}", lines(.0))]
    Several(Vec<StartError>),
    /// The host cannot be asked.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl StartError {
    /// All of `errors` as one; `None` if there are none.
    pub fn all(errors: Vec<Self>) -> Option<Self> {
        match <[Self; 1]>::try_from(errors) {
            Ok([one]) => Some(one),
            Err(errors) if errors.is_empty() => None,
            Err(errors) => Some(Self::Several(errors)),
        }
    }
}

fn lines(errors: &[StartError]) -> String {
    let sentences: Vec<_> = errors.iter().map(StartError::to_string).collect();
    sentences.join("\n")
}

/// The host names an environment that `mcp.toml` does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{ENVIRONMENT_VARIABLE} is `{name}`, but mcp.toml has {}; add [environments.{name}] or correct the variable",
    if known.is_empty() { "no environments".to_owned() } else { format!("only {}", known.join(", ")) }
)]
pub struct UnknownEnvironment {
    name: String,
    known: Vec<String>,
}

impl UnknownEnvironment {
    /// The environment `name`, which is not among the `known` ones.
    pub fn new<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            name: name.to_owned(),
            known: known.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Why a server cannot be built: a sentence that says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BuildError(String);

impl BuildError {
    /// A mistake, as a sentence that says what to change.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}
