//! `mcp-edge audit report`

use std::collections::{BTreeMap, HashMap, HashSet};

use anstyle::Style;
use clap::{Args, ValueEnum};
use mcp_edge_audit::event::{EventType, Outcome, VERSION};
use mcp_edge_audit::{Event, Timestamp};
use mcp_edge_verify::{Log, LogVerdict, Report, number};
use serde_json::{Value as Json, json};

use super::log::{LogArguments, point, refuse_empty, status};
use super::{csv, table};
use crate::output::{CommandOutput, Failure};
use crate::style::{BAD, CAUTION, Table, shown, styled};

/// Counts the requests of a log: who called what, how often, and with which outcome
///
/// Verifies the log as `mcp-edge audit verify` does, and states the verdict before the table. Each event is counted once, however
/// often it is in the files; events that were altered are not counted. Times are UTC.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    log: LogArguments,
    /// What each row is about; several make a row for each combination
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "principal,tool"
    )]
    by: Vec<Key>,
    /// Count requests that arrived at this time (RFC 3339) or later; those at --until or later are not counted either
    #[arg(long, value_name = "TIME", value_parser = point)]
    since: Option<Timestamp>,
    /// Write comma-separated values for a spreadsheet to standard output, and the verdict to standard error
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge audit report --keys jwks.json events.ndjson
  $ mcp-edge audit report --keys jwks.json --by principal --csv events.ndjson > report.csv
  $ mcp-edge audit report --keys jwks.json --by day,principal --since 2026-11-01T00:00:00Z --until 2026-12-01T00:00:00Z *.ndjson
  $ mcp-edge audit report --keys jwks.json --by principal,reason events.ndjson

Exit status, as of `mcp-edge audit verify`:
  0  the log is proven
  1  the log is contradicted, so that the numbers prove nothing
  2  the command could not be carried out as it was given
  3  nothing contradicts the log, and not all of it is proven";

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
enum Key {
    /// The authenticated caller: subject, tenant and issuer
    Principal,
    /// The MCP method and the tool, prompt or resource
    Tool,
    /// The client that acts for the principal, and further actors, as the access token names them
    Client,
    /// The day on which the request arrived (UTC)
    Day,
    /// The reason of a refusal or an error
    Reason,
}

impl Key {
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Principal => &["caller", "subject", "tenant", "issuer"],
            Self::Tool => &["method", "name"],
            Self::Client => &["client", "actors"],
            Self::Day => &["day"],
            Self::Reason => &["reason"],
        }
    }

    /// What an event has in these columns.
    fn cells(self, event: &Event, time: Timestamp) -> Vec<Option<String>> {
        let principal = event.principal.as_ref();
        match self {
            Self::Principal => {
                let caller = match principal {
                    None => "unknown",
                    Some(principal) if principal.anonymous => "anonymous",
                    Some(_) => "authenticated",
                };
                vec![
                    Some(caller.to_owned()),
                    principal.and_then(|principal| principal.subject.clone()),
                    principal.and_then(|principal| principal.tenant.clone()),
                    principal.and_then(|principal| principal.issuer.clone()),
                ]
            }
            Self::Tool => vec![
                event.method.as_deref().map(str::to_owned),
                event.name.clone().or_else(|| event.path.clone()),
            ],
            Self::Client => {
                let actors = principal.map(|principal| principal.actors.join(", "));
                vec![
                    principal.and_then(|principal| principal.client.clone()),
                    actors.filter(|actors| !actors.is_empty()),
                ]
            }
            Self::Day => {
                let time = time.to_rfc3339();
                vec![time.split('T').next().map(str::to_owned)]
            }
            Self::Reason => vec![event.reason.as_deref().map(str::to_owned)],
        }
    }
}

/// How a request can have ended, in the order of the columns.
const OUTCOMES: [Outcome; 8] = [
    Outcome::Ok,
    Outcome::ToolError,
    Outcome::ProtocolError,
    Outcome::InputRequired,
    Outcome::Accepted,
    Outcome::Refused,
    Outcome::Cancelled,
    Outcome::Failed,
];

type Cells = Vec<Option<String>>;

/// What is read from one event.
enum Read {
    /// Of one of the kinds that are counted.
    Counted(Counted),
    /// About the log itself.
    Other,
    /// Of another version, or with members that this program does not know.
    Unreadable,
}

