//! An operation from bytes.

use std::ops::Range;

use mcp_edge_settings::wire::Reader;
use serde_json::Value;

use super::DecodeError;
use super::body::{BODY_FORMS, LOCATIONS, METHODS, STYLES, WHOLE_FORMS};
use super::index::{Index, Summary};
use super::values::{Piece, Values};
use crate::{
    Body, BodyContent, Encoding, Member, Operation, Output, Parameter, PathPiece, ResultShape,
    Source,
};

const DAMAGED: DecodeError = DecodeError::Damaged("operation");
/// More than any encoder writes; each costs a read.
const MAX_RANGES: usize = 64;

/// An operation whose shared parts have not been read yet.
#[derive(Debug)]
pub struct PackedOperation<'a> {
    index: &'a Index,
    summary: &'a Summary,
    /// From the start of the shared section.
    starts: Vec<u64>,
    /// In the whole catalog.
    ranges: Vec<Range<u64>>,
    fields: Reader<'a>,
}

impl<'a> PackedOperation<'a> {
    pub(super) fn new(
        index: &'a Index,
        summary: &'a Summary,
        bytes: &'a [u8],
    ) -> Result<Self, DecodeError> {
        let mut fields = Reader::new(bytes);
        let (starts, ranges) = read_ranges(&mut fields, &index.shared_range()).ok_or(DAMAGED)?;
        Ok(Self {
            index,
            summary,
            starts,
            ranges,
            fields,
        })
    }

    /// The ranges of the catalog that the operation needs besides its own: at most a few, in ascending order.
    pub fn shared_ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// Reads the operation, given the bytes of each of the [`shared_ranges`](Self::shared_ranges).
    pub fn decode(&self, shared: &[impl AsRef<[u8]>]) -> Result<Operation, DecodeError> {
        let lengths = self
            .ranges
            .iter()
            .map(|range| range.end.checked_sub(range.start));
        let given = shared
            .iter()
            .map(|bytes| u64::try_from(bytes.as_ref().len()).ok());
        if !lengths.eq(given) {
            return Err(DAMAGED);
        }
        let pieces = self.starts.iter().zip(shared).map(|(start, bytes)| Piece {
            start: *start,
            bytes: bytes.as_ref(),
        });
        let mut fields = Fields {
            reader: self.fields,
            values: Values::new(self.index.dictionary(), pieces.collect()),
        };
        let operation = fields.operation(self.summary).ok_or(DAMAGED)?;
        if fields.reader.is_at_end() {
            Ok(operation)
        } else {
            Err(DAMAGED)
        }
    }
}

fn read_ranges(
    reader: &mut Reader<'_>,
    section: &Range<u64>,
) -> Option<(Vec<u64>, Vec<Range<u64>>)> {
    let mut starts = Vec::new();
    let mut ranges = Vec::new();
    let mut end = 0_u64;
    let count = reader.length().filter(|count| *count <= MAX_RANGES)?;
    for _ in 0..count {
        let start = end.checked_add(reader.number()?)?;
        end = start.checked_add(reader.number()?)?;
        let range = section.start.checked_add(start)?..section.start.checked_add(end)?;
        if range.is_empty() || range.end > section.end {
            return None;
        }
        starts.push(start);
        ranges.push(range);
    }
    Some((starts, ranges))
}

/// Reads what [`body`](super::body) writes.
struct Fields<'a> {
    reader: Reader<'a>,
    values: Values<'a>,
}

