//! What a handler can do besides computing.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::audit_trail::Record;
pub use crate::audit_trail::UpstreamCall;
use crate::auth::{
    self, Caller, DiscoveryError, SubjectToken, SubjectTokenError, SubjectTokenField,
};
use crate::client::Client;
use crate::config::{Algorithm, Settings};
use crate::finite_json::number;
use crate::host::{DataFile, FetchOptions, HostError, SharedHost, Timestamp, UpstreamError, fetch};
use crate::mrtr::{Ask, AskError, Memory, Question, Step, StepError, run_step};
use crate::policy::Policy;
use crate::protocol::log::LogLevel;
use crate::server::{MissingState, ServerInner, State, ToolSummary};
use crate::signature::{
    self, PrivateKey, PublicKey, SignError, SignKeys, SignatureError, SigningAlgorithm,
};

/// The request that a handler serves, and the world as far as it may touch it.
#[derive(Clone)]
pub struct Context(Rc<Exchange>);

/// One request on its way through a handler.
pub(crate) struct Exchange {
    pub(crate) host: SharedHost,
    pub(crate) server: Rc<ServerInner>,
    pub(crate) settings: &'static Settings,
    pub(crate) policy: Rc<Policy>,
    pub(crate) sign_keys: Rc<SignKeys>,
    pub(crate) client: Rc<Client>,
    pub(crate) caller: Caller,
    /// Its access token, where an upstream needs it.
    pub(crate) subject_token: Option<SubjectToken>,
    /// Whether the answer may be a question (2026-07-28, basic/patterns/mrtr).
    pub(crate) may_ask: bool,
    pub(crate) progress_token: Option<Value>,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) memory: RefCell<Memory>,
    pub(crate) outbox: RefCell<VecDeque<Value>>,
    pub(crate) progressed: Cell<f64>,
    pub(crate) busy: Cell<usize>,
    /// Where the request came from, where the host knows.
    pub(crate) address: Option<IpAddr>,
    /// What the log will be told; gone once the request has ended.
    pub(crate) record: RefCell<Option<Record>>,
}

impl Exchange {
    /// Tells the log something of the request, unless it has ended.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Record)) {
        // Never held across a call into a user's code or an await.
        if let Some(record) = self.record.borrow_mut().as_mut() {
            note(record);
        }
    }
}

/// How far a handler has come: a fraction of the whole, or steps out of a total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    done: f64,
    total: Option<f64>,
}

impl From<f64> for Progress {
    /// A fraction between 0 and 1.
    fn from(fraction: f64) -> Self {
        Self {
            done: fraction,
            total: Some(1.0),
        }
    }
}

impl From<(f64, f64)> for Progress {
    /// So many out of so many.
    fn from((done, total): (f64, f64)) -> Self {
        Self {
            done,
            total: Some(total),
        }
    }
}

impl Context {
    pub(crate) fn new(exchange: Exchange) -> Self {
        Self(Rc::new(exchange))
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.0
    }

    /// Tells the client how far the work has come, with a few words for a person; the words may be empty.
    ///
    /// Goes out only if the client asked for it, and only if it is more than last time, as the revision
    /// demands (2026-07-28, basic/patterns/progress). The answer becomes a stream.
    pub async fn progress(&self, progress: impl Into<Progress>, message: &str) {
        let progress = progress.into();
        let Some(token) = &self.0.progress_token else {
            return;
        };
        let advances = progress.done.is_finite() && progress.done > self.0.progressed.get();
        if !advances {
            return;
        }
        self.0.progressed.set(progress.done);
        let mut params = json!({ "progressToken": token, "progress": number(progress.done) });
        if let Some(members) = params.as_object_mut() {
            if let Some(total) = progress.total.filter(|total| total.is_finite()) {
                members.insert("total".to_owned(), number(total));
            }
            if !message.is_empty() {
                members.insert("message".to_owned(), Value::from(message));
            }
        }
        self.notify("notifications/progress", params).await;
    }

    /// Sends a log message to the client, if it asked for messages of this level. Deprecated in 2026-07-28.
    /// For the people who run the server there is the host's log, which this does not reach.
    pub async fn log(&self, level: LogLevel, data: impl Into<Value>) {
        if self.0.log_level.is_some_and(|wanted| level >= wanted) {
            let params = json!({ "level": level, "data": data.into() });
            self.notify("notifications/message", params).await;
        }
    }

