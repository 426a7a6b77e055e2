//! Tools that only read.

use std::time::Duration;

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Rule {
    pub(crate) rule: String,
}

/// Reads a rule.
#[tool(read_only)]
pub(crate) async fn read_rule(input: Rule) -> Result<String, ToolError> {
    Ok(format!("the rule {}", input.rule))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Pause {
    #[schemars(range(max = 60_000))]
    millis: u64,
}

/// Says nothing for a while.
#[tool(read_only)]
pub(crate) async fn read_slowly(cx: Context, input: Pause) -> Result<String, ToolError> {
    cx.sleep(Duration::from_millis(input.millis)).await;
    Ok(format!("read for {} ms", input.millis))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Reports {
    /// How many reports of progress, ten in a second.
    #[schemars(range(max = 600))]
    reports: u32,
    /// How long each one's message is.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    bytes: usize,
}

/// Reports progress for as long as it is told.
#[tool(read_only)]
pub(crate) async fn read_and_report(cx: Context, input: Reports) -> Result<String, ToolError> {
    let message = "x".repeat(input.bytes);
    for done in 0..input.reports {
        cx.progress((done.into(), input.reports.into()), &message)
            .await;
        cx.sleep(Duration::from_millis(100)).await;
    }
    Ok(format!("reported {} times", input.reports))
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Asks for a name.
#[tool(read_only)]
pub(crate) async fn ask_for_readers(cx: Context) -> Result<String, ToolError> {
    let user: Name = cx.ask("name", Form::new("What is your name?")).await?;
    Ok(format!("read by {}", user.name))
}
