//! How much of a model's context the list of tools takes.

use std::collections::BTreeMap;

use mcp_edge_catalog::{Catalog, Definition, Operation};
use mcp_edge_config::Settings;

use super::values::Values;

/// The number of tools above which models choose less reliably.
const MAX_TOOLS: usize = 40;
/// The number of tokens above which a list leaves little room for the conversation.
const MAX_TOKENS: usize = 25_000;
/// The bytes of JSON for each token: an average for English and JSON, whatever the model.
const BYTES_PER_TOKEN: usize = 4;

/// The size of the tools of an upstream, as `tools/list` has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ListSize {
    pub(crate) tools: usize,
    /// The bytes of the definitions as JSON.
    pub(crate) bytes: usize,
}

impl ListSize {
    pub(crate) fn of<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> Self {
        let mut size = Self::default();
        for operation in operations {
            let definition = Definition::of(operation).modern().to_string();
            size.add(Self {
                tools: 1,
                bytes: definition.len(),
            });
        }
        size
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.tools = self.tools.saturating_add(other.tools);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// The estimated number of tokens.
    pub(crate) fn tokens(self) -> usize {
        self.bytes / BYTES_PER_TOKEN
    }

    /// Whether the tools are better found by search.
    pub(crate) fn is_large(self) -> bool {
        self.tools > MAX_TOOLS || self.tokens() > MAX_TOKENS
    }

    /// What is large about it.
    pub(crate) fn described(self) -> String {
        format!(
            "{} tools with about {} tokens (bytes of their definitions / {BYTES_PER_TOKEN}), more than {MAX_TOOLS} tools or {MAX_TOKENS} \
             tokens",
            self.tools,
            self.tokens()
        )
    }
}

/// A suggestion, where the list of the upstreams whose tools are listed is large.
pub(crate) fn warning(catalog: &Catalog, settings: &Settings) -> Option<String> {
    let upstreams = Values(settings).named("upstreams");
    let is_listed = |name: &str| {
        let upstream = upstreams.get(name);
        upstream
            .is_some_and(|upstream| Values(&upstream.settings).choice("expose") != Some("search"))
    };
    let mut sizes: BTreeMap<&str, ListSize> = BTreeMap::new();
    let mut all = ListSize::default();
    for operation in &catalog.operations {
        if is_listed(&operation.upstream) {
            let size = ListSize::of([operation]);
            sizes.entry(&operation.upstream).or_default().add(size);
            all.add(size);
        }
    }
    let (largest, size) = sizes.iter().max_by_key(|(_, size)| size.bytes)?;
    let of = match sizes.len() {
        1 => String::new(),
        _ => format!(", {} of them of this upstream", size.tools),
    };
    all.is_large().then(|| {
        format!(
            "the list of tools has {}; set expose = \"search\" in [upstreams.{largest}]{of}, or allow fewer operations",
            all.described()
        )
    })
}