    async fn notify(&self, method: &str, params: Value) {
        self.0
            .outbox
            .borrow_mut()
            .push_back(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
        // Lets the message leave before the handler goes on, and a slow reader slow the handler down.
        let mut left = false;
        std::future::poll_fn(|task| {
            if left {
                return std::task::Poll::Ready(());
            }
            left = true;
            task.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }

    /// Asks the caller something, under a name that is the key in `inputRequests`.
    ///
    /// The request ends here with `input_required`, and the handler runs again from its first line when the
    /// client sends it again with the answer; see [`mrtr`](crate::mrtr) for the rules.
    pub fn ask<Q: Question + Unpin>(
        &self,
        name: &str,
        question: Q,
    ) -> impl Future<Output = Result<Q::Answer, AskError>> + use<Q> {
        Ask::new(self.clone(), name, question)
    }

    /// Does something once, and remembers the result through all rounds of the request.
    pub async fn step<T, F, R>(&self, name: &str, work: F) -> Result<T, StepError>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce(Step) -> R,
        R: Future<Output = T>,
    {
        run_step(self.clone(), name.to_owned(), work).await
    }

    /// Sends an HTTP request, as part of the caller's trace, and reads the answer up to
    /// `limits.fetch_bytes`. The caller's own token is never sent along.
    pub async fn fetch(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, UpstreamError> {
        let options = FetchOptions::new(self.0.settings.limits.fetch_bytes);
        self.fetch_with(request, options).await
    }

    /// Sends an HTTP request as [`fetch`](Self::fetch) does, with a limit, a timeout and a way of its own.
    ///
    /// # Errors
    ///
    /// There is no usable answer, or none in time.
    pub async fn fetch_with(
        &self,
        mut request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> Result<http::Response<Bytes>, UpstreamError> {
        let _busy = self.busy();
        self.0
            .note(|record| record.span().pass_on(request.headers_mut()));
        let answer = fetch(self.0.host.as_ref(), request, options).await;
        self.0.note(|record| record.upstream(answer.is_ok()));
        answer
    }

    /// Sends the form of a token request with the caller's access token in `field`, as [`fetch_with`](Self::fetch_with) sends
    /// others. A handler cannot read the token.
    ///
    /// # Errors
    ///
    /// There is no token, since the caller is anonymous or no upstream of the configuration has an authority that uses it; the
    /// request is no `POST` of a form to a secure URL; or there is no usable answer.
    pub async fn fetch_with_subject_token(
        &self,
        mut request: http::Request<Bytes>,
        field: SubjectTokenField,
        options: FetchOptions,
    ) -> Result<http::Response<Bytes>, SubjectTokenError> {
        let token = self.0.subject_token.as_ref();
        let token = token.ok_or(SubjectTokenError::NoToken)?;
        token.add_to(&mut request, field)?;
        Ok(self.fetch_with(request, options).await?)
    }

    /// The SHA-256 of the caller's access token; `None` where [`fetch_with_subject_token`](Self::fetch_with_subject_token) has
    /// no token.
    pub fn subject_token_digest(&self) -> Option<[u8; 32]> {
        self.0.subject_token.as_ref().map(SubjectToken::digest)
    }

    /// Finds the token endpoint of an authorization server by its metadata (RFC 8414), which must be those of `issuer`. `options`
    /// are those of each request.
    ///
    /// # Errors
    ///
    /// There are no such metadata, or they name a URL that is not secure.
    pub async fn token_endpoint(
        &self,
        issuer: &str,
        options: FetchOptions,
    ) -> Result<String, DiscoveryError> {
        let _busy = self.busy();
        auth::token_endpoint(issuer, options, &self.0.host).await
    }

    /// Finds the issuers of the authorization servers whose tokens a protected resource accepts, by its metadata (RFC 9728),
    /// which must be those of `resource`. `options` are those of the request. The resource alone names them: send credentials
    /// only to an issuer that the operator has named as well.
    ///
    /// # Errors
    ///
    /// There are no such metadata.
    pub async fn authorization_servers(
        &self,
        resource: &str,
        options: FetchOptions,
    ) -> Result<Vec<String>, DiscoveryError> {
        let _busy = self.busy();
        auth::authorization_servers(resource, options, &self.0.host).await
    }

    /// Waits.
    pub async fn sleep(&self, duration: Duration) {
        let _busy = self.busy();
        self.0.host.sleep(duration).await;
    }

    /// Does something after the response has been sent, as long as the host lets it: Workers 30 s, Spin and a
    /// process until they stop. Its result is discarded, so do not put work here that must happen.
    pub fn after_response(&self, work: impl Future<Output = ()> + 'static) {
        self.0.host.after_response(Box::pin(work));
    }

    /// The wall clock. What depends on it must be in a [`step`](Self::step) if the handler asks anything.
    pub fn now(&self) -> Timestamp {
        self.0.host.now()
    }

    /// Reads a variable or secret of the host, by its name in `SCREAMING_SNAKE_CASE`.
    pub async fn variable(&self, name: &str) -> Result<Option<String>, HostError> {
        let _busy = self.busy();
        self.0.host.variable(name).await
    }

    /// Signs `message` with a private key of the host, and returns the signature as JWS has it (RFC 7518, 3.1): that of ES256 is
    /// the 64 bytes of r and s.
    ///
    /// `secret` names the secret that holds the key in PEM, PKCS#8 (`BEGIN PRIVATE KEY`), by its name in `SCREAMING_SNAKE_CASE`.
    /// Its line breaks may be written as `\n`. An RSA key has 2048 to 4096 bits. The salt of PS256 is 32 bytes long. No error
    /// repeats anything of the key.
    ///
    /// Signs by WebCrypto on Workers and by ring natively. Spin has no platform for it: there RS256 and PS256 are
    /// [`SignError::Unsupported`], since RSA code in wasm would reveal a private key by its timing.
    ///
    /// ```
    /// # use mcp_edge_runtime::context::Context;
    /// # use mcp_edge_runtime::server::ToolError;
    /// use mcp_edge_runtime::signature::SigningAlgorithm;
    ///
    /// async fn proof(cx: &Context, order: &str) -> Result<Vec<u8>, ToolError> {
    ///     Ok(cx.sign(SigningAlgorithm::Es256, "ORDER_SIGNING_KEY", order.as_bytes()).await?)
    /// }
    /// ```
    pub async fn sign(
        &self,
        algorithm: SigningAlgorithm,
        secret: &str,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let _busy = self.busy();
        let host = self.0.host.as_ref();
        signature::sign(&self.0.sign_keys, host, algorithm, secret, message).await
    }

    /// Signs `message` as [`sign`](Self::sign) does, with a key that was read from the secret of that name before: the id of the
    /// key and the key that signs are then of one reading, whatever the secret has become since.
    ///
    /// # Errors
    ///
    /// As those of [`sign`](Self::sign).
    pub async fn sign_with(
        &self,
        algorithm: SigningAlgorithm,
        secret: &str,
        key: &PrivateKey,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let _busy = self.busy();
        let host = self.0.host.as_ref();
        signature::sign_with(&self.0.sign_keys, host, algorithm, secret, key, message).await
    }

    /// Whether the owner of `key` made `signature` over `message`; verified as the server verifies access tokens, by the platform
    /// where the host has one for it. An error says nothing about the signature.
    pub async fn verify(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, SignatureError> {
        let _busy = self.busy();
        let key = algorithm.verify_key(key, self.0.host.as_ref())?;
        signature::verify(algorithm.id(), key.as_ref(), message, signature).await
    }

    /// Finds a data file of the deployment by its name; `None` if the deployment has none of that name.
    ///
    /// On Workers it is a data module, on Spin a file of the component, natively a file of a folder: the host's page in `docs/`
    /// describes where to put it.
    ///
    /// # Errors
    ///
    /// `name` is no plain file name, or the file cannot be read.
    pub async fn data(&self, name: &str) -> Result<Option<DataFile>, HostError> {
        let _busy = self.busy();
        DataFile::open(self.0.host.as_ref(), name).await
    }

    /// Fills `buffer` from the host's cryptographically secure source. What depends on it must be in a [`step`](Self::step) if
    /// the handler asks anything.
    ///
    /// # Errors
    ///
    /// The host has none at the moment.
    pub fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        self.0.host.random(buffer)
    }

    /// Adds a sentence to `detail` of the call's audit event, for operators. The client does not get it.
    pub fn detail(&self, sentence: impl std::fmt::Display) {
        self.0.note(|record| record.detail(sentence.to_string()));
    }

    /// Adds a request to an upstream to the call's audit event, which has the last one.
    pub fn upstream_call(&self, call: UpstreamCall) {
        self.0.note(|record| record.upstream_call(call));
    }

    /// Who is calling.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// Whether the caller may know of a tool: whether lists show it, or would if they had it. A tool that finds operations shows
    /// these and no others.
    pub fn shows(&self, tool: &ToolSummary<'_>) -> bool {
        self.0.policy.shows(&self.0.caller, tool.target())
    }

    /// What the client said of itself: its revision, its capabilities.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// A value that the server was built with. `#[tool]` and its like do this for parameters of type
    /// [`State`].
    pub fn state<T: 'static>(&self) -> Result<State<T>, MissingState> {
        self.0.server.states.get()
    }

    pub(crate) fn memory(&self) -> RefMut<'_, Memory> {
        // Never held across a call into a user's code or an await, so it is never held twice.
        self.0.memory.borrow_mut()
    }

    /// Marks that the handler waits for something else than an answer, as long as the mark lives.
    pub(crate) fn busy(&self) -> Busy {
        let busy = &self.0.busy;
        busy.set(busy.get().saturating_add(1));
        Busy(Rc::clone(&self.0))
    }

    pub(crate) fn has_room_for_step(&self) -> bool {
        let limits = &self.0.settings.limits;
        self.memory()
            .size()
            .saturating_add(limits.step_reserve_bytes)
            <= limits.state_bytes
    }

    /// The name of this conversation, the same in all its rounds.
    pub(crate) fn flow(&self) -> Result<String, HostError> {
        let mut memory = self.memory();
        if let Some(flow) = &memory.flow {
            return Ok(flow.clone());
        }
        let mut bytes = [0; 16];
        self.0.host.random(&mut bytes)?;
        let flow = Base64UrlUnpadded::encode_string(&bytes);
        memory.flow = Some(flow.clone());
        Ok(flow)
    }
}

/// See [`Context::busy`].
pub(crate) struct Busy(Rc<Exchange>);

impl Drop for Busy {
    fn drop(&mut self) {
        let busy = &self.0.busy;
        busy.set(busy.get().saturating_sub(1));
    }
}
