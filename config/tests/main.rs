//! Whole files, and what they are read as.

mod audit;
mod defaults;
mod identity;
mod mistakes;
mod schema;
mod settings;
