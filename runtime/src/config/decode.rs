//! Decodes settings from their binary form ([`mcp_edge_settings::wire`]).

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use mcp_edge_settings::span::{self, constant};
use mcp_edge_settings::wire::{MAX_BYTES, Reader as Bytes, VERSION};
use mcp_edge_settings::{choice, for_each_table, key_path};

use super::{
    Algorithm, AuthorityType, Capture, CardRenderer, ClientAuthentication, DeliveryMode, Effect,
    Encoding, Exposure, Format, Issuer, JwksSource, LivePolicyReader, Network, Outcome,
    PageRenderer, Protocol, RateLimit, RateLimitKey, Rule, Settings, SigningAlgorithm,
    SigningKeysSecret, Sink, TenantSource, TextSetting, TokenType, Upstream,
};
use crate::host::Timestamp;

/// The maximum size of the lists in settings, in bytes. An entry in the binary form can be a hundred times as large in memory.
const MAX_MEMORY: usize = 16 << 20;

/// The drivers that settings may name by a word. Constant settings refer to their drivers, so that a server links no others. A
/// server that decodes its settings links every driver listed here.
#[derive(Debug, Clone, Copy)]
pub struct Drivers {
    /// The values of a sink's `type`.
    pub protocols: &'static [Protocol],
    /// The values of a sink's `format`.
    pub formats: &'static [Format],
    /// The values of an issuer's `algorithms`.
    pub algorithms: &'static [Algorithm],
}

/// Why settings in binary form cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", if key.is_empty() { String::new() } else { format!("{key}: ") })]
pub struct DecodeError {
    key: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error(
        "the settings have version {0} and must have version {VERSION}; encode them with the server's version of mcp-edge"
    )]
    Version(u8),
    #[error("the bytes are not settings; encode them again")]
    Malformed,
    #[error(
        "the settings must be at most {MAX_BYTES} bytes, and their lists at most {MAX_MEMORY} bytes in memory"
    )]
    TooLarge,
    #[error(
        "`{0}` is not a setting of this server; encode the settings with the server's version of mcp-edge"
    )]
    UnknownKey(String),
    #[error("`{0}` is not available in this server")]
    UnknownWord(String),
    #[error("must be from {least} to {most}, got {found}")]
    OutOfRange {
        least: String,
        most: String,
        found: String,
    },
}

/// The maximum length of what an error repeats, in characters.
const MAX_REPEATED: usize = 64;

impl DecodeError {
    fn within(mut self, key: &str) -> Self {
        let dot = if self.key.is_empty() || self.key.starts_with('[') {
            ""
        } else {
            "."
        };
        self.key = format!("{key}{dot}{}", self.key);
        self
    }
}

impl From<Problem> for DecodeError {
    fn from(problem: Problem) -> Self {
        Self {
            key: String::new(),
            problem,
        }
    }
}

impl Settings {
    /// Decodes the settings of one environment, as `mcp_edge_config::encode` writes them. A setting that is not there has its
    /// default.
    ///
    /// Every text and list is leaked, since settings live as long as the process: decode once in a process or an instance. Texts
    /// are not checked to be URLs, patterns and the like; the encoder has done so.
    ///
    /// # Errors
    ///
    /// The bytes are not settings of this version, a number or a duration is out of its range, or a word names what is not among
    /// `drivers`.
    pub fn decode(bytes: &[u8], drivers: &Drivers) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            return Err(Problem::TooLarge.into());
        }
        let mut reader = Reader {
            bytes: Bytes::new(bytes),
            drivers,
            memory: MAX_MEMORY,
            in_overlays: false,
        };
        let version = reader.byte()?;
        if version != VERSION {
            return Err(Problem::Version(version).into());
        }
        let settings = Self::decode_from(&mut reader)?;
        if !reader.bytes.is_at_end() {
            return Err(Problem::Malformed.into());
        }
        Ok(settings)
    }
}

