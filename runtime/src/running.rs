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
use serde_json::{Map, Value};

use crate::audit::{Outcome, Record};
use crate::context::Context;
use crate::instance::Instance;
use crate::memory::StepError;
use crate::refusal::Refusal;
use crate::serve::{self, Failed, Served};
use crate::server::ToolResult;
use crate::token::RequestState;
use crate::wire::answer::{Answer, Payload};
use crate::wire::{Call, Method};

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// No call takes as long, and some hosts' timers do not reach much further.
const LONGEST_CALL: Duration = Duration::from_secs(24 * 60 * 60);

/// A call on its way. Dropping it stops the work.
pub(crate) struct Running {
    call: Rc<Call>,
    instance: Rc<Instance>,
    cx: Context,
    handler: LocalBoxFuture<'static, Result<Served, Failed>>,
    /// When the caller's token ends; made once the handler turns out to take time.
    deadline: Option<LocalBoxFuture<'static, ()>>,
    ended: Option<Result<Served, Failed>>,
    wakes: Arc<Wakes>,
    record: Option<Record>,
}

/// What a call says.
pub(crate) enum Said {
    /// A notification on the way.
    Notification(Bytes),
    /// The last word.
    Answer(Answered),
}

/// How a call was answered.
pub(crate) struct Answered {
    pub(crate) bytes: Bytes,
    /// The status of a response that has nothing else in it.
    pub(crate) status: StatusCode,
    /// What goes with such a response: a session that begins or changes, or what a refusal asks for.
    pub(crate) headers: HeaderMap,
}

impl Running {
    pub(crate) fn new(
        call: Rc<Call>,
        instance: Rc<Instance>,
        cx: Context,
        handler: LocalBoxFuture<'static, Result<Served, Failed>>,
        record: Record,
    ) -> Self {
        Self {
            call,
            instance,
            cx,
            handler,
            deadline: None,
            ended: None,
            wakes: Arc::default(),
            record: Some(record),
        }
    }

