//! All tools of a server: those that are written in Rust first, then those of each source in the order in which it was added.

use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, ready};
use mcp_edge_audit::canonical;
use mcp_edge_audit::digest::hexadecimal;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::error::ToolError;
use super::list::{Registry, check_name};
use super::source::{
    DIGEST_BYTES, ToolBody, ToolRole, ToolSource, ToolSummary, target, with_behaviour,
};
use super::tool::BuiltTool;
use crate::context::Context;
use crate::policy::Target;
use crate::revision::Revision;
use crate::start::BuildError;

/// The tools of a server.
pub(crate) struct ToolSet(Vec<Rc<dyn ToolSource>>);

/// A tool by its place in a source.
#[derive(Clone, Copy)]
pub(crate) struct ToolPlace<'a> {
    source: &'a Rc<dyn ToolSource>,
    place: usize,
    pub(crate) summary: ToolSummary<'a>,
}

/// A tool that a request names or shows.
#[derive(Clone)]
pub(crate) struct FoundTool {
    source: Rc<dyn ToolSource>,
    place: usize,
}

/// One page of the list of tools.
pub(crate) struct ToolPage {
    pub(crate) tools: Vec<FoundTool>,
    /// The last name on this page, if there is another page.
    pub(crate) last: Option<String>,
}

impl ToolSet {
    pub(super) fn new(
        own: Registry<BuiltTool>,
        sources: Vec<Rc<dyn ToolSource>>,
    ) -> Result<Self, BuildError> {
        let mut all: Vec<Rc<dyn ToolSource>> = vec![Rc::new(OwnTools(own))];
        for source in sources {
            check(&source, &all)?;
            all.push(source);
        }
        Ok(Self(all))
    }

    /// Every tool, operations among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = ToolPlace<'_>> {
        self.0.iter().flat_map(|source| {
            (0..source.count()).filter_map(move |place| ToolPlace::new(source, place))
        })
    }

    /// The tool that a call may name.
    pub(crate) fn get(&self, name: &str) -> Option<ToolPlace<'_>> {
        let found = self.0.iter().find_map(|source| {
            let place = source.find(name)?;
            ToolPlace::new(source, place)
        });
        found.filter(|tool| tool.summary.is_listed())
    }

    /// The operation of this name, and the name of the broker through which it is called.
    pub(crate) fn operation(&self, name: &str) -> Option<(ToolPlace<'_>, &str)> {
        let (source, place) = self
            .0
            .iter()
            .find_map(|source| Some((source, source.find(name)?)))?;
        let operation = ToolPlace::new(source, place)
            .filter(|tool| tool.summary.role == ToolRole::Operation)?;
        // The one that only finds and describes changes nothing.
        let is_caller = |tool: &ToolSummary<'_>| tool.role == ToolRole::Broker && !tool.read_only;
        let mut summaries = (0..source.count()).filter_map(|place| source.summary(place));
        let broker = summaries.find(is_caller)?;
        Some((operation, broker.name))
    }

    /// Up to `length` tools that `shows` and that come after the one named `after`; `None` if there is no such tool.
    pub(crate) fn page(
        &self,
        after: Option<&str>,
        length: usize,
        shows: impl Fn(Target<'_>) -> bool,
    ) -> Option<ToolPage> {
        let (skipped, start) = match after {
            None => (0, 0),
            Some(name) => {
                let mut sources = self.0.iter().enumerate();
                sources.find_map(|(number, source)| {
                    Some((number, source.find(name)?.saturating_add(1)))
                })?
            }
        };
        let sources = self.0.iter().enumerate().skip(skipped);
        let mut rest = sources
            .flat_map(|(number, source)| {
                let first = if number == skipped { start } else { 0 };
                (first..source.count()).filter_map(move |place| ToolPlace::new(source, place))
            })
            .filter(|tool| tool.summary.is_listed() && shows(tool.target()));
        let shown: Vec<_> = rest.by_ref().take(length).collect();
        let last = rest.next().and(shown.last());
        Some(ToolPage {
            last: last.map(|tool| tool.summary.name.to_owned()),
            tools: shown.iter().map(ToolPlace::found).collect(),
        })
    }
}

/// Checks the names of a source, which no tool before may have.
fn check(source: &Rc<dyn ToolSource>, before: &[Rc<dyn ToolSource>]) -> Result<(), BuildError> {
    let label = source.label();
    for place in 0..source.count() {
        let Some(ToolSummary { name, .. }) = source.summary(place) else {
            return Err(BuildError::new(format!(
                "{label}: its index has no tool at place {place} of {}; build it again",
                source.count()
            )));
        };
        check_name("tool", name).map_err(|error| BuildError::new(format!("{label}: {error}")))?;
        // The second of one name is found at the place of the other.
        if source.find(name) != Some(place) {
            return Err(BuildError::new(format!(
                "{label}: there are two tools named `{name}`; rename one of them"
            )));
        }
        if let Some(other) = before.iter().find(|other| other.find(name).is_some()) {
            return Err(BuildError::new(format!(
                "{} and {label} both have a tool named `{name}`; rename one of them",
                other.label()
            )));
        }
    }
    Ok(())
}

