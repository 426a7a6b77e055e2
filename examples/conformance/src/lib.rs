//! The server that the official conformance suite is run against: exactly the tools, resources and prompts that its
//! scenarios name, for both eras.
//!
//! Left out are `test_trigger_tool_change` and `test_trigger_prompt_change`, because a server that remembers nothing
//! has no list that a call could change and advertises no `listChanged`; `test_reconnection`, because there is no
//! memory from which a broken stream could be resumed; and the fixtures of the tasks and skills extensions.

mod content;
mod header;
mod inputs;
mod legacy;
mod media;
mod prompts;
mod resources;
mod schema;
mod streams;

use mcp_edge::prelude::*;
use mcp_edge::server::ServerBuilder;

fn server() -> Result<Server, BuildError> {
    builder().build()
}

/// The server before it is built, to which the tests add tools of another source.
pub fn builder() -> ServerBuilder {
    Server::builder("com.example/conformance", env!("CARGO_PKG_VERSION"))
        .title("Conformance")
        .tool(content::test_simple_text)
        .tool(content::test_image_content)
        .tool(content::test_audio_content)
        .tool(content::test_embedded_resource)
        .tool(content::test_multiple_content_types)
        .tool(content::test_error_handling)
        .tool(schema::json_schema_2020_12_tool())
        .tool(header::test_header_mirroring)
        .tool(streams::test_tool_with_progress)
        .tool(streams::test_tool_with_logging)
        .tool(streams::test_logging_tool)
        .tool(streams::test_streaming_elicitation)
        .tool(legacy::test_sampling)
        .tool(legacy::test_elicitation)
        .tool(legacy::test_elicitation_sep1034_defaults)
        .tool(legacy::test_elicitation_sep1330_enums)
        .tool(inputs::test_missing_capability)
        .tool(inputs::test_input_required_result_elicitation)
        .tool(inputs::test_input_required_result_sampling)
        .tool(inputs::test_input_required_result_list_roots)
        .tool(inputs::test_input_required_result_request_state)
        .tool(inputs::test_input_required_result_multiple_inputs)
        .tool(inputs::test_input_required_result_multi_round)
        .tool(inputs::test_input_required_result_tampered_state)
        .tool(inputs::test_input_required_result_capabilities)
        .resource(resources::static_text)
        .resource(resources::static_binary)
        .resource(resources::watched)
        .template(resources::template_data)
        .prompt(prompts::test_simple_prompt)
        .prompt(prompts::test_prompt_with_arguments)
        .prompt(prompts::test_prompt_with_embedded_resource)
        .prompt(prompts::test_prompt_with_image)
        .prompt(prompts::test_input_required_result_prompt)
        .complete_prompt(
            "test_prompt_with_arguments",
            "arg1",
            prompts::complete_place,
        )
}

mcp_edge::serve!(server);
