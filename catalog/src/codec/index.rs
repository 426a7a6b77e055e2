//! The index: the facts about each tool that routing, lists and policy need.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use mcp_edge_schema::mirror::{MirroredHeader, MirroredType};
use mcp_edge_settings::wire::{Reader, Writer};

use super::decode::PackedOperation;
use super::dictionary::Dictionary;
use super::{DecodeError, Header};
use crate::definition::{DIGEST_BYTES, Definition};
use crate::{Annotations, Destinations, Operation};

const MIRRORED: [MirroredType; 3] = [
    MirroredType::String,
    MirroredType::Integer,
    MirroredType::Boolean,
];
const HINTS: [Option<bool>; 3] = [None, Some(false), Some(true)];

/// The tools of a catalog, without the parts that only a call needs.
#[derive(Debug)]
pub struct Index {
    header: Header,
    dictionary: Dictionary,
    summaries: Vec<Summary>,
    /// The places of the summaries in the order of their names.
    by_name: Vec<u32>,
}

/// The entry of a tool in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    name: Box<str>,
    upstream: Arc<str>,
    origin: Option<Arc<str>>,
    annotations: Annotations,
    scopes: Arc<[String]>,
    tags: Arc<[String]>,
    mirrored: Box<[MirroredHeader]>,
    digest: [u8; DIGEST_BYTES],
    request: [u8; DIGEST_BYTES],
    /// From the start of the section.
    range: Range<u64>,
}

impl Summary {
    /// The name of the tool.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the upstream in the configuration.
    pub fn upstream(&self) -> &str {
        &self.upstream
    }

    /// The origin of the upstream that serves the operation, if that is not the upstream's `url`.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The hints about the tool's behaviour.
    pub fn annotations(&self) -> Annotations {
        self.annotations
    }

    /// The scopes that a caller must have.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The operation's tags in its document.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// The arguments that clients repeat in headers.
    pub fn mirrored(&self) -> &[MirroredHeader] {
        &self.mirrored
    }

    /// SHA-256 of the tool's [definition](crate::Definition) as clients of the newest revision list it, in canonical JSON.
    pub fn digest(&self) -> [u8; DIGEST_BYTES] {
        self.digest
    }

    /// The digest of all that the tool does besides what its definition shows.
    pub fn behaviour(&self, destinations: &Destinations) -> [u8; DIGEST_BYTES] {
        destinations.behaviour(self.upstream(), self.origin(), self.request)
    }

    /// The digest of the [request](Operation::request_digest).
    pub fn request_digest(&self) -> [u8; DIGEST_BYTES] {
        self.request
    }
}

impl Index {
    /// Reads the bytes of [`Header::index_range`].
    pub fn decode(header: Header, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let range = header.operations_range();
        let (dictionary, summaries, by_name) = read(&mut reader)
            .filter(|_| reader.is_at_end())
            .filter(|(_, summaries, _)| {
                let end = summaries.last().map_or(0, |summary| summary.range.end);
                range.start.checked_add(end) == Some(range.end)
            })
            .ok_or(DecodeError::Damaged("index"))?;
        Ok(Self {
            header,
            dictionary,
            summaries,
            by_name,
        })
    }

    /// Reads the index of a whole catalog.
    pub fn of_catalog(bytes: &[u8]) -> Result<Self, DecodeError> {
        let header = bytes
            .get(..Header::LENGTH)
            .ok_or(DecodeError::NotACatalog)?;
        let header = Header::decode(header)?;
        let range = header.index_range();
        let part = |place: u64| usize::try_from(place).ok();
        let index = part(range.start)
            .zip(part(range.end))
            .and_then(|(start, end)| bytes.get(start..end))
            .ok_or(DecodeError::Damaged("index"))?;
        Self::decode(header, index)
    }

    /// The tools in the order of their list.
    pub fn summaries(&self) -> &[Summary] {
        &self.summaries
    }

    /// The tool with this name, and its place in the list.
    pub fn find(&self, name: &str) -> Option<(usize, &Summary)> {
        let named = |place: &u32| {
            let place = usize::try_from(*place).ok()?;
            Some((place, self.summaries.get(place)?))
        };
        let found = self.by_name.binary_search_by(|place| {
            named(place)
                .map_or("", |(_, summary)| &summary.name)
                .cmp(name)
        });
        named(self.by_name.get(found.ok()?)?)
    }

