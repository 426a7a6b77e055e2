//! The built program: every command, as a person at a terminal sees it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod audit;
mod audit_report;
mod card;
mod check;
mod client;
mod completions;
mod connect;
mod doctor;
mod documented;
mod explain;
mod gateway;
mod gateway_try;
mod help;
mod hosts;
mod invisible;
mod keys;
mod live;
mod manifest;
mod new;
mod run;
mod site;
mod terminal;
mod token;
