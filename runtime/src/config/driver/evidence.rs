//! What signs events.

use std::fmt;
use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::evidence::{Receipt, Seal};
use serde_json::Value;

use crate::token::KeyringError;

/// What signs the events of a server: the name of the host's secret that holds its
/// [keys](crate::audit_trail::evidence::SigningKeys).
///
/// It stands among the settings, so that a server whose events are not signed does not carry what signs.
#[derive(Clone, Copy)]
pub struct SigningKeysSecret {
    secret: &'static str,
    read: Read,
}

pub(crate) type Read = fn(&str) -> Result<Rc<dyn Sign>, KeyringError>;

impl SigningKeysSecret {
    /// The keys are in this secret, and `read` reads them.
    pub(crate) const fn new(secret: &'static str, read: Read) -> Self {
        Self { secret, read }
    }

    /// The name of the secret.
    pub const fn secret(self) -> &'static str {
        self.secret
    }

    pub(crate) fn read(self, text: &str) -> Result<Rc<dyn Sign>, KeyringError> {
        (self.read)(text)
    }
}

impl PartialEq for SigningKeysSecret {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl fmt::Debug for SigningKeysSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.secret)
    }
}

/// Signs events.
pub trait Sign {
    /// Signs an event, and with it everything before it in its chain.
    fn seal(&self, newest: &ChainedEvent, time: &str) -> Option<Seal>;
    /// Signs an event for the caller whose request it is about.
    fn receipt(&self, linked: &ChainedEvent, time: &str) -> Option<Receipt>;
    /// The public halves as a JSON Web Key Set (RFC 7517, RFC 8037).
    fn jwks(&self) -> Value;
    /// The public halves, in base64url without padding.
    fn public_halves(&self) -> Vec<String>;
    /// A document in the compact serialization of a JWS (RFC 7515, 7.1), with what it is in `typ`.
    fn jws(&self, typ: &str, payload: &[u8]) -> String;
}