    /// The range in the catalog of the operation at this place, in bytes.
    pub fn operation_range(&self, place: usize) -> Option<Range<u64>> {
        let range = &self.summaries.get(place)?.range;
        let start = self.header.operations_range().start;
        Some(start.checked_add(range.start)?..start.checked_add(range.end)?)
    }

    /// Reads the operation at this place, given the whole catalog.
    pub fn operation(&self, place: usize, catalog: &[u8]) -> Result<Operation, DecodeError> {
        let part = |range: Range<u64>| {
            let (start, end) = (range.start.try_into().ok()?, range.end.try_into().ok()?);
            catalog.get::<Range<usize>>(start..end)
        };
        let damaged = || DecodeError::Damaged("operation");
        let range = self.operation_range(place).ok_or_else(damaged)?;
        let packed = self.unpack(place, part(range).ok_or_else(damaged)?)?;
        let shared = packed.shared_ranges().iter().cloned().map(part);
        packed.decode(&shared.collect::<Option<Vec<_>>>().ok_or_else(damaged)?)
    }

    /// Reads which ranges of the catalog the operation at this place needs, given the bytes of its
    /// [`operation_range`](Self::operation_range).
    pub fn unpack<'a>(
        &'a self,
        place: usize,
        bytes: &'a [u8],
    ) -> Result<PackedOperation<'a>, DecodeError> {
        let summary = self
            .summaries
            .get(place)
            .filter(|summary| {
                let length = summary.range.end.checked_sub(summary.range.start);
                length == u64::try_from(bytes.len()).ok()
            })
            .ok_or(DecodeError::Damaged("operation"))?;
        PackedOperation::new(self, summary, bytes)
    }

    /// The header, with the places of the sections.
    pub fn header(&self) -> &Header {
        &self.header
    }

    pub(super) fn shared_range(&self) -> Range<u64> {
        self.header.shared_range()
    }

    pub(super) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }
}

/// Lists that many tools have in common, each with a number in the order of their first use.
struct Lists<'a>(Vec<&'a [String]>, BTreeMap<&'a [String], usize>);

impl<'a> Lists<'a> {
    fn of(lists: impl Iterator<Item = &'a [String]>) -> Self {
        let mut all = Self(Vec::new(), BTreeMap::new());
        for list in lists {
            let number = all.0.len();
            if let std::collections::btree_map::Entry::Vacant(entry) = all.1.entry(list) {
                entry.insert(number);
                all.0.push(list);
            }
        }
        all
    }

    fn write(&self, writer: &mut Writer) {
        writer.length(self.0.len());
        self.0.iter().for_each(|list| write_texts(list, writer));
    }

    fn number(&self, list: &[String]) -> usize {
        self.1.get(list).copied().unwrap_or_default()
    }
}

fn write_texts(texts: &[String], writer: &mut Writer) {
    writer.length(texts.len());
    texts.iter().for_each(|text| writer.text(text));
}

/// Writes the index but for the dictionary; `lengths` are those of the operations in bytes.
pub(super) fn write(
    operations: &[Operation],
    mirrors: &[Vec<MirroredHeader>],
    lengths: &[usize],
    writer: &mut Writer,
) {
    let upstreams: Vec<_> = operations
        .iter()
        .map(|operation| {
            let upstream = std::iter::once(operation.upstream.clone());
            upstream.chain(operation.origin.clone()).collect::<Vec<_>>()
        })
        .collect();
    let upstreams_of = Lists::of(upstreams.iter().map(Vec::as_slice));
    let scopes = Lists::of(operations.iter().map(|operation| &operation.scopes[..]));
    let tags = Lists::of(operations.iter().map(|operation| &operation.tags[..]));
    for lists in [&upstreams_of, &scopes, &tags] {
        lists.write(writer);
    }
    writer.length(operations.len());
    let parts = operations.iter().zip(mirrors).zip(lengths).zip(&upstreams);
    for (((operation, mirrored), length), upstream) in parts {
        writer.text(&operation.name);
        writer.length(upstreams_of.number(upstream));
        write_annotations(operation.annotations, writer);
        writer.length(scopes.number(&operation.scopes));
        writer.length(tags.number(&operation.tags));
        writer.length(mirrored.len());
        for header in mirrored {
            writer.text(&header.header);
            write_choice(&MIRRORED, header.kind, writer);
            write_texts(&header.path, writer);
        }
        writer.bytes(&Definition::of(operation).digest());
        writer.bytes(&operation.request_digest());
        writer.length(*length);
    }
    let mut by_name: Vec<_> = operations
        .iter()
        .map(|operation| &operation.name)
        .enumerate()
        .collect();
    by_name.sort_by_key(|(_, name)| *name);
    by_name.iter().for_each(|(place, _)| writer.length(*place));
}