struct Counted {
    kind: Kind,
    cells: Cells,
    time: Timestamp,
    /// The id of the request, where it can be compared.
    request: Option<u128>,
}

#[derive(Clone, Copy)]
enum Kind {
    Request(Outcome),
    Intent,
    Withheld,
}

impl Read {
    fn of(line: &str, by: &[Key]) -> Self {
        let Ok(event) = serde_json::from_str::<Event>(line) else {
            return Self::Unreadable;
        };
        if event.version != VERSION {
            return Self::Unreadable;
        }
        let kind = match event.event {
            EventType::Request if OUTCOMES.contains(&event.outcome) => Kind::Request(event.outcome),
            EventType::Request => return Self::Unreadable,
            EventType::Intent => Kind::Intent,
            EventType::Withheld => Kind::Withheld,
            EventType::Loss | EventType::Late | EventType::End => return Self::Other,
        };
        let Some(time) = Timestamp::from_rfc3339(&event.time) else {
            return Self::Unreadable;
        };
        let id = match kind {
            Kind::Request(_) => Some(&event.id),
            Kind::Intent | Kind::Withheld => event.request_id.as_ref(),
        };
        Self::Counted(Counted {
            kind,
            cells: by.iter().flat_map(|key| key.cells(&event, time)).collect(),
            time,
            request: id.and_then(|id| u128::from_str_radix(id, 16).ok()),
        })
    }
}

/// One row: the requests that have the same cells.
#[derive(Default)]
struct Row {
    outcomes: [u64; OUTCOMES.len()],
    /// Answers that a required sink's failure kept from the caller.
    withheld: u64,
    /// Destructive calls that began, and of whose end the log has nothing.
    unfinished: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Row {
    fn requests(&self) -> u64 {
        self.outcomes.iter().copied().fold(0, u64::saturating_add)
    }

    fn see(&mut self, time: Timestamp) {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = self.last.max(Some(time));
    }

    /// Each number with its name.
    fn numbers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let outcomes = OUTCOMES.iter().map(|outcome| outcome.as_str());
        std::iter::once(("requests", self.requests()))
            .chain(outcomes.zip(self.outcomes))
            .chain([("withheld", self.withheld), ("unfinished", self.unfinished)])
    }
}

/// The rows, while a log is read. They grow with the number of different cells; of a call its id is stored as well.
#[derive(Default)]
struct Rows {
    rows: BTreeMap<Cells, Row>,
    /// Intents, by request.
    intents: HashMap<u128, (Cells, Timestamp)>,
    /// Requests that have ended.
    ended: HashSet<u128>,
    outside_period: u64,
    unreadable: u64,
    /// Events that were read, whatever they are about.
    read: u64,
}

impl Rows {
    fn take(&mut self, read: Read, period: &Period) {
        self.read = self.read.saturating_add(1);
        let counted = match read {
            Read::Counted(counted) => counted,
            Read::Other => return,
            Read::Unreadable => {
                self.unreadable = self.unreadable.saturating_add(1);
                return;
            }
        };
        if matches!(counted.kind, Kind::Request(_)) {
            self.ended.extend(counted.request);
        }
        if !period.has(counted.time) {
            self.outside_period = self.outside_period.saturating_add(1);
            return;
        }
        match counted.kind {
            Kind::Request(outcome) => {
                let row = self.rows.entry(counted.cells).or_default();
                row.see(counted.time);
                let counts = OUTCOMES.iter().zip(&mut row.outcomes);
                for (_, count) in counts.filter(|(one, _)| **one == outcome) {
                    *count = count.saturating_add(1);
                }
            }
            Kind::Withheld => {
                let row = self.rows.entry(counted.cells).or_default();
                row.see(counted.time);
                row.withheld = row.withheld.saturating_add(1);
            }
            Kind::Intent => {
                if let Some(request) = counted.request {
                    self.intents.insert(request, (counted.cells, counted.time));
                }
            }
        }
    }

    /// Counts the intents of requests that the log has no end of.
    fn finish(&mut self) {
        for (request, (cells, time)) in std::mem::take(&mut self.intents) {
            if !self.ended.contains(&request) {
                let row = self.rows.entry(cells).or_default();
                row.see(time);
                row.unfinished = row.unfinished.saturating_add(1);
            }
        }
    }

