//! What kinds of things a server offers a caller.

use super::build::ServerInner;
use super::governed::PolicySubject;
use super::list::Registry;
use crate::policy::{Arguments, Target};

/// The kinds of things of which a server offers a caller any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capabilities {
    pub(crate) tools: bool,
    pub(crate) resources: bool,
    pub(crate) prompts: bool,
    pub(crate) completions: bool,
}

impl Capabilities {
    /// What `server` offers a caller who sees what `shows`. In the worst case that is asked of everything that the server has.
    pub(crate) fn new(
        server: &ServerInner,
        shows: impl Fn(Target<'_>, Arguments<'_>) -> bool,
    ) -> Self {
        let (seen, completed) = (Arguments::Any, Arguments::Unknown);
        Self {
            tools: server
                .tools
                .all()
                .any(|tool| tool.summary.is_listed() && shows(tool.target(), seen)),
            resources: any(&server.resources, seen, &shows) || any(&server.templates, seen, &shows),
            prompts: any(&server.prompts, seen, &shows),
            completions: !server.completers.is_empty()
                && (any(&server.prompts, completed, &shows)
                    || any(&server.templates, completed, &shows)),
        }
    }
}

fn any<T: PolicySubject>(
    list: &Registry<T>,
    arguments: Arguments<'_>,
    shows: &impl Fn(Target<'_>, Arguments<'_>) -> bool,
) -> bool {
    let mut entries = list.entries().iter();
    entries.any(|entry| shows(entry.item.target(&entry.name), arguments))
}
