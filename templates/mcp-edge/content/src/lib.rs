//! The server `{{project-name | kebab_case}}`: one tool, the same on every host.

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// The text to count in.
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Counts {
    /// Runs of anything but white space.
    words: usize,
    /// Unicode characters, white space included.
    characters: usize,
}

/// Counts the words and characters of a text.
#[tool(title = "Count words", read_only, open_world = false)]
async fn count_words(input: Input) -> Result<Json<Counts>, ToolError> {
    Ok(Json(Counts {
        words: input.text.split_whitespace().count(),
        characters: input.text.chars().count(),
    }))
}

/// What registries know the server by: a domain of yours, backwards, and a name of your choice.
const NAME: &str = "com.example/{{project-name | kebab_case}}";

fn server() -> Result<Server, BuildError> {
    Server::builder(NAME, env!("CARGO_PKG_VERSION"))
        .tool(count_words)
        .build()
}

mcp_edge::serve!(server);

#[cfg(test)]
mod tests {
    use mcp_edge::serde_json::json;
    use mcp_edge::testing::Client;

    use super::*;

    #[test]
    fn counts_words_between_white_space() {
        let client = Client::new(server());
        let arguments = json!({ "text": " naïve\n approach " });
        let result = client
            .call_tool("count_words", arguments)
            .expect("a result");
        let expected = json!({ "words": 2, "characters": 17 });
        assert_eq!(result["structuredContent"], expected);
    }
}