    fn requests(&self) -> u64 {
        let requests = self.rows.values().map(Row::requests);
        requests.fold(0, u64::saturating_add)
    }
}

/// The time that a report is about.
struct Period {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Period {
    fn has(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let by = &arguments.by;
    let mut named = HashSet::new();
    if !by.iter().all(|key| named.insert(key)) {
        return Err(Failure::usage("--by names one key twice; name each once"));
    }
    let period = Period {
        since: arguments.since,
        until: arguments.log.until,
    };
    if let (Some(since), Some(until)) = (period.since, period.until)
        && since >= until
    {
        return Err(Failure::usage("--since must be earlier than --until"));
    }
    let mut log = Log::new(arguments.log.keys()?, arguments.log.options()?);
    let mut rows = Rows::default();
    arguments.log.read(
        &mut log,
        |line| Read::of(line, by),
        |read| rows.take(read, &period),
    )?;
    rows.finish();
    let report = log.judge(&[]);
    if report.missing_chains.is_empty() {
        refuse_empty(&report)?;
    }
    let columns: Vec<_> = by.iter().flat_map(|key| key.columns()).copied().collect();
    let product = arguments.csv.then(|| as_csv(&columns, &rows, &report));
    let table = match arguments.csv {
        true => String::new(),
        false => as_table(&columns, &rows),
    };
    Ok(CommandOutput {
        text: format!(
            "{}{table}{}",
            verdict(&report),
            not_counted(&rows, &report, &period)
        ),
        json: as_json(by, &columns, &rows, &report, &period),
        product,
        status: status(report.verdict),
    })
}

/// The verdict, and what it means for the numbers below it.
fn verdict(report: &Report) -> String {
    let line = table::verdict(report);
    let meaning = match report.verdict {
        LogVerdict::Proven => return format!("{line}\n\n"),
        LogVerdict::Consistent => {
            "Nothing contradicts the log, and not all of it is proven: requests may be missing from these numbers, and \
             events that are not signed may have been written by others."
        }
        LogVerdict::Contradicted => {
            "The log is contradicted: events are missing, changed or added, so these numbers prove nothing. `mcp-edge audit \
             verify` lists what was found."
        }
    };
    format!("{line}\n{meaning}\n\n")
}

fn as_table(columns: &[&str], rows: &Rows) -> String {
    if rows.rows.is_empty() {
        return "No requests.\n".to_owned();
    }
    // A column in which no row has anything is left out.
    let has_cell: Vec<_> = (0..columns.len())
        .map(|at| rows.rows.keys().any(|cells| cell(cells, at).is_some()))
        .collect();
    let mut totals: HashMap<&str, u64> = HashMap::new();
    for (name, count) in rows.rows.values().flat_map(Row::numbers) {
        let total = totals.entry(name).or_default();
        *total = total.saturating_add(count);
    }
    let is_shown =
        |name: &str| name == "requests" || totals.get(name).is_some_and(|total| *total > 0);
    let texts = columns
        .iter()
        .zip(&has_cell)
        .filter(|(_, has_cell)| **has_cell);
    let numbers = Row::default();
    let numbers = numbers.numbers().map(|(name, _)| name);
    let heading = texts
        .map(|(name, _)| *name)
        .chain(numbers.filter(|name| is_shown(name)))
        .chain(["first", "last"]);
    let mut table = Table::new(heading);
    for (cells, row) in &rows.rows {
        let plain = |text: String| (text, Style::new());
        let texts = cells
            .iter()
            .zip(&has_cell)
            .filter(|(_, has_cell)| **has_cell);
        let texts = texts.map(|(text, _)| plain(text.as_deref().map_or("-".to_owned(), shown)));
        let numbers = row.numbers().filter(|(name, _)| is_shown(name));
        let numbers = numbers.map(|(name, count)| (count.to_string(), style(name, count)));
        let times = [row.first, row.last];
        let times = times.map(|time| plain(time.map_or("-".to_owned(), Timestamp::to_rfc3339)));
        table.row(texts.chain(numbers).chain(times).collect());
    }
    table.text()
}

fn style(name: &str, count: u64) -> Style {
    match name {
        _ if count == 0 => Style::new(),
        "failed" | "withheld" | "unfinished" => BAD,
        "refused" => CAUTION,
        _ => Style::new(),
    }
}

fn cell(cells: &[Option<String>], at: usize) -> Option<&str> {
    cells.get(at).and_then(Option::as_deref)
}

/// How many requests the rows have, and which events they do not have.
fn not_counted(rows: &Rows, report: &Report, period: &Period) -> String {
    let mut parts = vec![format!(
        "{} in {}",
        number(rows.requests(), "request"),
        number(count(rows.rows.len()), "row")
    )];
    let written = |time: Option<Timestamp>| time.map(Timestamp::to_rfc3339);
    parts.extend(written(period.since).map(|since| format!("since {since}")));
    parts.extend(written(period.until).map(|until| format!("until {until}")));
    let mut text = format!("\n{}.\n", parts.join(", "));
    for (found, what) in [
        (rows.outside_period, "outside this period"),
        (altered(rows, report), "altered or forged"),
        (
            rows.unreadable,
            "of a version or kind that this program does not know",
        ),
    ] {
        if found > 0 {
            let events = number(found, "event");
            text.push_str(&styled(
                Style::new(),
                &format!("Not counted: {events} {what}.\n"),
            ));
        }
    }
    if report.damaged_lines > 0 {
        let lines = number(report.damaged_lines, "damaged line");
        text.push_str(&format!("Not counted: {lines}.\n"));
    }
    text
}

/// How many events are not what their hash was made of, or in no chain although a server writes them in one.
fn altered(rows: &Rows, report: &Report) -> u64 {
    report.events.saturating_sub(rows.read)
}

/// With the verdict in every record, since a record may be all that a reader sees.
fn as_csv(columns: &[&str], rows: &Rows, report: &Report) -> String {
    let names = Row::default();
    let names = names.numbers().map(|(name, _)| name);
    let heading = columns
        .iter()
        .copied()
        .chain(names)
        .chain(["first", "last", "log"]);
    let mut text = csv::record(heading);
    let verdict = verdict_word(report.verdict);
    for (cells, row) in &rows.rows {
        let numbers: Vec<_> = row.numbers().map(|(_, count)| count.to_string()).collect();
        let times =
            [row.first, row.last].map(|time| time.map(Timestamp::to_rfc3339).unwrap_or_default());
        let texts = cells.iter().map(|text| text.as_deref().unwrap_or_default());
        let numbers = numbers.iter().map(String::as_str);
        let times = times.iter().map(String::as_str);
        text.push_str(&csv::record(
            texts.chain(numbers).chain(times).chain([verdict]),
        ));
    }
    text
}

fn verdict_word(verdict: LogVerdict) -> &'static str {
    match verdict {
        LogVerdict::Proven => "proven",
        LogVerdict::Consistent => "consistent",
        LogVerdict::Contradicted => "contradicted",
    }
}

fn as_json(by: &[Key], columns: &[&str], rows: &Rows, report: &Report, period: &Period) -> Json {
    let written = |time: Option<Timestamp>| time.map(Timestamp::to_rfc3339);
    let list: Vec<Json> = rows
        .rows
        .iter()
        .map(|(cells, row)| {
            let texts = columns.iter().zip(cells);
            let texts = texts.map(|(name, text)| ((*name).to_owned(), json!(text)));
            let numbers = row.numbers();
            let numbers = numbers.map(|(name, count)| (name.to_owned(), json!(count)));
            let times = [("first", row.first), ("last", row.last)];
            let times = times.map(|(name, time)| (name.to_owned(), json!(written(time))));
            Json::Object(texts.chain(numbers).chain(times).collect())
        })
        .collect();
    let by: Vec<_> = by
        .iter()
        .filter_map(|key| key.to_possible_value())
        .collect();
    json!({
        "log": {
            "verdict": report.verdict,
            "summary": report.summary,
            "events": report.events,
            "duplicates": report.duplicates,
            "damaged_lines": report.damaged_lines,
            "other_lines": report.other_lines,
            "signatures": report.signatures,
        },
        "by": by.iter().map(|value| value.get_name()).collect::<Vec<_>>(),
        "since": written(period.since),
        "until": written(period.until),
        "requests": rows.requests(),
        "rows": list,
        "not_counted": {
            "outside_period": rows.outside_period,
            "altered": altered(rows, report),
            "unreadable": rows.unreadable,
        },
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
