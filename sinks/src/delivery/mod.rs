//! Delivery, the same for every receiver: what waits, one attempt, the outbox, and the accounting of lost events.

mod deliver;
mod finish;
mod outbox;
mod outlet;
mod tally;
mod waiting;

pub(crate) use outlet::Outlet;
