//! A server for people who look after fraud rules: it shows the rules, tries them out on past payments, and works out with
//! its user what changing one would do.
//!
//! `book` is what the server knows, `outcome` is what it can compute; the other modules offer that to clients.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod book;
mod evaluate;
mod outcome;
mod prompts;
mod resources;
mod simulate;

use mcp_edge::prelude::*;

use book::Book;

fn server() -> Result<Server, BuildError> {
    let book = Book::load().map_err(|error| BuildError::new(format!("data/: {error}")))?;
    Server::builder("com.example/fraud-rules", env!("CARGO_PKG_VERSION"))
        .title("Fraud rules")
        .description("Shows fraud rules and tries them out on past payments.")
        .instructions("Read rules://all first. Evaluate a rule before you simulate a change of it.")
        .state(book)
        .tool(evaluate::evaluate_rule)
        .tool(simulate::simulate_rule_change)
        .resource(resources::all_rules)
        .template(resources::rule)
        .prompt(prompts::review_rule)
        .complete_prompt("review_rule", "rule", book::complete_rule)
        .complete_resource("rules://{id}", "id", book::complete_rule)
        .build()
}

mcp_edge::serve!(server);
