//! Whole files, and what they are read as.

mod audit;
mod generated;
mod identity;
mod mistakes;
mod settings;
