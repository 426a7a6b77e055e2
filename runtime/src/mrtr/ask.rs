//! Questions to the caller (2026-07-28, basic/patterns/mrtr).

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::journal::{Kind, PendingQuestion, digest};
use crate::context::Context;

/// Something that a client can be asked.
///
/// [`Form`](super::Form) asks for a few values, [`UrlElicitation`] for a visit to a page. [`Sampling`] and [`Roots`]
/// are deprecated in 2026-07-28 and here only because it still has them.
pub trait Question {
    /// What a good answer becomes.
    type Answer;

    /// The capability that a client must have declared, as a `ClientCapabilities` object.
    fn capability(&self) -> Value;

    /// The request, as it is in `inputRequests`; or why it cannot be asked.
    fn request(&self) -> Result<Value, String>;

    /// Reads the client's answer.
    fn read(&self, answer: &Value) -> Result<Self::Answer, AnswerError>;
}

/// Why an answer is not an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerError {
    /// The person said no.
    Declined,
    /// The person closed the question without an answer.
    Cancelled,
    /// It does not fit the question; the sentence says how, and the question is asked again.
    Unfit(String),
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The person said no.
    #[error("the user declined to answer")]
    Declined,
    /// The person closed the question without an answer.
    #[error("the user cancelled the question")]
    Cancelled,
    /// The client did not declare that it can be asked this.
    #[error("the client cannot be asked this")]
    Unsupported {
        /// What it would have had to declare, as a `ClientCapabilities` object.
        required: Value,
    },
    /// The question itself cannot be put: its form is not one that clients can show.
    #[error("the question cannot be asked: {0}")]
    Question(String),
}

/// What a person did with a question (2026-07-28, `ElicitResult`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Answered it.
    Accept,
    /// Said no.
    Decline,
    /// Closed it.
    Cancel,
}

/// Reads the action of an `ElicitResult`, and its content where it was accepted.
pub(super) fn elicited(answer: &Value) -> Result<Option<&Map<String, Value>>, AnswerError> {
    let action = answer
        .get("action")
        .cloned()
        .and_then(|action| serde_json::from_value(action).ok());
    match action {
        Some(Action::Accept) => Ok(answer.get("content").and_then(Value::as_object)),
        Some(Action::Decline) => Err(AnswerError::Declined),
        Some(Action::Cancel) => Err(AnswerError::Cancelled),
        None => Err(AnswerError::Unfit(
            "an answer is an object whose `action` is accept, decline or cancel".to_owned(),
        )),
    }
}

/// Asks the person to visit a page, for what must not pass through the client: a sign-in, a secret.
///
/// That the person agreed says nothing about what happened there; look it up in the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlElicitation {
    message: String,
    url: String,
}

impl UrlElicitation {
    /// A visit to `url`, with a sentence that says what for.
    pub fn new(message: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            url: url.into(),
        }
    }
}

impl Question for UrlElicitation {
    type Answer = ();

    fn capability(&self) -> Value {
        json!({ "elicitation": { "url": {} } })
    }

    fn request(&self) -> Result<Value, String> {
        Ok(json!({
            "method": "elicitation/create",
            "params": { "mode": "url", "message": self.message, "url": self.url },
        }))
    }

    fn read(&self, answer: &Value) -> Result<(), AnswerError> {
        elicited(answer).map(|_| ())
    }
}

/// Asks the client's model to say something. Deprecated in 2026-07-28: call a model provider instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling(Value);

impl Sampling {
    /// The parameters of `sampling/createMessage`.
    pub fn new(params: Value) -> Self {
        Self(params)
    }
}

impl Question for Sampling {
    type Answer = Value;

    fn capability(&self) -> Value {
        json!({ "sampling": {} })
    }

    fn request(&self) -> Result<Value, String> {
        Ok(json!({ "method": "sampling/createMessage", "params": self.0 }))
    }

    fn read(&self, answer: &Value) -> Result<Value, AnswerError> {
        let whole = ["role", "content", "model"]
            .iter()
            .all(|member| answer.get(member).is_some());
        if whole {
            Ok(answer.clone())
        } else {
            Err(AnswerError::Unfit(
                "a message has `role`, `content` and `model`".to_owned(),
            ))
        }
    }
}

