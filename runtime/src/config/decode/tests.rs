use std::collections::BTreeMap;

use mcp_edge_settings::wire::Writer;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::audit_trail::MIN_EVENT;

const OTHER_FORMAT: Format = Format::new("other", |_, line| line);

const DRIVERS: Drivers = Drivers {
    protocols: &[Protocol::LOG],
    formats: &[Format::EVENT, OTHER_FORMAT],
    algorithms: &Algorithm::ALL,
};

/// Bytes that samples are made of; zeros follow them.
struct Source<'a>(std::slice::Iter<'a, u8>);

impl Source<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % end)
    }

    fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let any = (0..6).fold(0, |any, _| (any << 8) | self.below(256) as u64);
        range.start() + any % (range.end() - range.start() + 1)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Makes a value up and writes it.
trait Sample {
    fn sample(source: &mut Source<'_>, writer: &mut Writer) -> Self;
}

macro_rules! sample {
    ($table:ident $example:tt $about:tt $fixed:tt $(@$group:ident $section_header:tt { $({
        [$($section:ident)?] $field:ident $path:tt $kind:ident [$($of:tt)*] $default:tt $otherwise:tt $help:tt
    })* })* build $build:tt) => {
        impl Sample for $table {
            fn sample(source: &mut Source<'_>, writer: &mut Writer) -> Self {
                let mut table = Self::DEFAULT;
                let mut keys = BTreeMap::new();
                $($(if source.below(2) == 1 {
                    let mut writer = Writer::new();
                    table$(.$section)?.$field = sampled!($kind [$($of)*] source &mut writer).into();
                    keys.insert(key_path!([$($section)?] $field $path), writer.finish());
                })*)*
                writer.length(keys.len());
                for (key, value) in keys {
                    writer.text(key);
                    writer.bytes(&value[1..]);
                }
                table
            }
        }
    };
}

macro_rules! sampled {
    (Number [$number:ident: $least:tt..=$most:tt] $source:ident $writer:expr) => {{
        let number = $source.within($least..=$most);
        $writer.number(number);
        number as $number
    }};
    (Duration [$least:tt..=$most:tt] $source:ident $writer:expr) => {{
        let [least, most] = [$least, $most].map(|end| constant(end).as_millis() as u64);
        let millis = $source.within(least..=most);
        $writer.number(millis);
        Duration::from_millis(millis)
    }};
    (Driver [$driver:ident::$constant:ident] $source:ident $writer:expr) => {
        bool::sample($source, $writer).then_some($driver::$constant)
    };
    (Named [$table:ident] $source:ident $writer:expr) => {
        list($source, $writer, |source, writer| $table {
            name: Sample::sample(source, writer),
            ..Sample::sample(source, writer)
        })
    };
    (Overlays [$table:ident] $source:ident $writer:expr) => {{
        $writer.length(1);
        let tenant = Sample::sample($source, $writer);
        // They have the keys of a table without overlays.
        $writer.length(0);
        let overlay = $table {
            tenant: Some(tenant),
            ..$table::DEFAULT
        };
        &*vec![overlay].leak()
    }};
    ($kind:ident [$($of:tt)*] $source:ident $writer:expr) => {
        <value_type!($kind [$($of)*])>::sample($source, $writer)
    };
}

for_each_table!(sample);

fn list<T>(
    source: &mut Source<'_>,
    writer: &mut Writer,
    mut one: impl FnMut(&mut Source<'_>, &mut Writer) -> T,
) -> &'static [T] {
    let length = source.below(4);
    writer.length(length);
    let list: Vec<_> = (0..length).map(|_| one(source, writer)).collect();
    list.leak()
}

impl<T: Sample> Sample for &'static [T] {
    fn sample(source: &mut Source<'_>, writer: &mut Writer) -> Self {
        list(source, writer, T::sample)
    }
}

impl<T: Sample> Sample for (&'static str, T) {
    fn sample(source: &mut Source<'_>, writer: &mut Writer) -> Self {
        (Sample::sample(source, writer), T::sample(source, writer))
    }
}

