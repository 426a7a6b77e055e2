//! One upstream: where it is, and the result of a call of it.

use bytes::Bytes;
use http::{Response, Uri};
use mcp_edge::StartError;
use mcp_edge::config::{Settings as ServerSettings, TextSetting, Upstream as Settings};
use mcp_edge::context::Context;
use mcp_edge::context::UpstreamCall;
use mcp_edge::host::{FetchError, FetchOptions, Host, check_destination};
use mcp_edge::server::{Content, ResourceContents, ToolError, ToolResult};
use mcp_edge_catalog::Operation;
use mcp_edge_catalog::request::{
    ArgumentError, BaseUrl, Credential, build, check_reserved, redirected,
};
use mcp_edge_catalog::result::{Outcome, ResultContent, ResultLimits, ResultParts, read};
use serde_json::{Map, Value};

use crate::authority::{Authority, PublishedKey, RequestSubject};
use crate::breaker::{Breakers, CallEnd, Open};
use crate::credential::{self, CredentialError};

/// An upstream of the configuration.
pub(crate) struct Upstream {
    settings: &'static Settings,
    base: BaseUrl,
    /// By the names of the configuration.
    origins: Vec<(&'static str, BaseUrl)>,
    breakers: Breakers,
    authority: Option<Authority>,
}

impl Upstream {
    /// Checks that the upstream can be called: its URLs, and that its secrets are there. All mistakes are told at once.
    pub(crate) async fn start(
        settings: &'static Settings,
        server: &'static ServerSettings,
        host: &dyn Host,
    ) -> Result<Self, Vec<StartError>> {
        let mut mistakes = Vec::new();
        let mut origins = Vec::new();
        for (name, url) in settings.origins {
            let key = format!("origins.{name}");
            match base(settings, *url, key, host).await {
                Ok(url) => origins.push((*name, url)),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        let base = match settings.url {
            Some(url) => base(settings, url, "url".to_owned(), host).await,
            None => {
                let url = format!("http://{}.internal", settings.name);
                BaseUrl::parse(&url).map_err(|error| mistake(settings, "binding", error))
            }
        };
        // What a request would be made of, so that a secret that is missing is told at start.
        let variable = async |name| host.variable(name).await;
        let credential = credential::check(settings, variable).await;
        let credential = credential.into_iter().map(CredentialError::into_mistake);
        let base = match base {
            Ok(base) => base,
            Err(mistake) => {
                mistakes.push(mistake);
                mistakes.extend(credential);
                return Err(mistakes);
            }
        };
        mistakes.extend(credential);
        match Authority::start(settings, server, base.as_str(), host).await {
            Ok(authority) if mistakes.is_empty() => Ok(Self {
                authority,
                breakers: Breakers::new(settings.breaker_failures, settings.breaker_pause),
                settings,
                base,
                origins,
            }),
            started => {
                mistakes.extend(started.err());
                Err(mistakes)
            }
        }
    }

    /// The public keys of what the gateway signs for the upstream.
    pub(crate) fn published(&self) -> Vec<&PublishedKey> {
        let authority = self.authority.as_ref();
        authority.map(Authority::published).unwrap_or_default()
    }

    /// Calls an operation with arguments that fit its schema.
    pub(crate) async fn call(
        &self,
        cx: &Context,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<ToolResult, ToolError> {
        let name = self.settings.name;
        let tool = operation.name.as_str();
        let admitted = self.breakers.admit(tool, cx.now()).map_err(|open| {
            let (what, pause) = match open {
                Open::Upstream(pause) => (
                    format!("The upstream `{name}` is down: its last requests have failed"),
                    pause,
                ),
                Open::Operation(pause) => (
                    format!("`{tool}` is too slow: the upstream `{name}` has not answered its last calls in time"),
                    pause,
                ),
            };
            let seconds = pause.as_millis().div_ceil(1000);
            ToolError::new(format!("{what}. Try again in {seconds} s."))
        })?;
        let sent = self.send(cx, operation, arguments).await;
        let response = match sent {
            Ok(response) => response,
            Err(NotSent::Argument(error)) if error.is_fault_of_caller() => {
                return Err(ToolError::new(format!("Invalid arguments: {error}.")));
            }
            Err(NotSent::Argument(error)) => return Err(ToolError::internal(error)),
            Err(NotSent::Internal(error)) => return Err(ToolError::internal(error)),
            Err(NotSent::Authority(error)) => return Err(error),
            Err(NotSent::Upstream(error)) => {
                let end = match error {
                    // A response that a caller has asked too much of is a response.
                    FetchError::TooLarge(_) => CallEnd::Answered,
                    FetchError::TimedOut(_) => CallEnd::TimedOut,
                    _ => CallEnd::Failed,
                };
                admitted.end(end, cx.now());
                cx.detail(&error);
                return Err(ToolError::new(self.unanswered(&error)));
            }
        };
        let end = match response.status().as_u16() {
            502..=504 => CallEnd::Unavailable,
            _ => CallEnd::Answered,
        };
        admitted.end(end, cx.now());
        let (head, body) = response.into_parts();
        let limits = ResultLimits::default();
        let mut parts = read(operation, head.status, &head.headers, &body, limits);
        if let Some(mismatch) = &parts.mismatch {
            cx.detail(format!(
                "the response of `{name}` differs from its document: {mismatch}"
            ));
        }
        if let (Some(authority), 403) = (&self.authority, head.status.as_u16())
            && let Some(error) = authority.challenged(cx, &head.headers)
        {
            return Err(error);
        }
        if parts.outcome == Outcome::Credential {
            cx.detail(format!(
                "the upstream `{name}` has refused the gateway's credential: {}",
                head.status
            ));
        }
        if !self.settings.error_details {
            parts = parts.without_details(name, head.status);
        }
        Ok(result(&operation.name, parts))
    }

    /// The sentence about a request without a usable response. It names no address.
    fn unanswered(&self, error: &FetchError) -> String {
        let name = self.settings.name;
        match error {
            FetchError::TooLarge(limit) => format!(
                "The response of the upstream `{name}` is larger than {limit} bytes. Ask for less."
            ),
            FetchError::TimedOut(_) => {
                format!("The upstream `{name}` did not answer in time. Try again, or ask for less.")
            }
            _ => format!(
                "The upstream `{name}` could not be reached, or its response could not be read."
            ),
        }
    }

    async fn send(
        &self,
        cx: &Context,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<Response<Bytes>, NotSent> {
        let base = match operation.origin.as_deref() {
            None => &self.base,
            Some(origin) => {
                let mut known = self.origins.iter();
                let found = known
                    .find(|(name, _)| *name == origin)
                    .map(|(_, base)| base);
                found.ok_or_else(|| {
                    NotSent::Internal(format!(
                        "{} has no `{origin}`, which the catalog names; build the gateway again",
                        self.settings.key("origins")
                    ))
                })?
            }
        };
        let mut boundary = [0; 16];
        cx.random(&mut boundary)
            .map_err(|error| NotSent::Internal(error.to_string()))?;
        let mut request = build(operation, base, arguments, boundary).map_err(NotSent::Argument)?;
        let reserved = self.settings.query.iter().map(|(name, _)| *name);
        check_reserved(request.uri(), reserved).map_err(NotSent::Argument)?;
        let mut redirects = self.settings.max_redirects;
        let mut may_renew = self.authority.is_some();
        loop {
            let plain = may_renew.then(|| request.clone());
            let method = request.method().clone();
            let target = request.uri().clone();
            // Read for each request: on some hosts what a variable is belongs to it.
            let variable = async |name| cx.variable(name).await;
            let mut secrets = credential::add(&mut request, self.settings, variable)
                .await
                .map_err(|error| NotSent::Internal(error.to_string()))?;
            let token = match &self.authority {
                None => None,
                Some(authority) => {
                    let subject = RequestSubject {
                        tool: &operation.name,
                        request: &request,
                    };
                    let token = authority.token(cx, &subject).await;
                    let token = token.map_err(|error| authority.refused(cx, error));
                    let token = token.map_err(NotSent::Authority)?;
                    let credential = Credential::Bearer(token.text());
                    secrets.add(credential);
                    credential
                        .add_to(&mut request)
                        .map_err(|error| NotSent::Internal(error.to_string()))?;
                    Some((authority, token))
                }
            };
            let options = FetchOptions {
                timeout: Some(self.settings.timeout),
                private: self.settings.private,
                binding: self.settings.binding,
                ..FetchOptions::new(self.settings.response_bytes)
            };
            let accept = request.headers().get(http::header::ACCEPT).cloned();
            let began = cx.now();
            let response = cx.fetch_with(request, options).await;
            cx.upstream_call(UpstreamCall {
                name: self.settings.name,
                authority: self.authority.as_ref().map(Authority::kind),
                audience: self.authority.as_ref().and_then(Authority::audience),
                status: response
                    .as_ref()
                    .ok()
                    .map(|response| response.status().as_u16()),
                duration: cx.now().since(began),
            });
            let response = response.map_err(|error| NotSent::Upstream(error.cause))?;
            let response = credential::hidden(&secrets, response);
            // A request that was refused was not executed, and may be sent again.
            if let (Some((authority, token)), Some(plain), 401) =
                (&token, plain, response.status().as_u16())
                && authority.forget(token)
            {
                may_renew = false;
                request = plain;
                continue;
            }
            let Some(left) = redirects.checked_sub(1) else {
                return Ok(response);
            };
            let followed = redirected(&method, &target, accept, &response);
            let Some(next) = followed else {
                return Ok(response);
            };
            redirects = left;
            request = next;
        }
    }
}

/// Why a request has no response.
enum NotSent {
    Argument(ArgumentError),
    Internal(String),
    Authority(ToolError),
    Upstream(FetchError),
}

async fn base(
    settings: &'static Settings,
    url: TextSetting,
    key: String,
    host: &dyn Host,
) -> Result<BaseUrl, StartError> {
    let text = url.resolve(&settings.key(&key), host).await?;
    let base = BaseUrl::parse(text.trim()).map_err(|error| mistake(settings, &key, error))?;
    // A binding is no network.
    if settings.binding.is_none() {
        let uri: Uri = base
            .as_str()
            .parse()
            .map_err(|error| mistake(settings, &key, error))?;
        check_destination(&uri, settings.private, settings.allow_http)
            .map_err(|why| mistake(settings, &key, why))?;
    }
    Ok(base)
}

fn mistake(settings: &Settings, key: &str, why: impl std::fmt::Display) -> StartError {
    StartError::Setting {
        key: settings.key(key),
        why: why.to_string(),
    }
}

/// A result from its parts.
fn result(tool: &str, parts: ResultParts) -> ToolResult {
    let mut result = ToolResult::new();
    for content in parts.content {
        result = result.with(match content {
            ResultContent::Text(text) => Content::text(text),
            ResultContent::Image { media_type, bytes } => Content::image(bytes, media_type),
            ResultContent::Audio { media_type, bytes } => Content::audio(bytes, media_type),
            ResultContent::File { media_type, bytes } => Content::resource(
                ResourceContents::blob(bytes)
                    .mime_type(media_type)
                    .uri(format!("mcp-edge://result/{tool}")),
            ),
        });
    }
    if let Some(value) = parts.structured {
        result = result.structured(value);
    }
    if parts.is_error {
        result = result.error();
    }
    result
}