/// Asks the client for its roots. Deprecated in 2026-07-28: take a URI as an argument instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roots;

impl Question for Roots {
    type Answer = Vec<Value>;

    fn capability(&self) -> Value {
        json!({ "roots": {} })
    }

    fn request(&self) -> Result<Value, String> {
        Ok(json!({ "method": "roots/list", "params": {} }))
    }

    fn read(&self, answer: &Value) -> Result<Vec<Value>, AnswerError> {
        answer
            .get("roots")
            .and_then(Value::as_array)
            .cloned()
            .ok_or_else(|| AnswerError::Unfit("roots are a list named `roots`".to_owned()))
    }
}

/// A question on its way: ready once it is answered, which may be in a later request.
pub(crate) struct Ask<Q> {
    cx: Context,
    question: Q,
    name: String,
    occurrence: u32,
    /// The key in `inputRequests`; one more use of a name gets a key of its own.
    key: String,
    waiting: bool,
}

impl<Q> Ask<Q> {
    /// Counts the use of the name at once and not when it is polled, so that questions asked together are
    /// counted in the order in which they are written.
    pub(crate) fn new(cx: Context, name: &str, question: Q) -> Self {
        let occurrence = cx.memory().occur(Kind::Ask, name);
        let key = match occurrence.checked_add(1) {
            Some(count) if count > 1 => format!("{name}-{count}"),
            _ => name.to_owned(),
        };
        Self {
            cx,
            question,
            name: name.to_owned(),
            occurrence,
            key,
            waiting: false,
        }
    }
}

impl<Q: Question> Ask<Q> {
    fn look_up(&mut self) -> Poll<Result<Q::Answer, AskError>> {
        let request = self.question.request().map_err(AskError::Question)?;
        let digest = digest(&request);
        let cx = self.cx.clone();

        // The question is a user's code: no borrow of the memory is held while it reads an answer.
        let recalled = cx
            .memory()
            .restore_journal(Kind::Ask, &self.name, self.occurrence, &digest);
        let is_new = recalled.is_none();
        let answer = recalled.or_else(|| cx.memory().answer(&self.key, &digest).cloned());
        let remark = match answer.map(|answer| (self.question.read(&answer), answer)) {
            Some((Err(AnswerError::Unfit(remark)), _)) => Some(remark),
            Some((read, answer)) => {
                if is_new {
                    cx.memory()
                        .record(Kind::Ask, &self.name, self.occurrence, &digest, answer);
                }
                return Poll::Ready(read.map_err(|unread| match unread {
                    AnswerError::Cancelled => AskError::Cancelled,
                    _ => AskError::Declined,
                }));
            }
            None => None,
        };

        if !cx.exchange().may_ask {
            return Poll::Ready(Err(AskError::Question(
                "only tools, prompts and resources can ask, completions cannot".to_owned(),
            )));
        }
        let required = self.question.capability();
        if !cx.client().supports(&required) {
            return Poll::Ready(Err(AskError::Unsupported { required }));
        }
        let request = with_note(request, remark.as_deref());
        cx.memory()
            .wait(&self.key, PendingQuestion { request, digest });
        self.waiting = true;
        Poll::Pending
    }
}

/// The same question with a word on why the last answer did not do.
fn with_note(mut request: Value, remark: Option<&str>) -> Value {
    if let (Some(remark), Some(Value::String(message))) =
        (remark, request.pointer_mut("/params/message"))
    {
        message.push_str(" (The last answer did not fit: ");
        message.push_str(remark);
        message.push(')');
    }
    request
}

impl<Q: Question + Unpin> Future for Ask<Q> {
    type Output = Result<Q::Answer, AskError>;

    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Self::Output> {
        // Nothing wakes an open question: its answer is another request.
        if self.waiting {
            Poll::Pending
        } else {
            self.look_up()
        }
    }
}

impl<Q> Drop for Ask<Q> {
    fn drop(&mut self) {
        if self.waiting {
            self.cx.memory().stop_waiting(&self.key);
        }
    }
}
