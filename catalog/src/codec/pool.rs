//! The texts and values of a catalog, each once, and the choice of those that are written once.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::Value;

use super::dictionary::{MAX_WORD_BYTES, MAX_WORDS};
use super::values::MAX_DEPTH;

/// The minimum size of a value that is written once, in bytes. A reference takes about four.
const MIN_SHARED_BYTES: usize = 24;
const REFERENCE_BYTES: usize = 4;

/// The number of a node.
pub(super) type NodeId = usize;

/// A text or value, whose parts are nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    /// The bits of a float.
    Float(u64),
    Text(Box<str>),
    Array(Vec<NodeId>),
    /// Names and values, in ascending order of the names.
    Object(Vec<(NodeId, NodeId)>),
}

/// All nodes. The parts of a node come before it.
#[derive(Debug, Default)]
pub(super) struct Pool {
    nodes: Vec<Node>,
    ids: HashMap<Node, NodeId>,
    /// By node: how many nodes and operations have it.
    uses: Vec<u32>,
}

impl Pool {
    /// The node of a value; `None` for one that is too deep, or has a number that no binary form is known of.
    pub(super) fn value(&mut self, value: &Value) -> Option<NodeId> {
        let id = self.intern(value, MAX_DEPTH)?;
        self.add_use(id);
        Some(id)
    }

    /// The node of a text.
    pub(super) fn text(&mut self, text: &str) -> NodeId {
        let id = self.id(Node::Text(text.into()));
        self.add_use(id);
        id
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    fn add_use(&mut self, id: NodeId) {
        if let Some(uses) = self.uses.get_mut(id) {
            *uses = uses.saturating_add(1);
        }
    }

    fn intern(&mut self, value: &Value, depth: usize) -> Option<NodeId> {
        let node = match value {
            Value::Null => Node::Null,
            Value::Bool(value) => Node::Bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Node::Unsigned(number),
                (None, Some(number)) => Node::Negative(number.unsigned_abs().checked_sub(1)?),
                (None, None) => Node::Float(number.as_f64()?.to_bits()),
            },
            Value::String(text) => Node::Text(text.as_str().into()),
            Value::Array(items) => {
                let depth = depth.checked_sub(1)?;
                let items = items.iter().map(|item| self.intern(item, depth));
                Node::Array(items.collect::<Option<_>>()?)
            }
            Value::Object(members) => {
                let depth = depth.checked_sub(1)?;
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| *name);
                let members = members.into_iter().map(|(name, value)| {
                    let name = self.id(Node::Text(name.as_str().into()));
                    Some((name, self.intern(value, depth)?))
                });
                Node::Object(members.collect::<Option<_>>()?)
            }
        };
        Some(self.id(node))
    }

    fn id(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        match &node {
            Node::Array(items) => items.iter().for_each(|item| self.add_use(*item)),
            Node::Object(members) => members.iter().for_each(|(name, value)| {
                self.add_use(*name);
                self.add_use(*value);
            }),
            _ => {}
        }
        let id = self.nodes.len();
        self.nodes.push(node.clone());
        self.ids.insert(node, id);
        self.uses.push(0);
        id
    }

    /// Decides the place of each node.
    pub(super) fn plan(&self) -> Plan<'_> {
        let words = self.words();
        let mut plan = Plan {
            pool: self,
            numbers: words
                .iter()
                .enumerate()
                .map(|(number, (id, _))| (*id, number))
                .collect(),
            words: words.into_iter().map(|(_, word)| word).collect(),
            is_shared: Vec::with_capacity(self.nodes.len()),
        };
        let mut sizes = Vec::with_capacity(self.nodes.len());
        for (id, node) in self.nodes.iter().enumerate() {
            let size_of = |id: &NodeId| sizes.get(*id).copied().unwrap_or_default();
            let size = match node {
                Node::Text(_) if plan.numbers.contains_key(&id) => 2,
                Node::Text(text) => text.len().saturating_add(1),
                Node::Float(_) => 9,
                Node::Array(items) => sum(items.iter().map(size_of)),
                Node::Object(members) => sum(members
                    .iter()
                    .map(|(name, value)| size_of(name).saturating_add(size_of(value)))),
                _ => 2,
            };
            let is_used_often = self.uses.get(id).is_some_and(|uses| *uses > 1);
            let is_shared = is_used_often && size >= MIN_SHARED_BYTES;
            plan.is_shared.push(is_shared);
            sizes.push(if is_shared { REFERENCE_BYTES } else { size });
        }
        plan
    }

    /// The texts of the dictionary: of the short ones that are used more than once, those that save most. The most frequent
    /// come first, since their numbers are the shortest.
    fn words(&self) -> Vec<(NodeId, &str)> {
        let mut words: Vec<_> = (self.nodes.iter().zip(&self.uses).enumerate())
            .filter_map(|(id, (node, uses))| match node {
                Node::Text(text) if *uses > 1 && (2..=MAX_WORD_BYTES).contains(&text.len()) => {
                    Some((id, &**text, *uses))
                }
                _ => None,
            })
            .collect();
        words.sort_by_key(|(_, text, uses)| {
            let uses = usize::try_from(*uses).unwrap_or(usize::MAX);
            (Reverse(uses.saturating_mul(text.len())), *text)
        });
        words.truncate(MAX_WORDS);
        words.sort_by_key(|(_, text, uses)| (Reverse(*uses), *text));
        words.into_iter().map(|(id, text, _)| (id, text)).collect()
    }
}

fn sum(sizes: impl Iterator<Item = usize>) -> usize {
    sizes.fold(1, usize::saturating_add)
}

/// The place of each node: the dictionary, the shared section, or the operation that has it.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) pool: &'a Pool,
    /// The dictionary.
    pub(super) words: Vec<&'a str>,
    numbers: HashMap<NodeId, usize>,
    is_shared: Vec<bool>,
}

impl Plan<'_> {
    /// The number of a text in the dictionary.
    pub(super) fn word(&self, id: NodeId) -> Option<u64> {
        u64::try_from(*self.numbers.get(&id)?).ok()
    }

    /// Whether the node is written in the shared section.
    pub(super) fn is_shared(&self, id: NodeId) -> bool {
        self.is_shared.get(id) == Some(&true)
    }
}