struct Reader<'a> {
    bytes: Bytes<'a>,
    drivers: &'a Drivers,
    /// What lists may still take, in bytes.
    memory: usize,
    in_overlays: bool,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        self.bytes.byte().ok_or(Problem::Malformed.into())
    }

    fn text(&mut self) -> Result<&'a str, DecodeError> {
        self.bytes.text().ok_or(Problem::Malformed.into())
    }

    fn integer(&mut self) -> Result<u64, DecodeError> {
        self.bytes.number().ok_or(Problem::Malformed.into())
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        self.bytes.length().ok_or(Problem::Malformed.into())
    }

    fn number<T: TryFrom<u64>>(&mut self, range: RangeInclusive<u64>) -> Result<T, DecodeError> {
        let found = self.integer()?;
        let number = T::try_from(found).ok().filter(|_| range.contains(&found));
        number
            .ok_or_else(|| out_of_range([*range.start(), *range.end(), found], |it| it.to_string()))
    }

    fn duration(&mut self, range: RangeInclusive<Duration>) -> Result<Duration, DecodeError> {
        let found = Duration::from_millis(self.integer()?);
        if range.contains(&found) {
            return Ok(found);
        }
        Err(out_of_range(
            [*range.start(), *range.end(), found],
            span::format,
        ))
    }

    /// A word for one of `all`, which have these names.
    fn one_of<T: Copy>(
        &mut self,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, DecodeError> {
        let word = self.text()?;
        let found = all.iter().copied().find(|one| name(*one) == word);
        found.ok_or_else(|| unknown_word(word))
    }

    fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self, usize) -> Result<T, DecodeError>,
    ) -> Result<&'static [T], DecodeError> {
        let length = self.length()?;
        let memory = length.checked_mul(size_of::<T>());
        self.memory = memory
            .and_then(|memory| self.memory.checked_sub(memory))
            .ok_or(Problem::TooLarge)?;
        let mut list = Vec::with_capacity(length);
        for position in 0..length {
            list.push(one(self, position)?);
        }
        Ok(list.leak())
    }

    /// The overlays of a table, which have none themselves.
    fn overlays<T>(
        &mut self,
        one: impl FnMut(&mut Self, usize) -> Result<T, DecodeError>,
    ) -> Result<&'static [T], DecodeError> {
        if std::mem::replace(&mut self.in_overlays, true) {
            return Err(Problem::Malformed.into());
        }
        let overlays = self.list(one);
        self.in_overlays = false;
        overlays
    }

    /// Each key of a table, in ascending order.
    fn table(
        &mut self,
        mut set: impl FnMut(&mut Self, &str) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut last = None;
        for _ in 0..self.length()? {
            let key = self.text()?;
            if last >= Some(key) {
                return Err(Problem::Malformed.into());
            }
            set(self, key)?;
            last = Some(key);
        }
        Ok(())
    }
}

fn out_of_range<T>(values: [T; 3], written: impl Fn(T) -> String) -> DecodeError {
    let [least, most, found] = values.map(written);
    Problem::OutOfRange { least, most, found }.into()
}

fn unknown_word(word: &str) -> DecodeError {
    Problem::UnknownWord(repeated(word)).into()
}

/// The beginning of a text, as an error repeats it.
fn repeated(text: &str) -> String {
    text.chars()
        .take(MAX_REPEATED)
        .flat_map(char::escape_debug)
        .collect()
}

/// A value in binary form.
trait Decode: Sized {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

macro_rules! decode {
    ($table:ident $example:tt $about:tt $fixed:tt $(@$group:ident $section_header:tt { $({
        [$($section:ident)?] $field:ident $path:tt $kind:ident [$($of:tt)*] $default:tt $otherwise:tt $help:tt
    })* })* build $build:tt) => {
        impl Decode for $table {
            fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let mut table = Self::DEFAULT;
                reader.table(|reader, key| {
                    match key {
                        $($(key_path!([$($section)?] $field $path) => {
                            let value = value!($kind [$($of)*] reader).map_err(|error| error.within(key))?;
                            table$(.$section)?.$field = value.into();
                        })*)*
                        unknown => return Err(Problem::UnknownKey(repeated(unknown)).into()),
                    }
                    Ok(())
                })?;
                Ok(table)
            }
        }
    };
}