/// Types of which a sample is one of a few, each with a tag and a content, or with a word.
macro_rules! samples {
    ($($type:ty: |$source:ident, $writer:ident| $sample:expr;)+) => { $(
        impl Sample for $type {
            fn sample($source: &mut Source<'_>, $writer: &mut Writer) -> Self {
                $sample
            }
        }
    )+ };
}

/// Writes a word as which one of `all` is known, and gives that one.
fn word<T: Copy>(
    source: &mut Source<'_>,
    writer: &mut Writer,
    all: &[T],
    name: impl Fn(&T) -> &'static str,
) -> T {
    let one = source.one_of(all);
    writer.text(name(&one));
    one
}

fn tag(source: &mut Source<'_>, writer: &mut Writer, all: &[u8]) -> u8 {
    let tag = source.one_of(all);
    writer.byte(tag);
    tag
}

fn choice<T>(
    source: &mut Source<'_>,
    writer: &mut Writer,
    all: &'static [choice::Choice],
    named: fn(&str) -> Option<T>,
) -> T {
    let choice = &all[source.below(all.len())];
    writer.text(choice.name);
    named(choice.name).unwrap()
}

samples! {
    bool: |source, writer| tag(source, writer, &[0, 1]) == 1;
    &'static str: |source, writer| word(source, writer, &["", "a", "fraud:read", "é"], |word| word);
    Timestamp: |source, writer| {
        let millis = source.within(0..=1 << 42);
        writer.number(millis);
        Self::from_millis(millis)
    };
    TextSetting: |source, writer| match tag(source, writer, &[0, 1]) {
        0 => Self::Literal(Sample::sample(source, writer)),
        _ => Self::Variable(Sample::sample(source, writer)),
    };
    JwksSource: |source, writer| match tag(source, writer, &[0, 1, 2]) {
        0 => Self::Discovery,
        1 => Self::Url(Sample::sample(source, writer)),
        _ => Self::Set(Sample::sample(source, writer)),
    };
    TenantSource: |source, writer| match tag(source, writer, &[0, 1]) {
        0 => Self::Fixed(Sample::sample(source, writer)),
        _ => Self::Claim(Sample::sample(source, writer)),
    };
    Network: |source, writer| {
        let (address, prefix) = match tag(source, writer, &[4, 6]) {
            4 => {
                writer.bytes(&[10, 0, 0, 0]);
                (IpAddr::from([10, 0, 0, 0]), 32)
            }
            _ => {
                writer.bytes(&[0x20; 16]);
                (IpAddr::from([0x20; 16]), 128)
            }
        };
        writer.byte(prefix);
        Self::new(address, prefix)
    };
    SigningKeysSecret: |source, writer| Self::in_secret(Sample::sample(source, writer));
    Effect: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    Encoding: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    DeliveryMode: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    Exposure: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    AuthorityType: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    ClientAuthentication: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    SigningAlgorithm: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    TokenType: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    RateLimitKey: |source, writer| choice(source, writer, Self::CHOICES, Self::named);
    Outcome: |source, writer| word(source, writer, &Self::ALL[..8], |outcome| outcome.as_str());
    Protocol: |source, writer| word(source, writer, DRIVERS.protocols, |protocol| protocol.name());
    Format: |source, writer| word(source, writer, DRIVERS.formats, |format| format.name());
    Algorithm: |source, writer| word(source, writer, DRIVERS.algorithms, Self::name);
}

fn sample(entropy: &[u8]) -> (Settings, Vec<u8>) {
    let mut writer = Writer::new();
    let settings = Settings::sample(&mut Source(entropy.iter()), &mut writer);
    (settings, writer.finish())
}

fn decoded(bytes: &[u8]) -> Result<Settings, DecodeError> {
    Settings::decode(bytes, &DRIVERS)
}

fn error(bytes: &[u8]) -> String {
    decoded(bytes).unwrap_err().to_string()
}

/// Settings in which one key is set.
fn with(key: &str, write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.length(1);
    writer.text(key);
    write(&mut writer);
    writer.finish()
}

