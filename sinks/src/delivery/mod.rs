//! Delivery, the same for every receiver: what waits, one attempt, the outbox, and the accounting of lost events.

mod attempt;
mod buffer;
mod finish;
mod losses;
mod outbox;
mod worker;

pub(crate) use worker::SinkWorker;
