//! A server that does what no real one should, so that the black-box tests can see the result.

mod crowd;
mod deploy;
mod journal;
mod outside;
mod prompts;
mod questions;
mod resources;
mod results;
mod signatures;
mod time;
mod values;
mod wire;

use mcp_edge::prelude::*;
use mcp_edge::server::ServerBuilder;

fn server() -> Result<Server, BuildError> {
    builder().build()
}

/// The server before it is built, to which the tests add tools of another source.
pub fn builder() -> ServerBuilder {
    let server = Server::builder("com.example/fixture", env!("CARGO_PKG_VERSION"))
        .title("Fixture")
        .instructions("For tests only.")
        .tool(time::slow)
        .tool(time::stream)
        .tool(time::progress_backwards)
        .tool(time::chatter)
        .tool(results::panics)
        .tool(results::fails_inside)
        .tool(results::numbers)
        .tool(results::broken_output())
        .tool(wire::echo())
        .tool(wire::checked)
        .tool(wire::mirrored())
        .tool(wire::describe_client)
        .tool(outside::fetch)
        .tool(outside::fetch_with)
        .tool(outside::fetch_afterwards)
        .tool(outside::read_data)
        .tool(signatures::sign)
        .tool(signatures::verify)
        .tool(questions::ask)
        .tool(questions::ask_several)
        .tool(questions::ask_twice)
        .tool(questions::ask_carefully)
        .tool(questions::ask_again_after_no)
        .tool(journal::step_while_asking)
        .tool(journal::charge)
        .tool(journal::fill)
        .tool(deploy::across_a_deploy)
        .resource(resources::asks)
        .resource(resources::broken)
        .template(resources::file)
        .prompt(prompts::asks_first)
        .prompt(prompts::broken)
        .prompt(crowd::crowd)
        .complete_prompt("crowd", "name", crowd::complete_name);
    crowd::gather(values::gather(server))
}

mcp_edge::serve!(server);