proptest! {
    #[test]
    fn settings_are_decoded_as_they_were_written(entropy in vec(any::<u8>(), 0..600)) {
        let (settings, bytes) = sample(&entropy);
        prop_assert_eq!(decoded(&bytes), Ok(settings));
    }

    #[test]
    fn damaged_settings_are_an_error_or_other_settings(
        entropy in vec(any::<u8>(), 0..600),
        at: prop::sample::Index,
        byte: u8,
    ) {
        let (_, mut bytes) = sample(&entropy);
        let at = at.index(bytes.len());
        prop_assert!(decoded(&bytes[..at]).is_err());
        bytes[at] = byte;
        let _ = decoded(&bytes);
    }
}

#[test]
fn no_key_gives_the_defaults() {
    assert_eq!(decoded(&[VERSION, 0]), Ok(Settings::DEFAULT));
}

/// What the table says in words, the runtime's limits and defaults say too.
#[test]
fn what_depends_on_other_settings_agrees() {
    assert_eq!(
        Capture::DEFAULT.max_bytes,
        Settings::DEFAULT.audit.max_event_bytes / 4
    );
    let event = |bytes: usize| {
        decoded(&with("audit.max_event_bytes", |writer| {
            writer.length(bytes)
        }))
    };
    assert!(event(MIN_EVENT).is_ok() && event(MIN_EVENT - 1).is_err());
}

#[test]
fn another_version_is_an_error() {
    assert_eq!(
        error(&[VERSION + 1, 0]),
        "the settings have version 2 and must have version 1; encode them with the server's version of mcp-edge"
    );
}

#[test]
fn errors_name_the_key() {
    let cases = [
        (
            with("limits.json_depth", |writer| writer.number(1_000)),
            "limits.json_depth: must be from 4 to 128, got 1000",
        ),
        (
            with("lists.ttl", |writer| writer.number(u64::MAX >> 1)),
            "lists.ttl: must be from 0s to 30d, got 9223372036854775807ms",
        ),
        (
            with("limits.gigabytes", |writer| writer.number(1)),
            "`limits.gigabytes` is not a setting of this server; encode the settings with the server's version of mcp-edge",
        ),
        (
            with("sinks", |writer| {
                writer.length(1);
                writer.text("siem");
                writer.length(1);
                writer.text("type");
                writer.text("kafka");
            }),
            "sinks.siem.type: `kafka` is not available in this server",
        ),
        (
            with("policy", |writer| {
                writer.length(1);
                writer.length(1);
                writer.text("anonymous");
                writer.byte(2);
            }),
            "policy[0].anonymous: the bytes are not settings; encode them again",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(error(&bytes), expected);
    }
}

#[test]
fn a_key_is_set_once_and_nothing_follows() {
    let mut twice = Writer::new();
    twice.length(2);
    for _ in 0..2 {
        twice.text("card.publish");
        twice.byte(0);
    }
    assert!(decoded(&twice.finish()).is_err());
    assert!(decoded(&[VERSION, 0, 0]).is_err());
}

/// An empty rule is one byte.
#[test]
fn memory_is_bounded() {
    let rules = |number: usize| {
        with("policy", |writer| {
            writer.length(number);
            writer.bytes(&vec![0; number]);
        })
    };
    assert_eq!(
        decoded(&rules(1_000)).map(|settings| settings.policy.len()),
        Ok(1_000)
    );
    let larger = error(&rules(500_000));
    assert!(
        larger.starts_with("policy: the settings must be at most"),
        "{larger}"
    );
    let larger = error(&vec![VERSION; MAX_BYTES + 1]);
    assert!(
        larger.starts_with("the settings must be at most"),
        "{larger}"
    );
}

#[test]
fn an_overlay_has_no_overlays() {
    fn overlaid(writer: &mut Writer, left: usize) {
        writer.length(1);
        writer.text("tenants");
        writer.length(1);
        writer.text("acme");
        match left {
            0 => writer.length(0),
            _ => overlaid(writer, left - 1),
        }
    }
    let of = |depth| {
        with("upstreams", |writer| {
            writer.length(1);
            writer.text("orders");
            overlaid(writer, depth);
        })
    };
    let [upstream] = decoded(&of(0)).unwrap().upstreams else {
        panic!("one upstream");
    };
    assert_eq!(upstream.tenants[0].tenant, Some("acme"));
    // However deep: it must not fill the stack.
    for depth in [1, 10_000] {
        assert!(error(&of(depth)).contains("are not settings"), "{depth}");
    }
}