    /// Goes on until there is something to say.
    pub(crate) fn poll(&mut self, task: &mut TaskContext<'_>) -> Poll<Said> {
        if self.ended.is_none() {
            // What was said before must leave before the handler goes on.
            if let Some(said) = self.next_notification() {
                return Poll::Ready(said);
            }
            self.wakes.outer.register(task.waker());
            self.wakes.woken.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(&self.wakes));
            let polled = pin!(&mut self.handler).poll(&mut TaskContext::from_waker(&waker));
            self.ended = match polled {
                Poll::Ready(ended) => {
                    self.compare_with_journal();
                    Some(ended)
                }
                Poll::Pending if self.waits_only_for_answers() => {
                    self.compare_with_journal();
                    Some(self.suspend())
                }
                Poll::Pending => self.poll_deadline(task),
            };
        }
        if let Some(said) = self.next_notification() {
            return Poll::Ready(said);
        }
        match self.ended.take() {
            Some(ended) => Poll::Ready(Said::Answer(self.answer(ended))),
            None => Poll::Pending,
        }
    }

    /// Ends the call when the caller's token ends: what begins with a token does not outlive it.
    fn poll_deadline(&mut self, task: &mut TaskContext<'_>) -> Option<Result<Served, Failed>> {
        let expires = self.cx.caller().principal()?.expires();
        let host = &self.cx.exchange().host;
        let leeway = self.instance.settings.auth.leeway;
        if self.deadline.is_none() {
            let rest = expires.after(leeway).since(host.now());
            if rest > LONGEST_CALL {
                return None;
            }
            self.deadline = Some(host.sleep(rest));
        }
        let deadline = self.deadline.as_mut()?;
        match deadline.as_mut().poll(task) {
            Poll::Ready(()) => Some(Err(self.instance.identity.expired().into())),
            Poll::Pending => None,
        }
    }

    fn next_notification(&mut self) -> Option<Said> {
        let notification = self.cx.exchange().outbox.borrow_mut().pop_front()?;
        let bytes = Bytes::from(notification.to_string());
        if let Some(record) = &mut self.record {
            record.sent(bytes.len());
        }
        Some(Said::Notification(bytes))
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
                self.cx.exchange().host.log(&format!(
                    "{}: the handler did not come by `{name}` again; what decides its way belongs into a step",
                    self.call.method.as_str()
                ));
            }
        }
    }

    /// Ends the request with the open questions and everything known so far.
    fn suspend(&mut self) -> Result<Served, Failed> {
        let flow = self.cx.flow().map_err(Failed::internal)?;
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
        let binding = binding.and_request(serve::memory::digest(&self.call));
        let token = self
            .instance
            .mint(
                &state,
                &binding,
                self.instance.settings.tokens.request_state,
                self.cx.exchange().host.as_ref(),
            )
            .map_err(Failed::internal)?;
        let mut members = Map::new();
        members.insert("inputRequests".to_owned(), Value::Object(questions));
        members.insert("requestState".to_owned(), Value::from(token));
        Ok(Payload::InputRequired(members).into())
    }

    /// The journal does not fit into a token that clients will carry.
    fn too_long(&self) -> Result<Served, Failed> {
        let why = StepError::NoRoom.to_string();
        match self.call.method {
            Method::CallTool => Ok(ToolResult::text(why)
                .error()
                .members(self.call.client.revision())
                .into()),
            _ => Err(Refusal::InvalidParams { why }.into()),
        }
    }

    fn answer(&mut self, ended: Result<Served, Failed>) -> Answered {
        let era = self.call.client.revision().era();
        let (bytes, status, headers, outcome) = match ended {
            Ok(served) => {
                let ttl = self.instance.settings.lists.ttl;
                let bytes = Answer {
                    id: &self.call.id,
                    payload: &served.payload,
                    revision: self.call.client.revision(),
                    ttl_ms: self
                        .call
                        .method
                        .is_cacheable()
                        .then(|| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)),
                    is_public: self.instance.policy.is_open(),
                    server: &self.instance.server.info,
                }
                .to_bytes();
                if let (Some(detail), Some(record)) = (served.detail, &mut self.record) {
                    record.detail(detail);
                }
                let mut headers = HeaderMap::new();
                if let Some(Ok(session)) = served.session.as_deref().map(HeaderValue::from_str) {
                    headers.insert(SESSION, session);
                }
                let outcome = match &served.payload {
                    Payload::InputRequired(_) => Outcome::InputRequired,
                    Payload::Members(members) if members.contains_key("isError") => {
                        Outcome::ToolError
                    }
                    _ => Outcome::Ok,
                };
                (bytes, StatusCode::OK, headers, Ok(outcome))
            }
            Err(failed) => {
                let bytes = failed.refusal.message(Some(&self.call.id), era);
                if let Some(record) = &mut self.record {
                    if let Some(detail) = failed.detail {
                        record.detail(detail);
                    }
                    if let Some(error) = failed.token {
                        record.token(error.reason());
                    }
                }
                let status = failed.refusal.status(era);
                let headers = failed.refusal.header().into_iter().collect();
                (bytes, status, headers, Err(failed.refusal))
            }
        };
        if let Some(mut record) = self.record.take() {
            record.sent(bytes.len());
            let exchange = self.cx.exchange();
            if let Some(verdict) = exchange.verdict.take() {
                record.verdict(verdict);
            }
            if let Some(rate) = exchange.rate.take() {
                record.rate(rate);
            }
            if let Some(uncounted) = exchange.uncounted.take() {
                record.detail(uncounted);
            }
            match outcome {
                Ok(outcome) => record.ended(outcome, status.as_u16()),
                Err(refusal) => record.refused(&refusal, status.as_u16()),
            }
        }
        Answered {
            bytes,
            status,
            headers,
        }
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
