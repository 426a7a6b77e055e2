//! What delivery promises, with receivers and hosts that fail.

mod best_effort;
mod bindings;
mod closing;
mod desk;
mod ending;
mod outbox;
mod partial;
mod plain_http;
mod ready;
mod required;
mod unread;
