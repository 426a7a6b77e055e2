//! What the tests of this package share: a client that can say anything over HTTP, also what no client should,
//! and servers to say it to.

mod answer;
pub mod audited;
mod body;
mod case;
pub mod catalog_alone;
pub mod chains;
mod events;
pub mod gateway;
pub mod good;
mod guarded;
mod hosts;
mod http;
pub mod http2;
pub mod orthanc;
pub mod prefect;
mod provider;
pub mod receivers;
pub mod recorder;
mod request;
pub mod schema;
pub mod servers;
pub mod signing;
pub mod suite;
pub mod tokens;
pub mod upstream;
pub mod verifying_proxy;

pub use answer::{Answer, Event};
pub use case::{Refused, all};
pub use events::{Events, LoggedEvent};
pub use guarded::Guarded;
pub use hosts::hosts;
pub use http::{Connection, Endpoint, Raw};
pub use provider::{Fetches, Provider};
pub use request::{MODERN, Request, legacy, modern, notification, post};
