//! A server whose every request goes on record, so that the tests of the audit trail can compare what its callers saw
//! with what the receivers have.

mod changes;
mod reading;

use mcp_edge::prelude::*;

fn server() -> Result<Server, BuildError> {
    Server::builder("com.example/audited", env!("CARGO_PKG_VERSION"))
        .title("Audited")
        .instructions("For tests only.")
        .tool(reading::repeat())
        .tool(reading::report)
        .tool(reading::fail)
        .tool(reading::secret_rule)
        .tool(reading::break_down)
        .tool(changes::pay)
        .tool(changes::destroy_all)
        .prompt(reading::greet)
        .template(reading::note)
        .build()
}

mcp_edge::serve!(server);
