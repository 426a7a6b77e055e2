//! Requests to one server, in the revision that it serves.

use http::StatusCode;
use mcp_edge_runtime::{header_text, repeated_arguments};
use mcp_edge_schema::mirror::mirrored;
use serde_json::{Map, Value as Json, json};

use super::arguments::Connect;
use super::questions::Answers;
use crate::doctor::server::answer::Answer;
use crate::doctor::server::call::{Call, LEGACY, MODERN};
use crate::doctor::server::client::Client;
use crate::output::Failure;
use crate::style::{say, shown};

/// More pages of a list than any server has.
const MAX_PAGES: usize = 1000;
/// More rounds of questions than a person answers.
const MAX_ROUNDS: usize = 100;

/// The revision that a server serves.
enum Era {
    /// 2026-07-28.
    Modern,
    /// Before, with the revision and the session of `initialize`.
    Legacy {
        revision: String,
        session: Option<String>,
    },
}

/// A server that has answered.
pub(super) struct Session {
    client: Client,
    url: String,
    era: Era,
}

type Headers = [(String, String)];

impl Session {
    /// Finds out which revision the server serves.
    pub(super) fn open(connect: &Connect) -> Result<Self, Failure> {
        let (url, token) = connect.target()?;
        let client = Client::new(connect.timeout, token).with_listener(progress);
        let mut session = Self {
            client,
            url,
            era: Era::Modern,
        };
        let discovered = session.send(Call::modern("server/discover"))?;
        if discovered.result().is_some() {
            return Ok(session);
        }
        session.check_access(&discovered)?;
        let begun = session.send(Call::initialize())?;
        session.check_access(&begun)?;
        let Some(result) = begun.result() else {
            return Err(Failure::check(format!(
                "{} answers neither server/discover ({}) nor initialize ({}); check that --url names an MCP endpoint, as \
                 http://127.0.0.1:8787/mcp",
                session.url,
                discovered.described(),
                begun.described()
            )));
        };
        let revision = result.get("protocolVersion").and_then(Json::as_str);
        let id = begun.header(http::HeaderName::from_static("mcp-session-id"));
        session.era = Era::Legacy {
            revision: revision.unwrap_or(LEGACY).to_owned(),
            session: id.map(str::to_owned),
        };
        let initialized = session.in_session(Call::initialized());
        session.send(initialized)?;
        Ok(session)
    }

    fn in_session(&self, call: Call) -> Call {
        match &self.era {
            Era::Modern => call,
            Era::Legacy { revision, session } => {
                let call = call.with("mcp-protocol-version", revision.clone());
                match session {
                    Some(session) => call.with("mcp-session-id", session.clone()),
                    None => call,
                }
            }
        }
    }

    fn send(&self, call: Call) -> Result<Answer, Failure> {
        let answer = self.client.send_with_token(call.request_to(&self.url));
        answer.map_err(|failure| {
            Failure::usage(format!("{}: {}; {}", self.url, failure.why, failure.fix))
        })
    }

    fn check_access(&self, answer: &Answer) -> Result<(), Failure> {
        let fix = match answer.status {
            StatusCode::UNAUTHORIZED if self.client.has_token() => {
                "the token is not accepted; `mcp-edge explain` says why, `mcp-edge token` makes one for development"
            }
            StatusCode::UNAUTHORIZED => {
                "it requires an access token; give one with --token-file FILE or in MCP_EDGE_TOKEN"
            }
            StatusCode::FORBIDDEN => {
                "the caller may not do this; use a token with the scopes, roles or groups that the policy requires"
            }
            StatusCode::TOO_MANY_REQUESTS => "the caller's rate limit is exceeded; try again later",
            _ => return Ok(()),
        };
        Err(Failure::check(format!(
            "{} answers {}{}; {fix}",
            self.url,
            answer.described(),
            answer.sentence()
        )))
    }

