//! A catalog in bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use mcp_edge_schema::mirror::{MirroredHeader, mirrored};
use mcp_edge_settings::wire::Writer;

use super::EncodeError;
use super::body::{Field, Fields};
use super::dictionary::Dictionary;
use super::header::Header;
use super::index::{self, Index};
use super::pool::{Node, NodeId, Plan, Pool};
use super::search;
use super::values::{
    ARRAY, CONSTANT, FALSE, FLOAT, NEGATIVE, NULL, OBJECT, SHARED, TEXT, TRUE, UNSIGNED, WORD,
    write_head,
};
use crate::{Catalog, Operation};

/// The maximum number of ranges of the shared section that an operation needs. Reading some bytes too many costs less than
/// another read.
const MAX_RANGES: usize = 8;
const MAX_NAME_BYTES: usize = 64;

/// Writes a catalog in its binary form. Equal catalogs have equal forms.
pub fn encode(catalog: &Catalog) -> Result<Vec<u8>, EncodeError> {
    let mirrors = check(&catalog.operations)?;
    let mut pool = Pool::default();
    let fields = catalog.operations.iter().map(|operation| {
        Fields::of(operation, &mut pool)
            .ok_or_else(|| EncodeError::Unreadable(operation.name.clone()))
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let plan = pool.plan();
    let mut shared = Shared::new(&plan);
    let bodies: Vec<_> = fields.iter().map(|fields| shared.body(fields)).collect();

    let mut index = Writer::from(Vec::new());
    Dictionary::encode(&plan.words, &mut index);
    let lengths: Vec<_> = bodies.iter().map(Vec::len).collect();
    index::write(&catalog.operations, &mirrors, &lengths, &mut index);
    let sections = [
        index.finish(),
        search::build(&catalog.operations),
        shared.section.finish(),
        bodies.concat(),
    ];
    let mut lengths = [0; 4];
    for (length, section) in lengths.iter_mut().zip(&sections) {
        *length = u32::try_from(section.len()).map_err(|_| EncodeError::TooLarge)?;
    }
    let mut bytes = Header::encode(lengths);
    sections.iter().for_each(|section| bytes.extend(section));
    verify(&catalog.operations, &bytes)?;
    Ok(bytes)
}

/// Checks the names, and finds the headers that each input mirrors.
fn check(operations: &[Operation]) -> Result<Vec<Vec<MirroredHeader>>, EncodeError> {
    let mut names = BTreeSet::new();
    let mirrors = operations.iter().map(|operation| {
        let name = &operation.name;
        let is_name = (1..=MAX_NAME_BYTES).contains(&name.len())
            && (name.bytes()).all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !is_name {
            return Err(EncodeError::Name(name.clone()));
        }
        if !names.insert(name) {
            return Err(EncodeError::Duplicate(name.clone()));
        }
        mirrored(&operation.input).map_err(|error| EncodeError::Mirror {
            tool: name.clone(),
            error,
        })
    });
    mirrors.collect()
}

/// Checks that the reader reads each operation as it is: its limits, and its checks, are in one place.
fn verify(operations: &[Operation], bytes: &[u8]) -> Result<(), EncodeError> {
    let index = Index::of_catalog(bytes).map_err(|_| EncodeError::TooLarge)?;
    for (place, operation) in operations.iter().enumerate() {
        if index.operation(place, bytes).as_ref() != Ok(operation) {
            return Err(EncodeError::Unreadable(operation.name.clone()));
        }
    }
    Ok(())
}

/// The shared section, which grows with the operations that need it.
struct Shared<'a> {
    plan: &'a Plan<'a>,
    section: Writer,
    length: u64,
    /// The places in the section of the nodes that have been written.
    places: BTreeMap<NodeId, Range<u64>>,
}

impl<'a> Shared<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        Self {
            plan,
            section: Writer::from(Vec::new()),
            length: 0,
            places: BTreeMap::new(),
        }
    }

    /// Writes an operation.
    fn body(&mut self, fields: &[Field]) -> Vec<u8> {
        let mut needed = BTreeSet::new();
        let mut content = Writer::from(Vec::new());
        for field in fields {
            match field {
                Field::Byte(byte) => content.byte(*byte),
                Field::Number(number) => content.length(*number),
                Field::Node(id) => {
                    self.need(*id, &mut needed);
                    self.write(*id, &mut content);
                }
            }
        }
        let ranges = needed.iter().filter_map(|id| self.places.get(id).cloned());
        let mut body = Writer::from(Vec::new());
        write_ranges(&merge(ranges.collect()), &mut body);
        body.bytes(&content.finish());
        body.finish()
    }

    /// Writes all that a node shares with others into the section, parts first, and adds it to `needed`.
    fn need(&mut self, id: NodeId, needed: &mut BTreeSet<NodeId>) {
        if needed.contains(&id) {
            return;
        }
        match self.plan.pool.node(id) {
            Some(Node::Array(items)) => items.iter().for_each(|item| self.need(*item, needed)),
            Some(Node::Object(members)) => {
                members
                    .iter()
                    .for_each(|(_, value)| self.need(*value, needed));
            }
            _ => {}
        }
        if !self.plan.is_shared(id) {
            return;
        }
        needed.insert(id);
        if !self.places.contains_key(&id) {
            let mut value = Writer::from(Vec::new());
            self.write_whole(id, &mut value);
            let value = value.finish();
            let start = self.length;
            self.length = start.saturating_add(u64::try_from(value.len()).unwrap_or(u64::MAX));
            self.section.bytes(&value);
            self.places.insert(id, start..self.length);
        }
    }

    /// Writes a node, or a reference to it.
    fn write(&self, id: NodeId, writer: &mut Writer) {
        match self.places.get(&id) {
            Some(place) => write_head(writer, SHARED, place.start),
            None => self.write_whole(id, writer),
        }
    }

    fn write_whole(&self, id: NodeId, writer: &mut Writer) {
        match self.plan.pool.node(id) {
            None | Some(Node::Null) => write_head(writer, CONSTANT, NULL),
            Some(Node::Bool(false)) => write_head(writer, CONSTANT, FALSE),
            Some(Node::Bool(true)) => write_head(writer, CONSTANT, TRUE),
            Some(Node::Float(bits)) => {
                write_head(writer, CONSTANT, FLOAT);
                writer.bytes(&bits.to_le_bytes());
            }
            Some(Node::Unsigned(number)) => write_head(writer, UNSIGNED, *number),
            Some(Node::Negative(number)) => write_head(writer, NEGATIVE, *number),
            Some(Node::Text(text)) => match self.plan.word(id) {
                Some(number) => write_head(writer, WORD, number),
                None => {
                    write_head(writer, TEXT, number(text.len()));
                    writer.bytes(text.as_bytes());
                }
            },
            Some(Node::Array(items)) => {
                write_head(writer, ARRAY, number(items.len()));
                items.iter().for_each(|item| self.write(*item, writer));
            }
            Some(Node::Object(members)) => {
                write_head(writer, OBJECT, number(members.len()));
                for (name, value) in members {
                    self.write_name(*name, writer);
                    self.write(*value, writer);
                }
            }
        }
    }

    fn write_name(&self, id: NodeId, writer: &mut Writer) {
        if let Some(number) = self.plan.word(id) {
            writer.number(number << 1);
        } else if let Some(Node::Text(text)) = self.plan.pool.node(id) {
            writer.number(number(text.len()) << 1 | 1);
            writer.bytes(text.as_bytes());
        }
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// At most [`MAX_RANGES`] ranges that contain all of these: where there are more, those with the smallest gaps become one.
fn merge(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let gap = |pair: &[Range<u64>]| match pair {
        [before, after] => after.start.saturating_sub(before.end),
        _ => 0,
    };
    let mut gaps: Vec<_> = ranges.windows(2).map(gap).collect();
    gaps.sort_unstable_by(|a, b| b.cmp(a));
    // Gaps up to this one are read as well.
    let read = gaps.get(MAX_RANGES.saturating_sub(1)).copied().unwrap_or(0);
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start.saturating_sub(last.end) <= read => last.end = range.end,
            _ => merged.push(range),
        }
    }
    merged
}

/// Writes ranges as the gap before each, and its length.
fn write_ranges(ranges: &[Range<u64>], writer: &mut Writer) {
    writer.length(ranges.len());
    let mut end = 0;
    for range in ranges {
        writer.number(range.start.saturating_sub(end));
        writer.number(range.end.saturating_sub(range.start));
        end = range.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_few_and_contain_all() {
        let ranges: Vec<_> = (0..40_u64).map(|n| n * n * 10..n * n * 10 + 5).collect();
        let merged = merge(ranges.clone());
        assert!(merged.len() <= MAX_RANGES, "{merged:?}");
        for range in ranges {
            assert!(
                merged
                    .iter()
                    .any(|m| m.start <= range.start && range.end <= m.end)
            );
        }
        assert_eq!(merge(vec![3..5, 0..3, 9..10]), [0..5, 9..10]);
    }
}