fn write_choice<T: PartialEq>(choices: &[T], chosen: T, writer: &mut Writer) {
    let place = choices.iter().position(|choice| *choice == chosen);
    writer.byte(
        place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or_default(),
    );
}

fn write_annotations(annotations: Annotations, writer: &mut Writer) {
    let Annotations {
        read_only,
        destructive,
        idempotent,
        open_world,
    } = annotations;
    for hint in [read_only, destructive, idempotent, open_world] {
        write_choice(&HINTS, hint, writer);
    }
}

fn read(reader: &mut Reader<'_>) -> Option<(Dictionary, Vec<Summary>, Vec<u32>)> {
    let dictionary = Dictionary::decode(reader)?;
    let upstreams = read_list(reader, |reader| {
        let texts = read_list(reader, read_text)?;
        let mut texts = texts.into_iter().map(Arc::<str>::from);
        let place = (texts.next()?, texts.next());
        texts.next().is_none().then_some(place)
    })?;
    let texts = |reader: &mut Reader<'_>| read_list(reader, read_text).map(Arc::<[String]>::from);
    let scopes = read_list(reader, texts)?;
    let tags = read_list(reader, texts)?;
    let mut end = 0_u64;
    let summaries = read_list(reader, |reader| {
        let name = reader.text()?.into();
        let (upstream, origin) = read_number(reader, &upstreams)?;
        Some(Summary {
            name,
            upstream,
            origin,
            annotations: Annotations {
                read_only: read_choice(reader, &HINTS)?,
                destructive: read_choice(reader, &HINTS)?,
                idempotent: read_choice(reader, &HINTS)?,
                open_world: read_choice(reader, &HINTS)?,
            },
            scopes: read_number(reader, &scopes)?,
            tags: read_number(reader, &tags)?,
            mirrored: read_list(reader, read_mirrored)?.into(),
            digest: reader.bytes()?,
            request: reader.bytes()?,
            range: {
                let start = end;
                end = end.checked_add(reader.number()?)?;
                start..end
            },
        })
    })?;
    let mut by_name = Vec::new();
    let mut previous: Option<&str> = None;
    for _ in &summaries {
        let place = u32::try_from(reader.number()?).ok()?;
        let name = &*summaries.get(usize::try_from(place).ok()?)?.name;
        if previous.is_some_and(|previous| previous >= name) {
            return None;
        }
        previous = Some(name);
        by_name.push(place);
    }
    Some((dictionary, summaries, by_name))
}

fn read_list<'a, T>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = reader.length()?;
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(read(reader)?);
    }
    Some(items)
}

fn read_text(reader: &mut Reader<'_>) -> Option<String> {
    reader.text().map(str::to_owned)
}

fn read_choice<T: Copy>(reader: &mut Reader<'_>, choices: &[T]) -> Option<T> {
    choices.get(usize::from(reader.byte()?)).copied()
}

fn read_number<T: Clone>(reader: &mut Reader<'_>, items: &[T]) -> Option<T> {
    items.get(usize::try_from(reader.number()?).ok()?).cloned()
}

fn read_mirrored(reader: &mut Reader<'_>) -> Option<MirroredHeader> {
    Some(MirroredHeader {
        header: read_text(reader)?,
        kind: read_choice(reader, &MIRRORED)?,
        path: read_list(reader, read_text)?,
    })
}
