//! A client that calls a server in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderValue, Request, Response};
use serde_json::{Map, Value, json};

use super::host::TestHost;
use super::message::{self, CallError, CallResult};
use crate::config::Configuration;
use crate::host::SharedHost;
use crate::http::{Body, Incoming};
use crate::instance::Instance;
use crate::pipeline::Runtime;
use crate::protocol::{header_text, repeated_arguments};
use crate::revision::{Era, Revision};
use crate::server::Server;
use crate::source::Started;
use crate::start::{BuildError, ENVIRONMENT_VARIABLE, StartError};

/// The authority of a server without a public URL.
const AUTHORITY: &str = "127.0.0.1";
/// How often a server may ask the user within one call.
const MAX_ROUNDS: usize = 32;

/// A client of a server in memory. Every call is an HTTP request to the server's handler and its response, with the same checks,
/// authentication, policy and audit log as in a deployment.
///
/// It speaks the newest revision; [`ClientBuilder::revision`] selects another. Clones are the same client; the clients of other
/// users are made with [`with_token`](Self::with_token).
#[derive(Clone)]
pub struct Client {
    runtime: Rc<Runtime>,
    instance: Rc<Instance>,
    host: TestHost,
    revision: Revision,
    capabilities: Value,
    token: Option<String>,
    meta: Map<String, Value>,
    answers: Rc<RefCell<BTreeMap<String, Value>>>,
    /// The session of a legacy revision.
    session: Rc<RefCell<Option<HeaderValue>>>,
    last_id: Rc<Cell<u64>>,
}

/// A [`Client`] to be, with the server's configuration and host.
pub struct ClientBuilder {
    server: TestedServer,
    configuration: &'static Configuration,
    host: TestHost,
    revision: Revision,
    capabilities: Value,
    token: Option<String>,
}

/// What the client calls.
enum TestedServer {
    Ready(Result<Server, BuildError>),
    Deferred(Runtime),
}

impl ClientBuilder {
    /// The server's configuration, as in `static CONFIGURATION: Configuration = mcp_edge::config!();`. Without it, that of an
    /// empty `mcp.toml`.
    #[must_use]
    pub fn configuration(mut self, configuration: &'static Configuration) -> Self {
        self.configuration = configuration;
        self
    }

    /// The server's environment: one of `[environments]` in `mcp.toml`.
    #[must_use]
    pub fn environment(self, name: &str) -> Self {
        self.host.set_variable(ENVIRONMENT_VARIABLE, name);
        self
    }

    /// The server's host. Without it, [`TestHost::new`]; [`Client::host`] returns it.
    #[must_use]
    pub fn host(mut self, host: &TestHost) -> Self {
        self.host = host.clone();
        self
    }

    /// The client's access token, sent as `Authorization: Bearer`.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The client's protocol revision. One with `initialize` is initialized before the first call.
    #[must_use]
    pub fn revision(mut self, revision: Revision) -> Self {
        self.revision = revision;
        self
    }

    /// What the client declares that it can do, as a `ClientCapabilities` object. Without it: to ask the user with forms and
    /// URLs.
    #[must_use]
    pub fn capabilities(mut self, capabilities: Value) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The client.
    ///
    /// Panics if the server cannot start, with the sentence that says what to change.
    pub fn build(self) -> Client {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The client, or why the server cannot start.
    pub fn try_build(self) -> Result<Client, StartError> {
        let runtime = match self.server {
            TestedServer::Ready(server) => Runtime::new(server, self.configuration),
            TestedServer::Deferred(runtime) => runtime,
        };
        let instance = self.host.run(runtime.instance(&self.host.shared()))?;
        Ok(Client {
            runtime: Rc::new(runtime),
            instance,
            host: self.host,
            revision: self.revision,
            capabilities: self.capabilities,
            token: self.token,
            meta: Map::new(),
            answers: Rc::default(),
            session: Rc::default(),
            last_id: Rc::default(),
        })
    }
}

impl Client {
    /// A client of a server with an empty `mcp.toml`, on a new [`TestHost`].
    ///
    /// Panics if the server cannot be built, with the sentence that says what to change.
    pub fn new(server: Result<Server, BuildError>) -> Self {
        Self::builder(server).build()
    }

    /// A client of a server with a configuration, host, token or revision of the test's choice.
    pub fn builder(server: Result<Server, BuildError>) -> ClientBuilder {
        Self::builder_of(TestedServer::Ready(server))
    }

    /// A client of a server that is made when it starts, by [`Runtime::deferred`]. `start` returns the settings, so that those of
    /// [`configuration`](ClientBuilder::configuration) do not count.
    pub fn deferred<F, R>(start: F) -> ClientBuilder
    where
        F: Fn(SharedHost, Option<String>) -> R + 'static,
        R: Future<Output = Result<Started, StartError>> + 'static,
    {
        Self::builder_of(TestedServer::Deferred(Runtime::deferred(start)))
    }

