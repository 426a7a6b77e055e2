//! The program, run as people run it, and its verifier, given logs of every kind.

mod audit;
mod commands;
