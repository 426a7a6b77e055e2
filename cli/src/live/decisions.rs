//! Who may do what under two live policies, as a table of what differs.

use std::collections::BTreeSet;

use anstyle::Style;
use mcp_edge_glob::fits;
use mcp_edge_runtime::config::Settings;
use mcp_edge_runtime::live;
use mcp_edge_runtime::policy::{Kind, Policy, Target};
use serde_json::{Value as Json, json};

use super::content::texts;
use crate::check::callers::{CallerQuery, anonymous, caller};
use crate::check::manifest::{Manifest, word};
use crate::check::table::Decided;
use crate::output::Failure;
use crate::server_description::ServerDescription;
use crate::style::{Table, shown};

/// The maximum number of callers.
const MAX_CALLERS: usize = 200;
/// The maximum number of things times callers times rules: a decision looks at every rule.
const MAX_CHECKS: usize = 5_000_000;

/// The number of things in a table, which a terminal shows without breaking its lines.
const COLUMNS: usize = 4;

/// The lists of a rule that ask who the caller is, with the name of each in a caller's description.
const WHO: [(&str, &str); 6] = [
    ("issuers", "iss"),
    ("tenants", "tenant"),
    ("subjects", "sub"),
    ("clients", "client"),
    ("roles", "role"),
    ("groups", "group"),
];

/// The lists of a rule that ask what is used.
const WHAT: [(&str, Kind); 3] = [
    ("tools", Kind::Tool),
    ("prompts", Kind::Prompt),
    ("resources", Kind::Resource),
];

/// What the server offers.
pub(super) enum Offered {
    /// By its description.
    Described(ServerDescription),
    /// The names and patterns that the live policies have.
    Named(Vec<(Kind, String)>),
}

/// What differs.
pub(super) struct Differences {
    rows: Vec<Row>,
    columns: Vec<(Kind, String)>,
    /// What the table does not have.
    left_out: Vec<String>,
}

/// A caller for which something differs, and what it may do with each column before and after.
struct Row {
    caller: String,
    cells: Vec<[Decided; 2]>,
}

impl Offered {
    pub(super) fn named(contents: &[Json; 2]) -> Self {
        let mut names = Unique::default();
        names.add((Kind::Tool, "*".to_owned()));
        for content in contents {
            for name in texts(content["disabled"].get("tools")) {
                names.add((Kind::Tool, name));
            }
        }
        for rule in rules(contents) {
            for (member, kind) in WHAT {
                for name in texts(rule.get(member)) {
                    names.add((kind, name));
                }
            }
        }
        Self::Named(names.list)
    }
}

impl Differences {
    /// Asks the policy of each of `contents`, which are live policies as they are signed.
    pub(super) fn between(
        contents: &[Json; 2],
        offered: &Offered,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let mut left_out = Vec::new();
        let titles = callers(contents, settings);
        if titles.len() > MAX_CALLERS {
            left_out.push(format!(
                "The table has {MAX_CALLERS} of {} callers.",
                titles.len()
            ));
        }
        let asked = titles.iter().take(MAX_CALLERS);
        let asked = asked.map(|title| caller(title, settings));
        let callers: Vec<CallerQuery> = std::iter::once(Ok(anonymous()))
            .chain(asked)
            .collect::<Result<_, Failure>>()?;
        let manifest = match offered {
            Offered::Described(described) => Some(Manifest::of(described)?),
            Offered::Named(_) => None,
        };
        let mut targets = match (&manifest, offered) {
            (Some(manifest), _) => manifest.targets(),
            (None, Offered::Named(names)) => names.iter().map(named).collect(),
            (None, Offered::Described(_)) => Vec::new(),
        };
        let rules = contents
            .iter()
            .map(|content| content["policy"].as_array().map_or(0, Vec::len));
        let each = rules
            .max()
            .unwrap_or_default()
            .max(1)
            .saturating_mul(callers.len());
        let most = MAX_CHECKS.checked_div(each).unwrap_or_default().max(1);
        if targets.len() > most {
            left_out.push(format!(
                "The table is about {most} of {} tools, prompts and resources.",
                targets.len()
            ));
            targets.truncate(most);
        }
        let [old, new] = contents;
        let policies = [
            policy(old, offered, settings)?,
            policy(new, offered, settings)?,
        ];
        let rows = callers.iter().map(|CallerQuery { title, caller }| Row {
            caller: title.clone(),
            cells: targets
                .iter()
                .map(|target| {
                    let decided = |policy| Decided::by(policy, caller, *target);
                    policies.each_ref().map(decided)
                })
                .collect(),
        });
        let mut rows: Vec<Row> = rows.filter(Row::differs).collect();
        let kept: Vec<bool> = (0..targets.len())
            .map(|place| {
                rows.iter()
                    .any(|row| row.cells.get(place).is_some_and(differs))
            })
            .collect();
        for row in &mut rows {
            let mut kept = kept.iter();
            row.cells.retain(|_| kept.next() == Some(&true));
        }
        let columns = targets.iter().zip(&kept).filter(|(_, kept)| **kept);
        Ok(Self {
            columns: columns
                .map(|(target, _)| (target.kind, target.name.to_owned()))
                .collect(),
            rows,
            left_out,
        })
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (number, columns) in self.columns.chunks(COLUMNS).enumerate() {
            let heads: Vec<_> = columns
                .iter()
                .map(|(kind, name)| format!("{} {}", word(*kind), shown(name)))
                .collect();
            let heads = std::iter::once("caller").chain(heads.iter().map(String::as_str));
            let mut table = Table::new(heads);
            for row in &self.rows {
                let first = number.saturating_mul(COLUMNS);
                let cells = row.cells.iter().skip(first).take(COLUMNS);
                if !cells.clone().any(differs) {
                    continue;
                }
                let caller = (shown(&row.caller), Style::new());
                table.row(std::iter::once(caller).chain(cells.map(cell)).collect());
            }
            text += &format!("{}\n", table.text());
        }
        for sentence in &self.left_out {
            text += &format!("{sentence}\n");
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        let cells = self.rows.iter().flat_map(|row| {
            let cells = row.cells.iter().zip(&self.columns);
            let cells = cells.filter(|(cell, _)| differs(cell));
            cells.map(|([before, after], (kind, name))| {
                json!({
                    "caller": row.caller,
                    "kind": word(*kind),
                    "name": name,
                    "before": before.json(),
                    "after": after.json(),
                })
            })
        });
        cells.collect()
    }

    pub(super) fn left_out(&self) -> &[String] {
        &self.left_out
    }
}

impl Row {
    fn differs(&self) -> bool {
        self.cells.iter().any(differs)
    }
}

fn differs([before, after]: &[Decided; 2]) -> bool {
    !before.is_same(after)
}

fn cell(cell: &[Decided; 2]) -> (String, Style) {
    let [before, after] = cell;
    let (after, style) = after.word();
    match differs(cell) {
        true => (format!("{} → {after}", before.word().0), style),
        false => (after, Style::new()),
    }
}

/// What fits a name or pattern of a policy, and says nothing of itself.
fn named((kind, name): &(Kind, String)) -> Target<'_> {
    match kind {
        Kind::Tool => Target {
            kind: Kind::Tool,
            read_only: false,
            destructive: true,
            ..Target::prompt(name)
        },
        Kind::Prompt => Target::prompt(name),
        Kind::Resource => Target::resource(name),
    }
}

