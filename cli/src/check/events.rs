//! What is recorded of each call, and which sinks it waits for.

use anstyle::Style;
use mcp_edge_runtime::config::Protocol;
use mcp_edge_runtime::config::{Capture, Settings};
use mcp_edge_runtime::policy::{Kind, Target};
use serde_json::{Map, Value as Json, json};

use super::listed::listed;
use super::manifest::word;
use super::sinks::{gets, waits};
use crate::style::{BAD, CAUTION, GOOD, Table};

/// What is recorded of every one of `targets`, and where it goes.
pub(super) struct Events<'a> {
    settings: &'a Settings,
    targets: Vec<Target<'a>>,
}

impl<'a> Events<'a> {
    pub(super) fn new(settings: &'a Settings, targets: Vec<Target<'a>>) -> Self {
        Self { settings, targets }
    }

    pub(super) fn targets(&self) -> &[Target<'a>] {
        &self.targets
    }

    pub(super) fn text(&self) -> String {
        let sinks = self.settings.sinks.iter().map(|sink| sink.name);
        let mut table = Table::new(["", "", "words"].into_iter().chain(sinks));
        for target in &self.targets {
            let mut cells = vec![
                (word(target.kind).to_owned(), Style::new()),
                (target.name.to_owned(), Style::new()),
                (self.words(*target), Style::new()),
            ];
            let ways = self.ways(*target);
            cells.extend(ways.map(|(_, way, style)| (way.to_owned(), style)));
            table.row(cells);
        }
        table.text()
    }

    pub(super) fn json(&self) -> Json {
        let rows = self.targets.iter().map(|target| {
            let sinks = self
                .ways(*target)
                .map(|(sink, way, _)| (sink.to_owned(), json!(way)));
            json!({
                "kind": word(target.kind),
                "name": target.name,
                "words": self.words(*target),
                "sinks": Map::from_iter(sinks),
            })
        });
        rows.collect()
    }

    /// The contents of a call of `target` that are in its event.
    fn words(&self, target: Target<'_>) -> String {
        let asks = |which: fn(&Capture) -> bool| {
            let mut contents = self.settings.capture.iter();
            contents.any(|contents| which(contents) && names(contents, target))
        };
        let recorded = match (asks(|one| one.arguments), asks(|one| one.result)) {
            (true, true) => Some("arguments, result"),
            (true, false) => Some("arguments"),
            (false, true) => Some("result"),
            (false, false) => None,
        };
        let digests = self.settings.audit.digests.then_some("digests");
        let parts: Vec<_> = recorded.into_iter().chain(digests).collect();
        match parts.as_slice() {
            [] => "none".to_owned(),
            parts => parts.join(", "),
        }
    }

    /// How the event of a call of `target` goes to each sink.
    fn ways(
        &self,
        target: Target<'a>,
    ) -> impl Iterator<Item = (&'static str, &'static str, Style)> {
        self.settings.sinks.iter().map(move |sink| {
            let (way, style) = if !gets(sink, target) {
                ("never", BAD)
            } else if sink.protocol == Protocol::LOG {
                ("at once", GOOD)
            } else {
                match (waits(sink, target), sink.outbox) {
                    (true, true) => ("required, by outbox", GOOD),
                    (true, false) => ("required", GOOD),
                    (false, true) => ("best effort, outbox", GOOD),
                    (false, false) => ("best effort", CAUTION),
                }
            };
            (sink.name, way, style)
        })
    }

    /// Warnings.
    pub(super) fn warning(&self) -> Option<String> {
        let idle = (1..)
            .zip(self.settings.capture)
            .filter(|(_, contents)| !self.targets.iter().any(|target| names(contents, *target)));
        let idle: Vec<_> = idle
            .map(|(number, _): (u32, _)| number.to_string())
            .collect();
        let fit = match idle.as_slice() {
            [] => return None,
            [_] => "fits",
            _ => "fit",
        };
        let contents = listed(&idle);
        Some(format!(
            "contents {contents} {fit} nothing that the server offers"
        ))
    }
}

fn names(contents: &Capture, target: Target<'_>) -> bool {
    let patterns = match target.kind {
        Kind::Tool => contents.tools,
        Kind::Prompt => contents.prompts,
        Kind::Resource => contents.resources,
    };
    patterns
        .iter()
        .any(|pattern| target.kind.fits(pattern, target.name))
}
