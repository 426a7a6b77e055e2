//! A tool with an argument that clients repeat in a header, so that a proxy can route by it.

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Place {
    /// Where to go.
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: String,
}

/// Takes a region, which clients repeat in the header `Mcp-Param-Region`.
#[tool(read_only)]
pub(crate) async fn test_header_mirroring(input: Place) -> Result<String, ToolError> {
    Ok(format!("Region: {}", input.region))
}
