//! A call that is being served: a user's handler, what it says on the way, and how it ends.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::task::AtomicWaker;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mcp_edge_audit::event::Outcome;
use serde_json::{Map, Value};

use super::{CallError, CallOutput, replay};
use crate::audit_trail::{AuditError, Record, Recorded};
use crate::context::Context;
use crate::instance::Instance;
use crate::mrtr::StepError;
use crate::protocol::answer::{EncodedResult, ResponsePayload, ResultMessage};
use crate::protocol::{Call, Method};
use crate::refusal::Refusal;
use crate::server::ToolResult;
use crate::token::RequestState;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// No call takes as long, and some hosts' timers do not reach much further.
const MAX_CALL: Duration = Duration::from_secs(24 * 60 * 60);

/// A call on its way. Dropping it stops the work.
pub(crate) struct CallTask {
    call: Rc<Call>,
    instance: Rc<Instance>,
    cx: Context,
    /// `None` once it has ended. Dropping it gives back what it holds, a place among calls at once for example.
    handler: Option<LocalBoxFuture<'static, Result<CallOutput, CallError>>>,
    ended: Option<Result<CallOutput, CallError>>,
    wakes: Arc<Wakes>,
    /// The answer, while sinks that the call waits for are given its event.
    settling: Option<(Settling, EncodedResponse)>,
}

type Settling = LocalBoxFuture<'static, Result<(), AuditError>>;

/// What a call says.
pub(crate) enum CallMessage {
    /// A notification on the way.
    Notification(Bytes),
    /// The last word.
    Answer(EncodedResponse),
}

/// How a call was answered.
pub(crate) struct EncodedResponse {
    pub(crate) bytes: Bytes,
    /// The status of a response that has nothing else in it.
    pub(crate) status: StatusCode,
    /// What goes with such a response: a session that begins or changes, or what a refusal asks for.
    pub(crate) headers: HeaderMap,
    /// Whether it says that the call had no result.
    pub(crate) is_refusal: bool,
}

impl CallTask {
    pub(crate) fn new(
        call: Rc<Call>,
        instance: Rc<Instance>,
        cx: Context,
        handler: LocalBoxFuture<'static, Result<CallOutput, CallError>>,
    ) -> Self {
        Self {
            call,
            instance,
            cx,
            handler: Some(handler),
            ended: None,
            wakes: Arc::default(),
            settling: None,
        }
    }

    /// Runs the handler until there is something to send. Without `has_room` for a notification, the handler runs until it
    /// has sent one, which then waits here: a client that does not read slows the handler down, and nothing else of the call.
    pub(crate) fn poll(&mut self, task: &mut TaskContext<'_>, has_room: bool) -> Poll<CallMessage> {
        if self.settling.is_some() {
            return self.poll_settling(task);
        }
        if self.handler.is_some() && self.cx.exchange().outbox.borrow().is_empty() {
            self.poll_handler(task);
        }
        // After the handler has ended nothing is added, so the rest leaves at once, followed by the answer.
        if (has_room || self.ended.is_some())
            && let Some(said) = self.next_notification()
        {
            return Poll::Ready(said);
        }
        let Some(ended) = self.ended.take() else {
            return Poll::Pending;
        };
        let (answered, recorded) = self.answer(ended);
        if !recorded.is_required() {
            return Poll::Ready(CallMessage::Answer(answered));
        }
        let settling: Settling = if answered.is_refusal {
            Box::pin(recorded.settle())
        } else {
            Box::pin(recorded.settle_answer())
        };
        self.settling = Some((settling, answered));
        self.poll_settling(task)
    }