impl<'a> ToolPlace<'a> {
    fn new(source: &'a Rc<dyn ToolSource>, place: usize) -> Option<Self> {
        Some(Self {
            source,
            place,
            summary: source.summary(place)?,
        })
    }

    /// The tool as the policy sees it.
    pub(crate) fn target(&self) -> Target<'a> {
        target(self.source, &self.summary)
    }

    /// Its digest, as it is in `approvals.tools`.
    pub(crate) fn digest(&self) -> String {
        let text = |digest: [u8; DIGEST_BYTES]| format!("sha256:{}", hexadecimal(&digest));
        let definition = text(self.source.digest(self.place).unwrap_or_default());
        match self.source.behaviour(self.place) {
            Some(behaviour) => with_behaviour(&definition, &text(behaviour)),
            None => definition,
        }
    }

    /// Its definition, if that is in memory.
    pub(crate) fn definition(&self) -> Option<Rc<RawValue>> {
        self.source.definition(self.place)
    }

    pub(crate) fn found(&self) -> FoundTool {
        FoundTool {
            source: Rc::clone(self.source),
            place: self.place,
        }
    }
}

impl FoundTool {
    /// The tool as the policy sees it.
    pub(crate) fn target(&self) -> Option<Target<'_>> {
        ToolPlace::new(&self.source, self.place).map(|tool| tool.target())
    }

    /// What a call of it with the arguments that `given` returns calls: itself, or an operation of its source with arguments of
    /// its own.
    pub(crate) fn called<'a>(self, given: impl FnOnce() -> Option<&'a Value>) -> CalledTool {
        let summary = self.source.summary(self.place);
        let is_broker = summary.is_some_and(|summary| summary.role == ToolRole::Broker);
        let arguments = if is_broker { given() } else { None };
        let inner = arguments.and_then(|arguments| self.source.inner(self.place, arguments));
        let Some(inner) = inner else {
            return CalledTool::Itself(self);
        };
        let place = self.source.find(&inner.name).filter(|place| {
            let summary = self.source.summary(*place);
            summary.is_some_and(|summary| summary.role == ToolRole::Operation)
        });
        CalledTool::Operation {
            tool: place.map(|place| Self { place, ..self }),
            name: inner.name,
            arguments: inner.arguments,
        }
    }

    pub(crate) fn open(
        &self,
        cx: &Context,
    ) -> LocalBoxFuture<'static, Result<Rc<dyn ToolBody>, ToolError>> {
        self.source.open(self.place, cx)
    }
}

/// What a call of a tool calls.
pub(crate) enum CalledTool {
    Itself(FoundTool),
    Operation {
        /// `None` if the source has no operation of that name.
        tool: Option<FoundTool>,
        name: String,
        arguments: Value,
    },
}

/// The tools that are written in Rust. Their definitions are in memory.
struct OwnTools(Registry<BuiltTool>);

impl ToolSource for OwnTools {
    fn label(&self) -> &str {
        "the server"
    }

    fn count(&self) -> usize {
        self.0.entries().len()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.place(name)
    }

    fn summary(&self, place: usize) -> Option<ToolSummary<'_>> {
        let entry = self.0.entries().get(place)?;
        Some(entry.item.summary(&entry.name))
    }

    fn digest(&self, place: usize) -> Option<[u8; DIGEST_BYTES]> {
        let definition = self.definition(place)?;
        let definition: Value = serde_json::from_str(definition.get()).ok()?;
        Some(Sha256::digest(canonical::to_vec(&definition)).into())
    }

    fn open(
        &self,
        place: usize,
        _cx: &Context,
    ) -> LocalBoxFuture<'static, Result<Rc<dyn ToolBody>, ToolError>> {
        let entry = self.0.entries().get(place).map(Rc::clone);
        let body = entry.map(|entry| entry as Rc<dyn ToolBody>);
        Box::pin(ready(body.ok_or_else(|| {
            ToolError::internal(format!("there is no tool at place {place}"))
        })))
    }

    fn definition(&self, place: usize) -> Option<Rc<RawValue>> {
        let entry = self.0.entries().get(place)?;
        Some(entry.definition.in_revision(Revision::V2026_07_28))
    }
}