macro_rules! value {
    (Number [$number:ident: $least:tt..=$most:tt] $reader:ident) => { $reader.number::<$number>($least..=$most) };
    (Duration [$least:tt..=$most:tt] $reader:ident) => { $reader.duration(const { constant($least)..=constant($most) }) };
    (Driver [$driver:ident::$constant:ident] $reader:ident) => {
        bool::decode_from($reader).map(|is_on| is_on.then_some($driver::$constant))
    };
    (Named [$table:ident] $reader:ident) => {
        $reader.list(|reader, _| {
            let name = reader.text()?;
            let table = $table::decode_from(reader).map_err(|error| error.within(&repeated(name)))?;
            Ok($table { name: leak(name), ..table })
        })
    };
    (Overlays [$table:ident] $reader:ident) => {
        $reader.overlays(|reader, _| {
            let tenant = reader.text()?;
            let table = $table::decode_from(reader).map_err(|error| error.within(&repeated(tenant)))?;
            Ok($table { tenant: Some(leak(tenant)), ..table })
        })
    };
    ($kind:ident [$($of:tt)*] $reader:ident) => { <value_type!($kind [$($of)*])>::decode_from($reader) };
}

for_each_table!(decode);

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

impl Decode for bool {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Problem::Malformed.into()),
        }
    }
}

impl Decode for &'static str {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.text().map(leak)
    }
}

impl<T: Decode> Decode for &'static [T] {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.list(|reader, position| {
            T::decode_from(reader).map_err(|error| error.within(&format!("[{position}]")))
        })
    }
}

/// A member of a map.
impl<T: Decode> Decode for (&'static str, T) {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok((Decode::decode_from(reader)?, Decode::decode_from(reader)?))
    }
}

impl Decode for Timestamp {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.integer().map(Self::from_millis)
    }
}

impl Decode for TextSetting {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.byte()? {
            0 => Decode::decode_from(reader).map(Self::Literal),
            1 => Decode::decode_from(reader).map(Self::Variable),
            _ => Err(Problem::Malformed.into()),
        }
    }
}

impl Decode for JwksSource {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.byte()? {
            0 => Ok(Self::Discovery),
            1 => Decode::decode_from(reader).map(Self::Url),
            2 => Decode::decode_from(reader).map(Self::Set),
            _ => Err(Problem::Malformed.into()),
        }
    }
}

impl Decode for TenantSource {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.byte()? {
            0 => Decode::decode_from(reader).map(Self::Fixed),
            1 => Decode::decode_from(reader).map(Self::Claim),
            _ => Err(Problem::Malformed.into()),
        }
    }
}

impl Decode for Network {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (address, bits) = match reader.byte()? {
            4 => (reader.bytes.bytes::<4>().map(IpAddr::from), 32),
            6 => (reader.bytes.bytes::<16>().map(IpAddr::from), 128),
            _ => (None, 0),
        };
        let prefix = reader.byte()?;
        match address {
            Some(address) if prefix <= bits => Ok(Self::new(address, prefix)),
            _ => Err(Problem::Malformed.into()),
        }
    }
}

impl Decode for SigningKeysSecret {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Decode::decode_from(reader).map(Self::in_secret)
    }
}

macro_rules! choices {
    ($($choice:ident)+) => { $(
        impl Decode for $choice {
            fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let word = reader.text()?;
                Self::named(word).ok_or_else(|| unknown_word(word))
            }
        }
    )+ };
}

choices!(
    AuthorityType ClientAuthentication DeliveryMode Effect Encoding Exposure RateLimitKey
    SigningAlgorithm TokenType
);

impl Decode for Outcome {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let is_choice = |outcome: &Self| {
            choice::Outcome::CHOICES
                .iter()
                .any(|choice| choice.name == outcome.as_str())
        };
        let all: Vec<_> = Self::ALL.into_iter().filter(is_choice).collect();
        reader.one_of(&all, Self::as_str)
    }
}

impl Decode for Protocol {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.one_of(reader.drivers.protocols, Self::name)
    }
}

impl Decode for Format {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.one_of(reader.drivers.formats, Self::name)
    }
}

impl Decode for Algorithm {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.one_of(reader.drivers.algorithms, |algorithm| algorithm.name())
    }
}

#[cfg(test)]
mod tests;