impl Fields<'_> {
    fn text(&mut self) -> Option<String> {
        self.values.text(&mut self.reader)
    }

    fn value(&mut self) -> Option<Value> {
        self.values.value(&mut self.reader)
    }

    fn flag(&mut self) -> Option<bool> {
        self.choice(&[false, true])
    }

    fn choice<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        choices.get(usize::from(self.reader.byte()?)).copied()
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        Some(if self.flag()? {
            Some(read(self)?)
        } else {
            None
        })
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.reader.length()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(read(self)?);
        }
        Some(items)
    }

    fn number<T: TryFrom<u64>>(&mut self) -> Option<T> {
        self.reader.number()?.try_into().ok()
    }

    fn operation(&mut self, summary: &Summary) -> Option<Operation> {
        let operation = Operation {
            name: summary.name().to_owned(),
            annotations: summary.annotations(),
            scopes: summary.scopes().to_owned(),
            tags: summary.tags().to_owned(),
            upstream: summary.upstream().to_owned(),
            origin: summary.origin().map(str::to_owned),
            title: self.option(Self::text)?,
            description: self.text()?,
            method: self.choice(&METHODS)?,
            path: self.list(|fields| fields.list(Self::path_piece))?,
            fixed_query: self.list(|fields| Some((fields.text()?, fields.text()?)))?,
            parameters: self.list(Self::parameter)?,
            body: self.option(Self::body)?,
            accept: self.text()?,
            input: self.value()?,
            strict_input: self.option(Self::value)?,
            output: self.output()?,
            shape: self.shape()?,
        };
        let is_declared = |piece: &PathPiece| match piece {
            PathPiece::Literal(_) => true,
            PathPiece::Parameter(index) => *index < operation.parameters.len(),
        };
        operation
            .path
            .iter()
            .flatten()
            .all(is_declared)
            .then_some(operation)
    }

    fn path_piece(&mut self) -> Option<PathPiece> {
        Some(match self.reader.byte()? {
            0 => PathPiece::Literal(self.text()?),
            1 => PathPiece::Parameter(self.number()?),
            _ => return None,
        })
    }

    fn parameter(&mut self) -> Option<Parameter> {
        Some(Parameter {
            name: self.text()?,
            source: self.source()?,
            location: self.choice(&LOCATIONS)?,
            encoding: self.encoding()?,
            allow_slash: self.flag()?,
        })
    }

    fn source(&mut self) -> Option<Source> {
        Some(match self.reader.byte()? {
            0 => Source::Argument {
                name: self.text()?,
                required: self.flag()?,
                default: self.option(Self::value)?,
            },
            1 => Source::Fixed(self.value()?),
            2 => Source::Absent,
            _ => return None,
        })
    }

    fn encoding(&mut self) -> Option<Encoding> {
        Some(match self.reader.byte()? {
            0 => Encoding::Json,
            1 => Encoding::Style {
                style: self.choice(&STYLES)?,
                explode: self.flag()?,
                allow_reserved: self.flag()?,
            },
            _ => return None,
        })
    }

    fn body(&mut self) -> Option<Body> {
        Some(Body {
            media_type: self.text()?,
            required: self.flag()?,
            content: match self.reader.byte()? {
                0 => BodyContent::Whole {
                    source: self.source()?,
                    form: self.choice(&WHOLE_FORMS)?,
                },
                1 => BodyContent::Members {
                    members: self.list(Self::member)?,
                    form: self.choice(&BODY_FORMS)?,
                },
                _ => return None,
            },
        })
    }

    fn member(&mut self) -> Option<Member> {
        Some(Member {
            name: self.text()?,
            source: self.source()?,
            encoding: self.encoding()?,
            content_type: self.option(Self::text)?,
            is_binary: self.flag()?,
        })
    }

    fn output(&mut self) -> Option<Output> {
        Some(match self.reader.byte()? {
            0 => Output::Text,
            1 => Output::Open,
            2 => Output::Schema {
                schema: self.value()?,
                wrapped: self.flag()?,
            },
            _ => return None,
        })
    }

    fn shape(&mut self) -> Option<ResultShape> {
        Some(ResultShape {
            select: self.list(Self::text)?,
            omit: self.list(Self::text)?,
            max_items: self.option(Self::number)?,
            page_argument: self.option(Self::text)?,
        })
    }
}
