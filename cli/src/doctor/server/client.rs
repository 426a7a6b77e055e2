//! Asks servers.

use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use serde_json::Value as Json;

use super::answer::Answer;
use super::call::{ID, agent};
use crate::access_token::AccessToken;
use crate::http_error::RequestFailure;
use crate::local_host;

/// The longest body that is read, in bytes.
const MAX_BODY_BYTES: usize = 4 << 20;

/// Sends requests, and hides the access token wherever it comes back.
pub(crate) struct Client {
    agent: ureq::Agent,
    token: Option<AccessToken>,
    /// Hears the messages of a stream that do not answer.
    listener: fn(&Json),
}

impl Client {
    /// `timeout` is how long one answer may take.
    pub(crate) fn new(timeout: Duration, token: Option<AccessToken>) -> Self {
        Self {
            agent: local_host::agent(timeout),
            token,
            listener: |_| (),
        }
    }

    /// With this one for the messages of a stream that come before the answer. They are not searched for the token.
    pub(crate) fn with_listener(self, listener: fn(&Json)) -> Self {
        Self { listener, ..self }
    }

    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// What `request` is answered with for the caller that the token names.
    pub(crate) fn send_with_token(
        &self,
        mut request: http::Result<Request<String>>,
    ) -> Result<Answer, RequestFailure> {
        let value = self.token.as_ref().and_then(AccessToken::header);
        if let (Some(value), Ok(request)) = (value, &mut request) {
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        self.send(request)
    }

    /// What `request` is answered with, if it is one.
    pub(crate) fn send(
        &self,
        request: http::Result<Request<String>>,
    ) -> Result<Answer, RequestFailure> {
        let mut request = request.map_err(|error| RequestFailure::because_of(&error.into()))?;
        request
            .headers_mut()
            .entry(header::USER_AGENT)
            .or_insert(HeaderValue::from_static(agent()));
        let is_post = request.method() == Method::POST;
        let response = if is_post {
            self.agent.run(request)
        } else {
            self.agent.run(request.map(drop))
        };
        let response = response.map_err(|error| RequestFailure::because_of(&error))?;
        let at = SystemTime::now();
        let (head, body) = response.into_parts();
        let is_stream = media_type(&head.headers).starts_with("text/event-stream");
        let body = match (is_stream, is_post) {
            // A stream without a question may never end.
            (true, false) => String::new(),
            (true, true) => first_answer(body.into_reader(), self.listener)
                .map_err(|error| RequestFailure::in_io(&error))?,
            (false, _) => {
                let bytes = local_host::whole(body, MAX_BODY_BYTES)?;
                let bytes = bytes.ok_or_else(|| RequestFailure::too_long(MAX_BODY_BYTES))?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        Ok(self.hide_token(Response::from_parts(head, body), at))
    }

    fn hide_token(&self, response: Response<String>, at: SystemTime) -> Answer {
        let (head, mut body) = response.into_parts();
        let (mut headers, mut repeats_token) = (head.headers, false);
        if let Some(token) = &self.token {
            if let Some(hidden) = token.hidden_in(&body) {
                (body, repeats_token) = (hidden, true);
            }
            for value in headers.values_mut() {
                let hidden = value.to_str().ok().and_then(|text| token.hidden_in(text));
                if let Some(hidden) = hidden.and_then(|text| HeaderValue::from_str(&text).ok()) {
                    (*value, repeats_token) = (hidden, true);
                }
            }
        }
        Answer {
            status: head.status,
            headers,
            body,
            at,
            repeats_token,
        }
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let stated = headers.get(header::CONTENT_TYPE);
    let stated = stated.and_then(|value| value.to_str().ok());
    stated.unwrap_or_default().trim().to_ascii_lowercase()
}

/// The first event that answers, or nothing where the stream ends without, or none is in its beginning (WHATWG HTML, server-sent
/// events).
fn first_answer(source: impl Read, listener: fn(&Json)) -> std::io::Result<String> {
    let most = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX);
    let mut data = String::new();
    for line in BufReader::new(source.take(most)).lines() {
        let line = line?;
        if let Some(more) = line.strip_prefix("data:") {
            data.push_str(more.strip_prefix(' ').unwrap_or(more));
            data.push('\n');
        } else if line.is_empty() {
            let message = serde_json::from_str(&data).unwrap_or_default();
            if answers(&message) {
                return Ok(data);
            }
            listener(&message);
            data.clear();
        }
    }
    Ok(String::new())
}

fn answers(message: &Json) -> bool {
    let is_ours = message.get("id").is_none_or(|id| id == ID);
    is_ours && (message.get("result").is_some() || message.get("error").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_stream_the_message_that_answers_is_read() {
        let stream = ": a comment\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\n\
                      event: message\ndata: {\"jsonrpc\":\"2.0\",\ndata: \"id\":\"mcp-edge\",\"result\":{}}\n\n\
                      data: {\"later\":1}\n\n";
        let message: Json =
            serde_json::from_str(&first_answer(stream.as_bytes(), |_| ()).unwrap()).unwrap();
        assert_eq!(message["id"], ID);
        assert_eq!(first_answer(&b"data: {}\n\n"[..], |_| ()).unwrap(), "");
    }
}
