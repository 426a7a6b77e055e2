//! Tools that take their time.

use std::time::Duration;

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Slow {
    #[schemars(range(max = 60_000))]
    millis: u64,
    /// How much longer the answer is than it would be.
    #[serde(default)]
    #[schemars(range(max = 20_000_000))]
    bytes: usize,
}

/// Says nothing for a while.
#[tool]
pub(crate) async fn slow(cx: Context, input: Slow) -> Result<String, ToolError> {
    cx.sleep(Duration::from_millis(input.millis)).await;
    Ok(format!(
        "slept {} ms{}",
        input.millis,
        " ".repeat(input.bytes)
    ))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Stream {
    /// How many reports of progress.
    #[schemars(range(max = 10_000))]
    reports: u32,
    /// How long each one's message is.
    #[schemars(range(max = 100_000))]
    bytes: usize,
    /// Between one and the next.
    #[schemars(range(max = 60_000))]
    pause_millis: u64,
}

/// Reports progress, often.
#[tool]
pub(crate) async fn stream(cx: Context, input: Stream) -> Result<String, ToolError> {
    let message = "x".repeat(input.bytes);
    for done in 0..input.reports {
        cx.progress((done.into(), input.reports.into()), &message)
            .await;
        if input.pause_millis > 0 {
            cx.sleep(Duration::from_millis(input.pause_millis)).await;
        }
    }
    Ok(format!("reported {} times", input.reports))
}

/// Reports progress that stands still, goes back, and is no number, besides progress that is one.
#[tool]
pub(crate) async fn progress_backwards(cx: Context) -> Result<String, ToolError> {
    for done in [0.5, 0.5, 0.25, f64::NAN, 1.0] {
        cx.progress(done, "").await;
    }
    Ok("done".to_owned())
}

/// Says something at every level of seriousness.
#[tool]
pub(crate) async fn chatter(cx: Context) -> Result<String, ToolError> {
    for level in [
        LogLevel::Debug,
        LogLevel::Info,
        LogLevel::Notice,
        LogLevel::Warning,
        LogLevel::Error,
        LogLevel::Critical,
        LogLevel::Alert,
        LogLevel::Emergency,
    ] {
        cx.log(level, "something").await;
    }
    Ok("done".to_owned())
}
