//! HTTP operations as tools of the Model Context Protocol, in a form that a gateway reads without the API's documents.
//!
//! A [`Catalog`] is compiled when a gateway is built. The gateway never reads an OpenAPI document: names, schemas, and how an
//! argument becomes a part of a request are decided here, once.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod behaviour;
mod broker;
pub mod codec;
mod definition;
mod deployment;
mod operation;
pub mod request;
pub mod result;
#[cfg(test)]
mod samples;

pub use self::behaviour::Destinations;
pub use self::broker::{Broker, MAX_DESCRIBED, MAX_FOUND};
pub use self::definition::Definition;
pub use self::deployment::{DEPLOYMENT, Deployment, DeploymentError, Environment};
pub use self::operation::{
    Annotations, Body, BodyContent, BodyForm, Catalog, Encoding, Location, Member, Method,
    Operation, Output, Parameter, PathPiece, ResultShape, Source, Style, WholeForm,
};
