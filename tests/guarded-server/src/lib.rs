//! A server that hardly anybody may use, so that the tests of identity and policy can see who may.
//!
//! Every tool, prompt and resource is there for one rule of `mcp.toml`, and named for it.

mod caller;
mod changes;
mod hidden;
mod operators;
mod outside;
mod prompts;
mod reading;
mod resources;

use mcp_edge::prelude::*;

fn server() -> Result<Server, BuildError> {
    Server::builder("com.example/guarded", env!("CARGO_PKG_VERSION"))
        .title("Guarded")
        .instructions("For tests only.")
        .tool(caller::about)
        .tool(caller::who_am_i)
        .tool(reading::read_rule)
        .tool(reading::read_slowly)
        .tool(reading::read_and_report)
        .tool(reading::ask_for_readers)
        .tool(outside::read_upstream)
        .tool(changes::change_rule)
        .tool(changes::change_slowly)
        .tool(changes::pay)
        .tool(changes::delete_rule)
        .tool(hidden::acme_report)
        .tool(hidden::own_scope)
        .tool(hidden::audit)
        .tool(hidden::quarantined)
        .tool(operators::shell_run)
        .tool(operators::shell_knock)
        .resource(resources::welcome)
        .resource(resources::notes)
        .resource(resources::acme_plan)
        .resource(resources::quarantined)
        .template(resources::note)
        .template(resources::acme_file)
        .template(resources::acme_desk)
        .template(resources::desk)
        .template(resources::quarantined_file)
        .prompt(prompts::welcome)
        .prompt(prompts::review_for_readers)
        .complete_prompt("review_for_readers", "rule", prompts::complete_rule)
        .complete_resource("guarded://desk/{+path}", "path", resources::complete_path)
        .prompt(prompts::acme_summary)
        .prompt(prompts::quarantined)
        .prompt(operators::case_summary)
        .complete_prompt("case_summary", "id", operators::complete_case)
        .build()
}

mcp_edge::serve!(server);
