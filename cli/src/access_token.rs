//! The access token that only the server is shown.

use std::path::Path;

use http::HeaderValue;

use crate::output::Failure;
use crate::{bearer, secret_file, standard_input};

const VARIABLE: &str = "MCP_EDGE_TOKEN";

/// An access token. It has no `Debug`, so that it ends up in no message.
pub(crate) struct AccessToken(String);

impl AccessToken {
    /// The token in the file at `path`, otherwise in the variable, if there is any.
    pub(crate) fn given(path: Option<&Path>) -> Result<Option<Self>, Failure> {
        let text = match path {
            Some(path) if path == Path::new("-") => {
                Some(standard_input::secret("an access token")?)
            }
            Some(path) => {
                let missing = || Failure::usage(format!("there is no file {}", path.display()));
                Some(secret_file::read(path)?.ok_or_else(missing)?)
            }
            None => std::env::var(VARIABLE).ok().filter(|text| !text.is_empty()),
        };
        text.map(|text| Self::new(&text)).transpose()
    }

    pub(crate) fn new(text: &str) -> Result<Self, Failure> {
        let token = bearer::token(text);
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::usage(
                "what was given as an access token is none: it must be one word of printable ASCII characters",
            ));
        }
        Ok(Self(token.to_owned()))
    }

    /// The value of `Authorization` (RFC 6750, 2.1).
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// `text` with a word in place of it; `None` where `text` does not repeat it.
    pub(crate) fn hidden_in(&self, text: &str) -> Option<String> {
        text.contains(&self.0)
            .then(|| text.replace(&self.0, "<token>"))
    }
}
