//! Tools with steps. A step that really runs, and is not replayed, says so in a log message to the client.

use std::time::Duration;

use futures_util::future::join;
use mcp_edge::prelude::*;
use serde_json::json;

use crate::questions::Name;

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    ok: bool,
}

/// Tells a client that asked for log messages that the step of this name runs now.
pub(crate) async fn runs(cx: &Context, step: &str) {
    cx.log(LogLevel::Info, json!({ "step": step })).await;
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Pause {
    #[schemars(range(max = 60_000))]
    millis: u64,
}

/// Asks while a step is still running: the step has to end before the question goes out.
#[tool]
pub(crate) async fn step_while_asking(cx: Context, input: Pause) -> Result<String, ToolError> {
    let question = cx.ask("name", Form::<Name>::new("What is your name?"));
    let step = cx.step("pause", async |_| {
        runs(&cx, "pause").await;
        cx.sleep(Duration::from_millis(input.millis)).await;
        "finished".to_owned()
    });
    let (user, step) = join(question, step).await;
    Ok(format!("{}: {}", user?.name, step?))
}

/// Charges a customer between two questions, and gives the idempotency key that it charged with.
#[tool]
pub(crate) async fn charge(cx: Context) -> Result<String, ToolError> {
    let user: Name = cx.ask("name", Form::new("Who pays?")).await?;
    let receipt = cx
        .step("charge", async |step| {
            runs(&cx, "charge").await;
            step.idempotency_key().to_owned()
        })
        .await?;
    // A receipt that changed would change the question, and the answer would not be taken.
    let question = format!("{} was charged, receipt {receipt}. Is that all?", user.name);
    let answer: Confirmation = cx.ask("confirm", Form::new(question)).await?;
    Ok(format!("{receipt}: {}", answer.ok))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Fill {
    #[schemars(range(max = 1000))]
    steps: u32,
    /// How long the result of each step is.
    #[schemars(range(max = 1_000_000))]
    bytes: usize,
}

/// Fills the journal step by step, then asks.
#[tool]
pub(crate) async fn fill(cx: Context, input: Fill) -> Result<String, ToolError> {
    for _ in 0..input.steps {
        cx.step("fill", async |_| {
            runs(&cx, "fill").await;
            "x".repeat(input.bytes)
        })
        .await?;
    }
    let answer: Confirmation = cx.ask("confirm", Form::new("Is that enough?")).await?;
    Ok(format!("{} steps: {}", input.steps, answer.ok))
}