/// The policy by which the server decides.
fn policy(content: &Json, offered: &Offered, settings: &Settings) -> Result<Policy, Failure> {
    let (policy, approved) = live::policy(content, settings).map_err(Failure::check)?;
    let approved: Vec<&str> = approved.iter().map(String::as_str).collect();
    Ok(match offered {
        Offered::Described(described) => policy.quarantine(described.unapproved(&approved)),
        Offered::Named(_) => policy,
    })
}

/// A caller of each issuer of whom nothing else is known, and those that the rules ask for.
fn callers(contents: &[Json; 2], settings: &Settings) -> Vec<String> {
    let mut titles = Unique::default();
    for issuer in settings.issuers {
        titles.add(format!("iss={}", issuer.name));
    }
    for content in contents {
        for tenant in texts(content["disabled"].get("tenants")) {
            let rule = json!({ "tenants": [tenant] });
            titles.add_some(described(&rule, ("tenants", 0), settings));
        }
    }
    for rule in rules(contents) {
        for (list, _) in WHO {
            let values = texts(rule.get(list)).count();
            for place in 0..values.max(1) {
                titles.add_some(described(rule, (list, place), settings));
            }
        }
    }
    titles.list
}

/// The rules of both, those first that only one of them has: where a table is cut, it is about these.
fn rules(contents: &[Json; 2]) -> Vec<&Json> {
    let [old, new] = contents
        .each_ref()
        .map(|content| content["policy"].as_array().map_or(&[][..], Vec::as_slice));
    let texts = |rules: &[Json]| rules.iter().map(Json::to_string).collect::<BTreeSet<_>>();
    let (in_old, in_new) = (texts(old), texts(new));
    let is_in_both = |rule: &&Json| {
        let text = rule.to_string();
        in_old.contains(&text) && in_new.contains(&text)
    };
    let (same, mut rules): (Vec<_>, Vec<_>) = old.iter().chain(new).partition(is_in_both);
    rules.extend(same);
    rules
}

/// Things in the order in which they were first named.
struct Unique<T> {
    known: BTreeSet<T>,
    list: Vec<T>,
}

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self {
            known: BTreeSet::new(),
            list: Vec::new(),
        }
    }
}

impl<T: Ord + Clone> Unique<T> {
    fn add(&mut self, one: T) {
        if self.known.insert(one.clone()) {
            self.list.push(one);
        }
    }

    fn add_some(&mut self, one: Option<T>) {
        if let Some(one) = one {
            self.add(one);
        }
    }
}

/// A caller that a rule asks for: with the value at `place` of one list, and the first of each other.
fn described(rule: &Json, (list, place): (&str, usize), settings: &Settings) -> Option<String> {
    let mut words = Vec::new();
    for (member, name) in WHO {
        let place = if member == list { place } else { 0 };
        let value = texts(rule.get(member)).nth(place);
        let value = match (member, value) {
            ("issuers", pattern) => {
                let pattern = pattern.as_deref().unwrap_or("*");
                let mut issuers = settings.issuers.iter();
                issuers
                    .find(|issuer| fits(pattern, issuer.name))?
                    .name
                    .to_owned()
            }
            (_, Some(value)) => value,
            (_, None) => continue,
        };
        words.push((name, value));
    }
    let scopes: Vec<_> = texts(rule.get("scopes")).collect();
    if !scopes.is_empty() {
        words.push(("scope", scopes.join(" ")));
    }
    let words = words.iter().map(|(name, value)| {
        let value = shlex::try_quote(value).ok()?;
        Some(format!("{name}={value}"))
    });
    words
        .collect::<Option<Vec<_>>>()
        .map(|words| words.join(" "))
}