    fn poll_handler(&mut self, task: &TaskContext<'_>) {
        let Some(handler) = &mut self.handler else {
            return;
        };
        self.wakes.outer.register(task.waker());
        self.wakes.woken.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.wakes));
        let polled = pin!(handler).poll(&mut TaskContext::from_waker(&waker));
        let ended = match polled {
            Poll::Ready(ended) => {
                self.compare_with_journal();
                ended
            }
            Poll::Pending if self.waits_only_for_answers() => {
                self.compare_with_journal();
                self.suspend()
            }
            Poll::Pending => return,
        };
        self.handler = None;
        self.ended = Some(ended);
    }

    /// Completes when the caller's token ends, where it does within the time that a call may take.
    pub(crate) fn token_end(&self) -> Option<LocalBoxFuture<'static, ()>> {
        let expires = self.cx.caller().principal()?.expires();
        let host = &self.cx.exchange().host;
        let leeway = self.instance.settings.auth.leeway;
        let rest = expires.after(leeway).since(host.now());
        (rest <= MAX_CALL).then(|| host.sleep(rest))
    }

    /// Ends a handler that is still running, because the caller's token has ended: what begins with a token does not outlive
    /// it. What the handler has said and the client has not read is not sent any more.
    pub(crate) fn expire(&mut self) {
        if self.handler.take().is_some() {
            self.cx.exchange().outbox.borrow_mut().clear();
            self.ended = Some(Err(self.instance.identity.expired().into()));
        }
    }

    /// Whether the handler has not ended.
    pub(crate) fn is_working(&self) -> bool {
        self.handler.is_some()
    }

    /// Keeps the answer back until its event is where it has to be. If that fails, the caller gets a refusal and not what
    /// no log would show.
    fn poll_settling(&mut self, task: &mut TaskContext<'_>) -> Poll<CallMessage> {
        let Some((mut settling, answered)) = self.settling.take() else {
            return Poll::Pending;
        };
        match settling.as_mut().poll(task) {
            Poll::Pending => {
                self.settling = Some((settling, answered));
                Poll::Pending
            }
            Poll::Ready(Err(_)) if !answered.is_refusal => {
                Poll::Ready(CallMessage::Answer(self.refusal(&Refusal::ResultWithheld)))
            }
            Poll::Ready(_) => Poll::Ready(CallMessage::Answer(answered)),
        }
    }

    fn refusal(&self, refusal: &Refusal) -> EncodedResponse {
        let era = self.call.client.revision().era();
        EncodedResponse {
            bytes: refusal.message(&self.call.id, era),
            status: refusal.status(era),
            headers: refusal.header().into_iter().collect(),
            is_refusal: true,
        }
    }

    fn next_notification(&mut self) -> Option<CallMessage> {
        let notification = self.cx.exchange().outbox.borrow_mut().pop_front()?;
        let bytes = Bytes::from(notification.to_string());
        let length = bytes.len();
        self.cx.exchange().note(|record| record.sent(length));
        Some(CallMessage::Notification(bytes))
    }

    /// Whether nothing but an answer from the caller can bring the handler any further.
    fn waits_only_for_answers(&self) -> bool {
        let exchange = self.cx.exchange();
        exchange.busy.get() == 0
            && !self.wakes.woken.load(Ordering::Relaxed)
            && exchange.outbox.borrow().is_empty()
            && exchange.memory.borrow().is_waiting()
    }

    /// Tells a developer that a replay went another way than the run it repeats.
    fn compare_with_journal(&self) {
        if cfg!(debug_assertions) {
            for name in self.cx.memory().unvisited() {
                self.cx.exchange().host.warn(&format!(
                    "{}: the handler did not come by `{name}` again; move code that decides this into a step",
                    self.call.method.as_str()
                ));
            }
        }
    }

    /// Ends the request with the open questions and everything known so far.
    fn suspend(&mut self) -> Result<CallOutput, CallError> {
        let flow = self.cx.flow().map_err(CallError::internal)?;
        let limit = self.instance.settings.limits.state_bytes;
        let (questions, journal, round) = {
            let mut memory = self.cx.memory();
            if memory.size() > limit {
                return self.too_long();
            }
            let (questions, journal) = memory.suspend();
            (questions, journal, memory.round.saturating_add(1))
        };
        let state = RequestState {
            flow,
            round,
            tool: self.instance.server.identity.version.clone(),
            journal,
        };
        let binding = self.cx.caller().binding();
        let binding = binding.and_request(replay::digest(&self.call));
        let token = self
            .instance
            .mint(
                &state,
                &binding,
                self.instance.settings.tokens.request_state_ttl,
                self.cx.exchange().host.as_ref(),
            )
            .map_err(CallError::internal)?;
        let mut members = Map::new();
        members.insert("inputRequests".to_owned(), Value::Object(questions));
        members.insert("requestState".to_owned(), Value::from(token));
        Ok(ResponsePayload::InputRequired(members).into())
    }

    /// The journal does not fit into a token that clients will carry.
    fn too_long(&self) -> Result<CallOutput, CallError> {
        let why = StepError::NoRoom.to_string();
        match self.call.method {
            Method::CallTool => Ok(ToolResult::text(why)
                .error()
                .members(self.call.client.revision())
                .into()),
            _ => Err(Refusal::InvalidParams { why }.into()),
        }
    }

    fn answer(&self, ended: Result<CallOutput, CallError>) -> (EncodedResponse, Recorded) {
        // The one place that ends a call, so the record is there.
        let record = self.cx.exchange().record.borrow_mut().take();
        match ended {
            Ok(served) => self.succeed(&served, record),
            Err(failed) => self.refuse(failed, record),
        }
    }

    fn succeed(&self, served: &CallOutput, record: Option<Record>) -> (EncodedResponse, Recorded) {
        let outcome = match &served.payload {
            ResponsePayload::InputRequired(_) => Outcome::InputRequired,
            ResponsePayload::Members(members) if members.contains_key("isError") => {
                Outcome::ToolError
            }
            _ => Outcome::Ok,
        };
        let mut message = self.message(&served.payload);
        let recorded = record.map_or_else(Recorded::nowhere, |mut record| {
            record.sent(message.as_ref().map_or_else(Bytes::len, ResultMessage::len));
            if let (ResponsePayload::Members(members), true) =
                (&served.payload, self.call.method.has_said())
            {
                record.result(members);
            }
            if let Some(detail) = &served.detail {
                record.detail(detail.as_str());
            }
            record.ended(outcome, StatusCode::OK.as_u16())
        });
        if let (Ok(message), Some(receipt)) = (&mut message, recorded.receipt()) {
            message.add_receipt(&receipt);
        }
        let mut headers = HeaderMap::new();
        if let Some(Ok(session)) = served.session.as_deref().map(HeaderValue::from_str) {
            headers.insert(SESSION, session);
        }
        let answered = EncodedResponse {
            bytes: message.map_or_else(|refusal| refusal, ResultMessage::into_bytes),
            status: StatusCode::OK,
            headers,
            is_refusal: false,
        };
        (answered, recorded)
    }

    fn refuse(&self, failed: CallError, record: Option<Record>) -> (EncodedResponse, Recorded) {
        let answered = self.refusal(&failed.refusal);
        let recorded = record.map_or_else(Recorded::nowhere, |mut record| {
            record.sent(answered.bytes.len());
            if let Some(detail) = failed.detail {
                record.detail(detail);
            }
            if let Some(error) = failed.token {
                record.token(error.reason());
            }
            record.refused(&failed.refusal, answered.status.as_u16())
        });
        (answered, recorded)
    }

    /// The result in the caller's revision.
    fn message(&self, payload: &ResponsePayload) -> Result<ResultMessage, Bytes> {
        let ttl = self.instance.settings.lists.ttl;
        EncodedResult {
            id: &self.call.id,
            payload,
            revision: self.call.client.revision(),
            ttl_ms: self
                .call
                .method
                .is_cacheable()
                .then(|| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)),
            is_public: self.instance.policy.is_open(),
            server: &self.instance.server.info,
        }
        .message()
    }
}

impl Drop for CallTask {
    /// A handler may have handed its context to work that goes on; the request has ended all the same.
    fn drop(&mut self) {
        drop(self.cx.exchange().record.borrow_mut().take());
    }
}

/// Tells whether something woke the handler since it was last polled, and passes the call on.
#[derive(Default)]
struct Wakes {
    woken: AtomicBool,
    outer: AtomicWaker,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
        self.outer.wake();
    }
}
