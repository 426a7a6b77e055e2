//! Tools that say something before they answer, or could.

use std::time::Duration;

use mcp_edge::prelude::*;

use crate::inputs::name_form;

const PAUSE: Duration = Duration::from_millis(50);

/// Reports progress three times.
#[tool(read_only)]
pub(crate) async fn test_tool_with_progress(cx: Context) -> Result<&'static str, ToolError> {
    cx.progress((0.0, 100.0), "Started").await;
    cx.sleep(PAUSE).await;
    cx.progress((50.0, 100.0), "Half-way").await;
    cx.sleep(PAUSE).await;
    cx.progress((100.0, 100.0), "Done").await;
    Ok("Progress was reported three times.")
}

/// Sends three log messages.
#[tool(read_only)]
pub(crate) async fn test_tool_with_logging(cx: Context) -> Result<&'static str, ToolError> {
    cx.log(LogLevel::Info, "Tool execution started").await;
    cx.sleep(PAUSE).await;
    cx.log(LogLevel::Info, "Tool processing data").await;
    cx.sleep(PAUSE).await;
    cx.log(LogLevel::Info, "Tool execution completed").await;
    Ok("Three messages were logged.")
}

/// Logs, which a client sees only if its request asked for log messages.
#[tool(read_only)]
pub(crate) async fn test_logging_tool(cx: Context) -> Result<&'static str, ToolError> {
    cx.log(LogLevel::Info, "Only for those who asked").await;
    Ok("A message was logged.")
}

/// Asks something in the middle: the question is the answer of this request, never a request of its own.
#[tool(read_only)]
pub(crate) async fn test_streaming_elicitation(cx: Context) -> Result<String, ToolError> {
    cx.progress((0.0, 1.0), "Asking").await;
    let answer = cx.ask("user_name", name_form("What is your name?")).await?;
    Ok(format!("Hello, {}!", answer.name))
}
