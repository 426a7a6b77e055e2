//! One prompt of each kind, and the completion of an argument.

use mcp_edge::prelude::*;

use crate::media::RED_PIXEL;

/// Says one thing.
#[prompt]
pub(crate) async fn test_simple_prompt() -> Result<&'static str, RequestError> {
    Ok("This is a simple prompt for testing.")
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The first one.
    arg1: String,
    /// The second one.
    arg2: String,
}

/// Repeats its arguments.
#[prompt]
pub(crate) async fn test_prompt_with_arguments(input: Arguments) -> Result<String, RequestError> {
    let Arguments { arg1, arg2 } = input;
    Ok(format!(
        "Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"
    ))
}

/// Completes `arg1` with a word from a short list.
pub(crate) async fn complete_place(
    _: Context,
    typed: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    let places = ["paris", "park", "party"].into_iter();
    Ok(places
        .filter(|place| place.starts_with(&typed.value))
        .map(str::to_owned)
        .collect())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Embedded {
    /// The URI of the resource to embed.
    resource_uri: String,
}

/// Embeds a resource.
#[prompt]
pub(crate) async fn test_prompt_with_embedded_resource(
    input: Embedded,
) -> Result<Vec<PromptMessage>, RequestError> {
    let resource = ResourceContents::text("Embedded resource content for testing.")
        .uri(input.resource_uri)
        .mime_type("text/plain");
    Ok(vec![
        PromptMessage::user(Content::resource(resource)),
        PromptMessage::user("Please process the embedded resource above."),
    ])
}

/// Shows a picture.
#[prompt]
pub(crate) async fn test_prompt_with_image() -> Result<Vec<PromptMessage>, RequestError> {
    Ok(vec![
        PromptMessage::user(Content::image(RED_PIXEL, "image/png")),
        PromptMessage::user("Please analyze the image above."),
    ])
}

#[derive(Deserialize, JsonSchema)]
struct Background {
    context: String,
}

/// Asks for something before it says anything.
#[prompt]
pub(crate) async fn test_input_required_result_prompt(cx: Context) -> Result<String, RequestError> {
    let question = Form::new("What context should the prompt use?");
    let answer: Background = cx.ask("user_context", question).await?;
    Ok(format!("Please consider this context: {}", answer.context))
}
