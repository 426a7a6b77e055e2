//! What the tests of this package share: a client that can say anything over HTTP, also what no client should,
//! and servers to say it to.

mod answer;
mod body;
mod case;
mod events;
mod http;
mod request;
pub mod schema;
pub mod servers;
pub mod suite;
pub mod tokens;

pub use answer::{Answer, Event};
pub use case::{Refused, all};
pub use events::{Events, LoggedEvent};
pub use http::{Connection, Endpoint};
pub use request::{MODERN, Request, legacy, modern, notification, post};