    fn builder_of(server: TestedServer) -> ClientBuilder {
        ClientBuilder {
            server,
            configuration: &Configuration::DEFAULT,
            host: TestHost::new(),
            revision: Revision::ALL[0],
            capabilities: json!({ "elicitation": { "form": {}, "url": {} } }),
            token: None,
        }
    }

    /// The server's host.
    pub fn host(&self) -> &TestHost {
        &self.host
    }

    /// A client of the same server with another access token, and a session and answers of its own.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            answers: Rc::default(),
            session: Rc::default(),
            ..self.clone()
        }
    }

    /// The same client with a member in the `_meta` of every request: `progressToken` asks for progress,
    /// `io.modelcontextprotocol/logLevel` for log messages.
    #[must_use]
    pub fn with_meta(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut client = self.clone();
        client.meta.insert(name.to_owned(), value.into());
        client
    }

    /// Accepts every question `name` of a handler with `content`.
    pub fn answer(&self, name: &str, content: Value) {
        self.answer_with(name, json!({ "action": "accept", "content": content }));
    }

    /// Declines every question `name` of a handler.
    pub fn decline(&self, name: &str) {
        self.answer_with(name, json!({ "action": "decline" }));
    }

    /// Closes every question `name` of a handler without an answer.
    pub fn cancel(&self, name: &str) {
        self.answer_with(name, json!({ "action": "cancel" }));
    }

    /// Answers every question `name` of a handler with this result of its request.
    pub fn answer_with(&self, name: &str, result: Value) {
        self.answers.borrow_mut().insert(name.to_owned(), result);
    }

    /// Calls a tool. A tool that fails for the model to read has a result with [`CallResult::is_error`].
    pub fn call_tool(&self, name: &str, arguments: Value) -> Result<CallResult, CallError> {
        self.call(
            "tools/call",
            json!({ "name": name, "arguments": arguments }),
        )
    }

    /// Renders a prompt.
    pub fn get_prompt(&self, name: &str, arguments: Value) -> Result<CallResult, CallError> {
        self.call(
            "prompts/get",
            json!({ "name": name, "arguments": arguments }),
        )
    }

    /// Reads a resource.
    pub fn read_resource(&self, uri: &str) -> Result<CallResult, CallError> {
        self.call("resources/read", json!({ "uri": uri }))
    }

    /// The tools that the client may know of, from all pages of the list.
    pub fn list_tools(&self) -> Result<Vec<Value>, CallError> {
        self.list("tools/list", "tools")
    }

    /// The prompts that the client may know of.
    pub fn list_prompts(&self) -> Result<Vec<Value>, CallError> {
        self.list("prompts/list", "prompts")
    }

    /// The resources that the client may know of.
    pub fn list_resources(&self) -> Result<Vec<Value>, CallError> {
        self.list("resources/list", "resources")
    }

    /// The resource templates that the client may know of.
    pub fn list_resource_templates(&self) -> Result<Vec<Value>, CallError> {
        self.list("resources/templates/list", "resourceTemplates")
    }

    fn list(&self, method: &str, member: &str) -> Result<Vec<Value>, CallError> {
        let mut items = Vec::new();
        let mut params = json!({});
        loop {
            let page = self.call(method, params)?;
            items.extend(page[member].as_array().into_iter().flatten().cloned());
            match page["nextCursor"].as_str() {
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => return Ok(items),
            }
        }
    }

    /// Calls any method with these parameters.
    ///
    /// Panics if `params` is not an object, or the call waits for something that never happens.
    pub fn call(&self, method: &str, params: Value) -> Result<CallResult, CallError> {
        self.host.run(self.call_async(method, params))
    }

    /// The same as a future, for several calls at once: `host.run(join(one, other))`. Nothing is sent before it is polled.
    pub async fn call_async(&self, method: &str, params: Value) -> Result<CallResult, CallError> {
        let mut params = params;
        if self.revision.era() == Era::Legacy {
            self.initialize().await?;
        }
        let mut asked = Map::new();
        for _ in 0..MAX_ROUNDS {
            let response = self.serve(self.request(method, params.clone())).await;
            let result = message::read(&response)?;
            let Some(questions) = result.input_requests() else {
                return Ok(result);
            };
            let answers = self.answers.borrow();
            let mut responses = Map::new();
            let mut unanswered = Map::new();
            for (name, question) in questions {
                // An answer that did not fit would not fit the second time either.
                match answers.get(name).filter(|_| !asked.contains_key(name)) {
                    Some(answer) => responses.insert(name.clone(), answer.clone()),
                    None => unanswered.insert(name.clone(), question.clone()),
                };
            }
            if !unanswered.is_empty() {
                return Err(CallError::unanswered(&response, unanswered));
            }
            asked.extend(responses.clone());
            params["inputResponses"] = Value::Object(responses);
            params["requestState"] = result["requestState"].clone();
        }
        panic!("the server asks the user more than {MAX_ROUNDS} times within one call");
    }

    /// The HTTP request of a call, for a test that changes it before [`send`](Self::send).
    ///
    /// Panics if `params` is not an object.
    pub fn request(&self, method: &str, params: Value) -> Request<Bytes> {
        self.last_id.set(self.last_id.get() + 1);
        let mut message = self.message(method, params);
        message["id"] = self.last_id.get().into();
        self.post(method, &message)
    }

    /// The HTTP request of a notification.
    ///
    /// Panics if `params` is not an object.
    pub fn notification(&self, method: &str, params: Value) -> Request<Bytes> {
        self.post(method, &self.message(method, params))
    }

    /// The response to a GET of `path` by a client that accepts any media type: documents, pages and health probes.
    ///
    /// Panics if `path` is not the path of a URL.
    pub fn get(&self, path: &str) -> Response<Bytes> {
        let request = Request::get(path)
            .header("host", self.authority())
            .header("accept", "*/*");
        let request = request.body(Bytes::new());
        self.send(request.unwrap_or_else(|error| panic!("{path:?}: {error}")))
    }

    /// The response to an HTTP request, sent as it is. A streamed body is read to its end.
    pub fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.host.run(self.serve(request))
    }

    /// The same as a future, for several requests at once.
    ///
    /// A body that ends before it is whole panics.
    pub async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let request = request.map(Incoming::from);
        let response = self.runtime.serve(request, self.host.shared()).await;
        let (head, body) = response.into_parts();
        let body = match body {
            Body::Empty => Bytes::new(),
            Body::Whole(body) => body,
            Body::Stream(mut stream) => {
                let mut whole = Vec::new();
                while let Some(part) = stream.next().await {
                    let part = part.unwrap_or_else(|error| panic!("{error}"));
                    whole.extend_from_slice(&part);
                }
                whole.into()
            }
        };
        Response::from_parts(head, body)
    }

    fn authority(&self) -> &str {
        self.instance.location.authority().unwrap_or(AUTHORITY)
    }

    fn message(&self, method: &str, mut params: Value) -> Value {
        let members = params
            .as_object_mut()
            .unwrap_or_else(|| panic!("the parameters of {method} must be an object"));
        let mut meta = self.meta.clone();
        if self.revision.era() == Era::Modern {
            meta.extend([
                (
                    "io.modelcontextprotocol/protocolVersion".to_owned(),
                    self.revision.as_str().into(),
                ),
                (
                    "io.modelcontextprotocol/clientCapabilities".to_owned(),
                    self.capabilities.clone(),
                ),
                (
                    "io.modelcontextprotocol/clientInfo".to_owned(),
                    client_info(),
                ),
            ]);
        }
        if let Some(Value::Object(given)) = members.remove("_meta") {
            meta.extend(given);
        }
        if !meta.is_empty() {
            members.insert("_meta".to_owned(), Value::Object(meta));
        }
        json!({ "jsonrpc": "2.0", "method": method, "params": params })
    }

    fn post(&self, method: &str, message: &Value) -> Request<Bytes> {
        let mut request = Request::post(self.instance.location.path())
            .header("host", self.authority())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        // What `initialize` settles is not known to it.
        if method != "initialize" {
            request = request.header("mcp-protocol-version", self.revision.as_str());
        }
        if let Some(session) = &*self.session.borrow() {
            request = request.header("mcp-session-id", session);
        }
        if self.revision.era() == Era::Modern {
            request = request.header("mcp-method", method);
            for (name, value) in self.repeated(method, &message["params"]) {
                request = request.header(name, value);
            }
        }
        let request = request.body(Bytes::from(message.to_string()));
        request.unwrap_or_else(|error| panic!("the request of {method}: {error}"))
    }

    /// The headers that repeat what the parameters say (2026-07-28, basic/transports, standard request headers).
    fn repeated(&self, method: &str, params: &Value) -> Vec<(String, String)> {
        let subject = match method {
            "tools/call" | "prompts/get" => &params["name"],
            "resources/read" => &params["uri"],
            _ => return Vec::new(),
        };
        let Some(subject) = subject.as_str() else {
            return Vec::new();
        };
        let mut headers = vec![("mcp-name".to_owned(), header_text(subject))];
        if method == "tools/call"
            && let Some(tool) = self.instance.server.tools.get(subject)
        {
            let mirrors = tool.summary.mirrored;
            let arguments = params["arguments"].as_object();
            let repeated = arguments.map(|arguments| repeated_arguments(mirrors, arguments));
            headers.extend(repeated.unwrap_or_default());
        }
        headers
    }

    /// Begins a session of a legacy revision, unless there is one.
    async fn initialize(&self) -> Result<(), CallError> {
        if self.session.borrow().is_some() {
            return Ok(());
        }
        let params = json!({
            "protocolVersion": self.revision.as_str(),
            "capabilities": self.capabilities,
            "clientInfo": client_info(),
        });
        let response = self.serve(self.request("initialize", params)).await;
        message::read(&response)?;
        let session = response.headers().get("mcp-session-id").cloned();
        self.session.replace(session);
        self.serve(self.notification("notifications/initialized", json!({})))
            .await;
        Ok(())
    }
}

fn client_info() -> Value {
    json!({ "name": "mcp-edge-testing", "version": env!("CARGO_PKG_VERSION") })
}