    /// The result of `method`, which is about `name` if that is not empty.
    fn request(
        &self,
        method: &str,
        name: &str,
        mut params: Json,
        headers: &Headers,
    ) -> Result<Json, Failure> {
        let call = match &self.era {
            Era::Modern => {
                let meta = json!({
                    "io.modelcontextprotocol/protocolVersion": MODERN,
                    "io.modelcontextprotocol/clientInfo": { "name": "mcp-edge", "version": env!("CARGO_PKG_VERSION") },
                    "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
                    "progressToken": "progress",
                });
                set(&mut params, "_meta", meta);
                let mut call = Call::modern_with(method, params);
                if !name.is_empty() {
                    call = call.with("mcp-name", header_text(name));
                }
                headers.iter().fold(call, |call, (name, value)| {
                    call.with(name.clone(), value.clone())
                })
            }
            Era::Legacy { .. } => {
                set(&mut params, "_meta", json!({ "progressToken": "progress" }));
                self.in_session(Call::legacy_with(method, &params))
            }
        };
        let answer = self.send(call)?;
        self.check_access(&answer)?;
        answer.result().ok_or_else(|| {
            Failure::check(format!(
                "{method} is answered {}{}",
                answer.described(),
                answer.sentence()
            ))
        })
    }

    /// Every tool that the caller may see.
    pub(super) fn tools(&self) -> Result<Vec<Json>, Failure> {
        let mut tools = Vec::new();
        let mut cursor = None;
        for _ in 0..MAX_PAGES {
            let params =
                cursor.map_or_else(|| json!({}), |cursor: Json| json!({ "cursor": cursor }));
            let mut page = self.request("tools/list", "", params, &[])?;
            if let Some(Json::Array(more)) = page.get_mut("tools").map(Json::take) {
                tools.extend(more);
            }
            match page.get("nextCursor") {
                Some(next) if next.is_string() => cursor = Some(next.clone()),
                _ => return Ok(tools),
            }
        }
        Err(Failure::check("the list of tools has no end"))
    }

    /// The headers that repeat arguments of `tool` (2026-07-28, basic/transports).
    pub(super) fn mirrored(
        &self,
        tool: &str,
        arguments: &Map<String, Json>,
    ) -> Result<Vec<(String, String)>, Failure> {
        if !matches!(self.era, Era::Modern) {
            return Ok(Vec::new());
        }
        let tools = self.tools()?;
        let find = |found: &&Json| found.get("name").and_then(Json::as_str) == Some(tool);
        let Some(found) = tools.iter().find(find) else {
            let names = tools.iter().filter_map(|tool| tool.get("name")?.as_str());
            let names: Vec<_> = names.map(shown).collect();
            return Err(Failure::check(match names.as_slice() {
                [] => format!(
                    "unknown tool `{}`; the server offers this caller no tools",
                    shown(tool)
                ),
                names => format!(
                    "unknown tool `{}`; the tools are: {}",
                    shown(tool),
                    names.join(", ")
                ),
            }));
        };
        let repeated = found.get("inputSchema").map(mirrored).transpose();
        let repeated = repeated.map_err(Failure::check)?.unwrap_or_default();
        Ok(repeated_arguments(&repeated, arguments))
    }

    /// The result of `method` once every question of the server is answered.
    pub(super) fn ask(
        &mut self,
        method: &str,
        name: &str,
        params: Json,
        headers: &Headers,
        answers: &Answers,
    ) -> Result<Json, Failure> {
        let mut round = params.clone();
        for _ in 0..MAX_ROUNDS {
            let result = self.request(method, name, round, headers)?;
            if result.get("resultType").and_then(Json::as_str) != Some("input_required") {
                return Ok(result);
            }
            round = params.clone();
            let questions = result.get("inputRequests").and_then(Json::as_object);
            let responses = questions
                .map(|questions| answers.to(questions))
                .transpose()?;
            set(
                &mut round,
                "inputResponses",
                json!(responses.unwrap_or_default()),
            );
            if let Some(state) = result.get("requestState") {
                set(&mut round, "requestState", state.clone());
            }
        }
        Err(Failure::check(format!(
            "the server asks more than {MAX_ROUNDS} times"
        )))
    }
}

fn set(object: &mut Json, name: &str, value: Json) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Shows what the server says of the progress of a request.
fn progress(message: &Json) {
    if message.get("method").and_then(Json::as_str) != Some("notifications/progress") {
        return;
    }
    let number = |name: &str| message.pointer(name).map(Json::to_string);
    let mut line = number("/params/progress").unwrap_or_default();
    if let Some(total) = number("/params/total") {
        line.push_str(&format!("/{total}"));
    }
    if let Some(words) = message.pointer("/params/message").and_then(Json::as_str) {
        line.push_str(&format!("  {}", shown(words)));
    }
    say(&format!("{line}\n"));
}
