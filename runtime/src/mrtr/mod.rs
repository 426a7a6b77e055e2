//! Handlers with memory: a function that asks its caller something, and goes on where it stopped.
//!
//! `ask` ends the request with `input_required`. When the client sends the request again with answers,
//! the function runs again from its first line, and what was answered or done before is replayed from a
//! journal that travelled sealed inside the request state. State lives in the token, control flow in the
//! language, nothing on a disk.
//!
//! The rules:
//!
//! - A request ends with `input_required` only when everything that is still pending in the handler is a
//!   question: steps, sleeps and outbound requests in flight finish first.
//! - A journal entry belongs to its kind, name and occurrence, and to what was asked. After a deploy that
//!   changed a question, that question is asked again; a step whose result no longer fits its type gives
//!   [`StepError::Changed`]. A step that has run stays done, even if a question before it is asked again: what
//!   its result depends on must be in its name.
//! - Time, randomness and outbound requests that decide anything must be in a step. A debug build says
//!   in the log when a replay did not come by what the journal holds.
//! - A step runs at least once: a client may present an old state again, or twice. A step gets an
//!   idempotency key that is the same every time.
//! - The size of the journal is checked before a step runs, never after.
//! - An answer is the caller's own word, whether it was asked for or not. It is never the approval of a
//!   second person.

mod ask;
mod form;
mod journal;
mod step;

pub(crate) use ask::Ask;
pub use ask::{Action, AskError, Question, Roots, Sampling, UrlElicitation};
pub use form::Form;
pub(crate) use journal::{Journal, Memory};
pub(crate) use step::run as run_step;
pub use step::{Step, StepError};
