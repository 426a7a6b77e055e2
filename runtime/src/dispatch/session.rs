//! `initialize` and what it settles (2025-11-25, basic/lifecycle and server/utilities/logging).

use serde_json::{Map, Value, json};

use super::{CallError, CallHandler, CallOutput};
use crate::instance::MintFailed;
use crate::protocol::bounds::MAX_NAME;
use crate::protocol::log::LogLevel;
use crate::refusal::Refusal;
use crate::token::{MintError, Session};

impl CallHandler {
    pub(super) fn initialize(&self) -> Result<CallOutput, CallError> {
        let client = &self.call.client;
        let session = Session {
            revision: client.revision().as_str().to_owned(),
            capabilities: Value::Object(client.capabilities().clone()),
            log_level: None,
        };
        let mut members = Map::new();
        members.insert(
            "protocolVersion".to_owned(),
            Value::from(client.revision().as_str()),
        );
        members.insert("capabilities".to_owned(), self.capabilities());
        members.insert(
            "serverInfo".to_owned(),
            serde_json::to_value(&self.instance.server.identity).map_err(CallError::internal)?,
        );
        if let Some(instructions) = &self.instance.server.instructions {
            members.insert(
                "instructions".to_owned(),
                Value::from(instructions.as_str()),
            );
        }
        Ok(CallOutput {
            session: Some(self.mint(session)?),
            ..members.into()
        })
    }

    /// The level goes into a new session token, since there is nowhere else to keep it. A client that does
    /// not take up a session id after `initialize` goes on hearing the default.
    pub(super) fn set_level(&self) -> Result<CallOutput, CallError> {
        let level = LogLevel::parse(self.text("level", MAX_NAME)?).ok_or_else(|| {
            Refusal::InvalidParams {
            why:
                "`level` must be debug, info, notice, warning, error, critical, alert or emergency"
                    .to_owned(),
        }
        })?;
        let session = match &self.call.session {
            None => None,
            Some(session) => Some(self.mint(Session {
                log_level: Some(level.as_str().to_owned()),
                ..session.as_ref().clone()
            })?),
        };
        Ok(CallOutput {
            session,
            ..Map::new().into()
        })
    }

    /// Capabilities that are too long for a header are left behind: a legacy client cannot be asked
    /// anything, so nothing is lost with them.
    fn mint(&self, mut session: Session) -> Result<String, CallError> {
        match self.mint_as_is(&session) {
            Err(MintFailed::Token(MintError::TooLarge { .. })) => {
                session.capabilities = json!({});
                self.mint_as_is(&session).map_err(CallError::internal)
            }
            minted => minted.map_err(CallError::internal),
        }
    }

    fn mint_as_is(&self, session: &Session) -> Result<String, MintFailed> {
        self.instance.mint(
            session,
            &self.cx.caller().binding(),
            self.instance.settings.tokens.session_ttl,
            self.cx.exchange().host.as_ref(),
        )
    }
}
