//! The fields of an operation that are not in the index.
//!
//! They are written in the order of [`write`], which [`read`](super::decode) repeats. An `Option` is 0 or 1, one byte, and the
//! value. A choice is one byte.

use serde_json::Value;

use super::pool::{NodeId, Pool};
use crate::{
    Body, BodyContent, BodyForm, Encoding, Location, Member, Method, Operation, Output, Parameter,
    PathPiece, ResultShape, Source, Style, WholeForm,
};

/// A field, with its texts and values in a pool.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field {
    Byte(u8),
    Number(usize),
    /// A text or a value.
    Node(NodeId),
}

/// The fields of an operation.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pool: &'a mut Pool,
    fields: Vec<Field>,
    /// Whether every value has a form.
    is_complete: bool,
}

impl Fields<'_> {
    /// The fields of an operation; `None` if one of its values has no form.
    pub(super) fn of(operation: &Operation, pool: &mut Pool) -> Option<Vec<Field>> {
        let mut fields = Fields {
            pool,
            fields: Vec::new(),
            is_complete: true,
        };
        write(operation, &mut fields);
        fields.is_complete.then_some(fields.fields)
    }

    fn byte(&mut self, byte: u8) {
        self.fields.push(Field::Byte(byte));
    }

    fn length(&mut self, length: usize) {
        self.fields.push(Field::Number(length));
    }

    fn text(&mut self, text: &str) {
        self.fields.push(Field::Node(self.pool.text(text)));
    }

    fn value(&mut self, value: &Value) {
        match self.pool.value(value) {
            Some(id) => self.fields.push(Field::Node(id)),
            None => self.is_complete = false,
        }
    }

    fn flag(&mut self, flag: bool) {
        self.byte(u8::from(flag));
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    fn texts(&mut self, texts: &[String]) {
        self.list(texts, |fields, text| fields.text(text));
    }

    /// Writes the place of a choice. The lists below are complete.
    fn choice<T: PartialEq>(&mut self, choices: &[T], chosen: &T) {
        let place = choices.iter().position(|choice| choice == chosen);
        match place.and_then(|place| u8::try_from(place).ok()) {
            Some(place) => self.byte(place),
            None => self.is_complete = false,
        }
    }
}

/// The choices of each enumeration, whose places are their bytes.
pub(super) const METHODS: [Method; 8] = [
    Method::Get,
    Method::Head,
    Method::Post,
    Method::Put,
    Method::Patch,
    Method::Delete,
    Method::Options,
    Method::Trace,
];
pub(super) const LOCATIONS: [Location; 4] = [
    Location::Path,
    Location::Query,
    Location::Header,
    Location::Cookie,
];
pub(super) const STYLES: [Style; 7] = [
    Style::Simple,
    Style::Label,
    Style::Matrix,
    Style::Form,
    Style::SpaceDelimited,
    Style::PipeDelimited,
    Style::DeepObject,
];
pub(super) const WHOLE_FORMS: [WholeForm; 4] = [
    WholeForm::Json,
    WholeForm::Text,
    WholeForm::Base64,
    WholeForm::UrlEncoded,
];
pub(super) const BODY_FORMS: [BodyForm; 3] =
    [BodyForm::Json, BodyForm::UrlEncoded, BodyForm::Multipart];

/// Writes the fields.
fn write(operation: &Operation, fields: &mut Fields<'_>) {
    fields.option(operation.title.as_deref(), |fields, title| {
        fields.text(title)
    });
    fields.text(&operation.description);
    fields.choice(&METHODS, &operation.method);
    fields.list(&operation.path, |fields, segment| {
        fields.list(segment, path_piece);
    });
    fields.list(&operation.fixed_query, |fields, (name, value)| {
        fields.text(name);
        fields.text(value);
    });
    fields.list(&operation.parameters, parameter);
    fields.option(operation.body.as_ref(), body);
    fields.text(&operation.accept);
    fields.value(&operation.input);
    fields.option(operation.strict_input.as_ref(), |fields, schema| {
        fields.value(schema)
    });
    output(fields, &operation.output);
    shape(fields, &operation.shape);
}

fn path_piece(fields: &mut Fields<'_>, piece: &PathPiece) {
    match piece {
        PathPiece::Literal(text) => {
            fields.byte(0);
            fields.text(text);
        }
        PathPiece::Parameter(index) => {
            fields.byte(1);
            fields.length(*index);
        }
    }
}

fn parameter(fields: &mut Fields<'_>, parameter: &Parameter) {
    fields.text(&parameter.name);
    source(fields, &parameter.source);
    fields.choice(&LOCATIONS, &parameter.location);
    encoding(fields, parameter.encoding);
    fields.flag(parameter.allow_slash);
}

fn source(fields: &mut Fields<'_>, source: &Source) {
    match source {
        Source::Argument {
            name,
            required,
            default,
        } => {
            fields.byte(0);
            fields.text(name);
            fields.flag(*required);
            fields.option(default.as_ref(), |fields, value| fields.value(value));
        }
        Source::Fixed(value) => {
            fields.byte(1);
            fields.value(value);
        }
        Source::Absent => fields.byte(2),
    }
}

fn encoding(fields: &mut Fields<'_>, encoding: Encoding) {
    match encoding {
        Encoding::Json => fields.byte(0),
        Encoding::Style {
            style,
            explode,
            allow_reserved,
        } => {
            fields.byte(1);
            fields.choice(&STYLES, &style);
            fields.flag(explode);
            fields.flag(allow_reserved);
        }
    }
}

fn body(fields: &mut Fields<'_>, body: &Body) {
    fields.text(&body.media_type);
    fields.flag(body.required);
    match &body.content {
        BodyContent::Whole { source: from, form } => {
            fields.byte(0);
            source(fields, from);
            fields.choice(&WHOLE_FORMS, form);
        }
        BodyContent::Members { members, form } => {
            fields.byte(1);
            fields.list(members, member);
            fields.choice(&BODY_FORMS, form);
        }
    }
}

fn member(fields: &mut Fields<'_>, member: &Member) {
    fields.text(&member.name);
    source(fields, &member.source);
    encoding(fields, member.encoding);
    fields.option(member.content_type.as_deref(), |fields, kind| {
        fields.text(kind)
    });
    fields.flag(member.is_binary);
}

fn output(fields: &mut Fields<'_>, output: &Output) {
    match output {
        Output::Text => fields.byte(0),
        Output::Open => fields.byte(1),
        Output::Schema { schema, wrapped } => {
            fields.byte(2);
            fields.value(schema);
            fields.flag(*wrapped);
        }
    }
}

fn shape(fields: &mut Fields<'_>, shape: &ResultShape) {
    fields.texts(&shape.select);
    fields.texts(&shape.omit);
    fields.option(shape.max_items, |fields, items| {
        fields.length(usize::try_from(items).unwrap_or(usize::MAX));
    });
    fields.option(shape.page_argument.as_deref(), |fields, name| {
        fields.text(name)
    });
}
