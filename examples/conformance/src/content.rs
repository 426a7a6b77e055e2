//! One tool for each kind of content.

use mcp_edge::prelude::*;

use crate::media::{RED_PIXEL, SILENCE};

/// Gives a line of text.
#[tool(read_only)]
pub(crate) async fn test_simple_text() -> Result<&'static str, ToolError> {
    Ok("This is a simple text response for testing.")
}

/// Gives a picture.
#[tool(read_only)]
pub(crate) async fn test_image_content() -> Result<Content, ToolError> {
    Ok(Content::image(RED_PIXEL, "image/png"))
}

/// Gives a sound.
#[tool(read_only)]
pub(crate) async fn test_audio_content() -> Result<Content, ToolError> {
    Ok(Content::audio(SILENCE, "audio/wav"))
}

/// Gives a resource with its contents.
#[tool(read_only)]
pub(crate) async fn test_embedded_resource() -> Result<Content, ToolError> {
    Ok(Content::resource(
        ResourceContents::text("This is an embedded resource content.")
            .uri("test://embedded-resource")
            .mime_type("text/plain"),
    ))
}

/// Gives a text, a picture and a resource.
#[tool(read_only)]
pub(crate) async fn test_multiple_content_types() -> Result<Vec<Content>, ToolError> {
    Ok(vec![
        Content::text("Multiple content types test:"),
        Content::image(RED_PIXEL, "image/png"),
        Content::resource(
            ResourceContents::text(r#"{"test":"data","value":123}"#)
                .uri("test://mixed-content-resource")
                .mime_type("application/json"),
        ),
    ])
}

/// Fails, always.
#[tool(read_only)]
pub(crate) async fn test_error_handling() -> Result<(), ToolError> {
    Err(ToolError::new(
        "This tool intentionally returns an error for testing",
    ))
}
