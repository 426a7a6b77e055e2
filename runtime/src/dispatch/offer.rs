//! Which methods exist for a caller.

use crate::policy::{Arguments, Target};
use crate::protocol::Method;
use crate::server::{Capabilities, ServerInner};

/// Whether the caller is told of `method`. Of a method that names a target the target decides, so that a call costs the
/// same however much the server has; `all` is asked only where it is not shown.
pub(super) fn offers(
    method: Method,
    server: &ServerInner,
    target: Option<Target<'_>>,
    shows: impl Fn(Target<'_>, Arguments<'_>) -> bool,
    all: impl FnOnce() -> Capabilities,
) -> bool {
    let arguments = match method {
        Method::Complete if server.completers.is_empty() => return false,
        Method::Complete => Arguments::Unknown,
        _ => Arguments::Any,
    };
    if target.is_some_and(|target| shows(target, arguments)) {
        return true;
    }
    match method {
        Method::ListTools | Method::CallTool => all().tools,
        Method::ListResources
        | Method::ListTemplates
        | Method::ReadResource
        | Method::Subscribe
        | Method::Unsubscribe => all().resources,
        Method::ListPrompts | Method::GetPrompt => all().prompts,
        Method::Complete => all().completions,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;
    use crate::server::{Server, Tool, ToolResult};

    /// How often the policy is asked about a call of the last of so many tools, which is the only one that the caller sees.
    fn questions(tools: usize, called: &str) -> usize {
        let tool = |number: usize| {
            let schema = json!({ "type": "object" });
            Tool::untyped(format!("tool_{number}"), schema, async |_, _| {
                Ok(ToolResult::text(""))
            })
        };
        let server = Server::builder("com.example/rules", "1.0.0");
        let server = (1..=tools).fold(server, |server, number| server.tool(tool(number)));
        let server = server.build().unwrap().parts();
        let last = format!("tool_{tools}");
        let asked = Cell::new(0);
        let shows = |target: Target<'_>, _: Arguments<'_>| {
            asked.set(asked.get() + 1);
            target.name == last
        };
        let target = server.tools.get(called).map(|tool| tool.target());
        assert!(offers(Method::CallTool, &server, target, shows, || {
            Capabilities::new(&server, shows)
        }));
        asked.get()
    }

    #[test]
    fn a_call_asks_about_its_target_alone() {
        for tools in [1, 10, 1000] {
            assert_eq!(questions(tools, &format!("tool_{tools}")), 1);
        }
    }

    #[test]
    fn a_call_of_what_is_not_there_is_a_question_about_all() {
        assert_eq!(questions(10, "other"), 10);
    }
}
