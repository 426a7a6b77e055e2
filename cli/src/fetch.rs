//! Documents that servers publish.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use mcp_edge_runtime::{allows_redirect, is_loopback_url, is_secure_url};

use crate::access_token::AccessToken;
use crate::http_error::RequestFailure;
use crate::local_host;

/// How long a server may take to send one.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Any kind there is, but no page for people.
const ACCEPTED: &str = "application/mcp-server-card+json, application/ai-catalog+json, application/jose, application/json;q=0.9, */*;q=0.1";

/// Why a document could not be read, as a sentence that begins with its URL.
#[derive(Debug)]
pub(crate) struct FetchDocumentError {
    sentence: String,
    /// Whether it is not shown to callers without an access token.
    pub(crate) is_guarded: bool,
}

impl From<String> for FetchDocumentError {
    fn from(sentence: String) -> Self {
        Self {
            sentence,
            is_guarded: false,
        }
    }
}

impl fmt::Display for FetchDocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// What to do about a document that is asked for without a token, and needs one.
const PUBLISH: &str = "is asked without a token; have it published to everybody, or fetch it with a token and name the file";
const GIVE_A_TOKEN: &str =
    "it needs an access token; give one with --token-file, or in the variable MCP_EDGE_TOKEN";
const OTHER_TOKEN: &str = "it does not accept the access token, or does not allow its caller; beside the server's mcp.toml, \
                           `mcp-edge explain - < FILE` says why";

/// What is at `url` for every caller, which may have `longest` bytes; `None` where nothing is. An error is a sentence that begins
/// with the URL.
pub(crate) fn at(url: &str, longest: usize) -> Result<Option<Bytes>, FetchDocumentError> {
    fetched(url, longest, None, PUBLISH)
}

/// What is at `url` for the caller that `token` names, as [`at()`].
pub(crate) fn guarded(
    url: &str,
    longest: usize,
    token: Option<&AccessToken>,
) -> Result<Option<Bytes>, FetchDocumentError> {
    match token {
        Some(token) => fetched(url, longest, token.header(), OTHER_TOKEN),
        None => fetched(url, longest, None, GIVE_A_TOKEN),
    }
}

/// `refused` is what to say where the server asks for a token, or for another one.
fn fetched(
    url: &str,
    longest: usize,
    authorization: Option<HeaderValue>,
    refused: &str,
) -> Result<Option<Bytes>, FetchDocumentError> {
    let failed = |why: RequestFailure| FetchDocumentError::from(format!("{url}: {why}"));
    let mut request = Request::get(permitted(url, None)?)
        .header(header::ACCEPT, ACCEPTED)
        .body(())
        .map_err(|error| failed(RequestFailure::because_of(&error.into())))?;
    if let Some(value) = authorization {
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    let answer = local_host::agent(MAX_WAIT)
        .run(request)
        .map_err(|error| failed(RequestFailure::because_of(&error)))?;
    let (head, body) = answer.into_parts();
    match head.status {
        StatusCode::OK => {
            let bytes = local_host::whole(body, longest).map_err(failed)?;
            let bytes = bytes.ok_or_else(|| failed(RequestFailure::too_long(longest)))?;
            Ok(Some(bytes.into()))
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => Ok(None),
        status if status.is_redirection() => Err(format!(
            "{url} answers {status}; name the address to which it redirects, since clients are given one that does not"
        )
        .into()),
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Err(FetchDocumentError {
            sentence: format!("{url} answers {status}, and {refused}"),
            is_guarded: true,
        }),
        status => Err(format!(
            "{url} answers {status}; look into the server's log for why"
        )
        .into()),
    }
}

/// `url`, if a document may be read there. An attacker that answers in a server's place could say anything in its name, so it
/// must be known by its certificate, except on this machine. Where the server at `named_by` names it, and not a person, it may
/// not lead the program into a private network either.
pub(crate) fn permitted(url: &str, named_by: Option<&str>) -> Result<Uri, String> {
    let uri: Uri = url
        .parse()
        .map_err(|_| format!("{url:?} is not a URL; write https://HOST/PATH"))?;
    let has_user = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    if has_user {
        return Err("the URL must not hold a user name or a password".to_owned());
    }
    if !is_secure_url(url) {
        return Err(format!(
            "{url:?} must begin with https://, except on this machine"
        ));
    }
    match named_by {
        Some(from) if !allows_redirect(from, url) => Err(if is_loopback_url(url) {
            format!(
                "{url:?} is on this machine, and the server that names it is not; set its server.url"
            )
        } else {
            format!(
                "{url:?} is an address of a private network or is not https, and {from:?} names it; name it by its public https URL"
            )
        }),
        _ => Ok(uri),
    }
}
