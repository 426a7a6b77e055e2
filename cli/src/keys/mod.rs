//! `mcp-edge keys`: makes and rotates the keyring of a deployment.

mod place;
mod ring;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use mcp_edge_runtime::token::{KeyringError, Stage};
use serde_json::json;

use crate::output::{CommandOutput, DONE, Failure};
use crate::secret_file;
use crate::style::{CAUTION, GOOD, HEADING, Table, styled};
use place::{Place, Stored};
use ring::{Class, Ring, RotationError};

/// Makes and rotates the keys that sign what travels with clients, the audit log, or live policies
///
/// A keyring holds entries `name:stage:key`. It is a file of its own, or the line MCP_EDGE_KEYS=… of a file of
/// variables such as .dev.vars. A rotation has three steps, with a deploy after each: `add`, `rotate`, `retire`. Keys
/// are written to the file, which only its owner can read, and shown nowhere else unless `--print` asks for it. With
/// `--audit` they are audit signing keys, which sign the audit log: a rotation has two steps, `add` and `rotate`, and the public
/// half of each key stays in the ring permanently. With `--live` they sign live policies and stay with those who sign: a server
/// has their public halves, in live.keys of mcp.toml.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The audit signing keys, which sign the audit log
    #[arg(long, global = true)]
    audit: bool,
    /// The keys that sign live policies
    #[arg(long, global = true, conflicts_with = "audit")]
    live: bool,
    #[command(subcommand)]
    step: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a keyring of one key, which signs
    #[command(after_help = GENERATE)]
    Generate(Generate),
    /// Shows the keys, the stage of each, and what to do next
    #[command(after_help = SHOW)]
    Show(Source),
    /// Step 1 of a rotation: adds a key that does not sign yet
    #[command(after_help = ADD)]
    Add(Edit),
    /// Step 2 of a rotation: lets the next key sign, and the one before verify only
    #[command(after_help = ROTATE)]
    Rotate(Edit),
    /// Step 3 of a rotation: takes out the old keys
    #[command(after_help = RETIRE)]
    Retire(Edit),
    /// Prints the public halves of audit signing keys, as a server publishes them, or with `--live` for live.keys of mcp.toml
    #[command(after_help = PUBLIC)]
    Public(Source),
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge keys generate --file keys        a new keyring
  $ mcp-edge keys show --file keys        where its rotation stands
  $ wrangler secret put MCP_EDGE_KEYS < keys";
const GENERATE: &str = "\
Examples:
  $ mcp-edge keys generate --file keys
  $ mcp-edge keys generate --file .dev.vars
  $ mcp-edge keys generate --print | wrangler secret put MCP_EDGE_KEYS";
const SHOW: &str = "\
Examples:
  $ mcp-edge keys show --file keys
  $ echo \"$MCP_EDGE_KEYS\" | mcp-edge keys show --file -";
const ADD: &str = "\
Examples:
  $ mcp-edge keys add --file keys
  $ mcp-edge keys add --file keys --id k2026-11
  $ vault read … | mcp-edge keys add --file - --print | vault write …";
const ROTATE: &str = "\
Examples:
  $ mcp-edge keys rotate --file keys && wrangler secret put MCP_EDGE_KEYS < keys";
const PUBLIC: &str = "\
Examples:
  $ mcp-edge keys public --audit --file audit.keys > jwks.json";
const RETIRE: &str = "\
Examples:
  $ mcp-edge keys retire --file keys
  $ mcp-edge keys retire --file keys --id k1";

#[derive(Args)]
struct Generate {
    /// The file that gets the keyring; it may hold other variables, but no keyring
    #[arg(long, required_unless_present = "print")]
    file: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

#[derive(Args)]
struct Source {
    /// The file with the keyring; `-` is standard input
    #[arg(long)]
    file: PathBuf,
    /// The variable that holds the keyring in a file of variables [default: MCP_EDGE_KEYS, MCP_EDGE_AUDIT_KEYS or
    /// MCP_EDGE_LIVE_KEYS]
    #[arg(long)]
    variable: Option<String>,
}

#[derive(Args)]
struct Edit {
    /// The file with the keyring, which is changed; `-` is standard input, and wants --print
    #[arg(long)]
    file: PathBuf,
    #[command(flatten)]
    options: Options,
}

#[derive(Args)]
struct Options {
    /// The name of the key
    #[arg(long)]
    id: Option<String>,
    /// The variable that holds the keyring in a file of variables [default: MCP_EDGE_KEYS, MCP_EDGE_AUDIT_KEYS or
    /// MCP_EDGE_LIVE_KEYS]
    #[arg(long)]
    variable: Option<String>,
    /// Also write the keyring, with its keys, to standard output
    #[arg(long)]
    print: bool,
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        Self::check(error)
    }
}

impl From<RotationError> for Failure {
    fn from(error: RotationError) -> Self {
        Self::check(error)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let class = match (arguments.audit, arguments.live) {
        (true, _) => Class::Evidence,
        (false, true) => Class::LivePolicy,
        (false, false) => Class::Tokens,
    };
    match &arguments.step {
        Command::Generate(make) => run_generate(class, make),
        Command::Show(Source {
            file,
            variable: name,
        }) => {
            let place = Place::new(file);
            let name = variable(class, name.as_deref());
            let stored = place.read(name)?;
            let ring = Ring::parse(class, &keyring(class, &stored, name)?)?;
            let mut outcome = report(&ring, &place);
            if stored.is_exposed {
                outcome.warn(format!(
                    "others on this machine can read {0}; run: chmod 600 {0}",
                    file.display()
                ));
            }
            Ok(outcome)
        }
        Command::Add(edit) => {
            let secret = random()?;
            run_edit(class, edit, |ring, id| ring.add(id, &secret))
        }
        Command::Rotate(edit) => run_edit(class, edit, Ring::rotate),
        Command::Retire(edit) => run_edit(class, edit, Ring::retire),
        Command::Public(_) if class == Class::Tokens => Err(Failure::usage(
            "keys that sign what travels with clients have no public half; add --audit for those of the audit log, or --live for those of live policies",
        )),
        Command::Public(Source {
            file,
            variable: name,
        }) => {
            let keys = signing_keys(class, file, name.as_deref())?;
            let jwks = keys.jwks();
            let product = match class {
                Class::LivePolicy => live_keys(&jwks),
                Class::Tokens | Class::Evidence => jwks.to_string(),
            };
            Ok(CommandOutput {
                text: String::new(),
                product: Some(product),
                json: jwks,
                status: DONE,
            })
        }
    }
}

/// The keys in `file` that sign live policies.
pub(crate) fn live_policy_keys(file: &Path) -> Result<SigningKeys, Failure> {
    signing_keys(Class::LivePolicy, file, None)
}

fn signing_keys(class: Class, file: &Path, name: Option<&str>) -> Result<SigningKeys, Failure> {
    let name = variable(class, name);
    let stored = Place::new(file).read(name)?;
    Ok(SigningKeys::parse(&keyring(class, &stored, name)?)?)
}

/// Public halves as the setting `live.keys` of mcp.toml.
fn live_keys(jwks: &serde_json::Value) -> String {
    let keys = jwks["keys"].as_array().into_iter().flatten();
    let keys =
        keys.filter_map(|key| Some(format!("{}:{}", key["kid"].as_str()?, key["x"].as_str()?)));
    format!("keys = {}", json!(keys.collect::<Vec<_>>()))
}

fn variable(class: Class, name: Option<&str>) -> &str {
    name.unwrap_or(match class {
        Class::Tokens => "MCP_EDGE_KEYS",
        Class::Evidence => "MCP_EDGE_AUDIT_KEYS",
        Class::LivePolicy => "MCP_EDGE_LIVE_KEYS",
    })
}

/// What every command on audit signing keys is told with.
fn flag(class: Class) -> &'static str {
    match class {
        Class::Tokens => "",
        Class::Evidence => " --audit",
        Class::LivePolicy => " --live",
    }
}

fn run_generate(class: Class, make: &Generate) -> Result<CommandOutput, Failure> {
    let Generate { file, options } = make;
    let name = variable(class, options.variable.as_deref());
    let ring = Ring::new(class, options.id.as_deref(), &random()?)?;
    let Some(path) = file else {
        let mut outcome = report(&ring, &Place::Input);
        outcome.print(&ring.text(","));
        return Ok(outcome);
    };
    let Place::File(path) = Place::new(path) else {
        return Err(Failure::usage(
            "a new keyring has no input; use `mcp-edge keys generate --print`",
        ));
    };
    let place = Place::File(path);
    let stored = place.read_before_making(name)?;
    if stored.keyring.is_some() {
        return Err(Failure::check(match class {
            Class::Tokens => {
                "there is a keyring already; `mcp-edge keys add` begins its rotation. With another keyring no token of today would open"
            }
            Class::Evidence => {
                "there is a keyring already; `mcp-edge keys add --audit` begins its rotation. With another keyring no log of today \
                 could be verified"
            }
            Class::LivePolicy => {
                "there is a keyring already; `mcp-edge keys add --live` begins its rotation. With another keyring no server would \
                 take what it signs"
            }
        }));
    }
    finish(&ring, &place, &stored, options)
}

fn run_edit(
    class: Class,
    edit: &Edit,
    step: impl FnOnce(Ring, Option<&str>) -> Result<Ring, RotationError>,
) -> Result<CommandOutput, Failure> {
    let Edit { file, options } = edit;
    let place = Place::new(file);
    if matches!(place, Place::Input) && !options.print {
        return Err(Failure::usage(
            "a keyring from standard input goes to standard output; say so with --print",
        ));
    }
    let name = variable(class, options.variable.as_deref());
    let stored = place.read(name)?;
    let ring = Ring::parse(class, &keyring(class, &stored, name)?)?;
    finish(
        &step(ring, options.id.as_deref())?,
        &place,
        &stored,
        options,
    )
}

fn finish(
    ring: &Ring,
    place: &Place,
    stored: &Stored,
    options: &Options,
) -> Result<CommandOutput, Failure> {
    let text = ring.text(stored.separator());
    if let Place::File(path) = place {
        let name = variable(ring.class(), options.variable.as_deref());
        secret_file::write(path, &stored.with(name, &text))?;
    }
    let mut outcome = report(ring, place);
    if let (true, Place::File(path)) = (stored.is_exposed, place) {
        outcome.warn(format!(
            "others on this machine could read {} until now; replace every key that was in it",
            path.display()
        ));
    }
    if options.print {
        outcome.print(&text);
    }
    Ok(outcome)
}

fn keyring(class: Class, stored: &Stored, name: &str) -> Result<String, Failure> {
    stored.keyring.clone().ok_or_else(|| {
        Failure::check(format!(
            "there is no keyring {name}; `mcp-edge keys generate{} --file FILE` makes one",
            flag(class)
        ))
    })
}

fn random() -> Result<[u8; 32], Failure> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| Failure::usage(format!("this machine gives no random bytes: {error}")))?;
    Ok(secret)
}

impl CommandOutput {
    fn warn(&mut self, warning: String) {
        self.text
            .push_str(&format!("{} {warning}\n", styled(CAUTION, "warning:")));
        if let Some(members) = self.json.as_object_mut() {
            members.insert("warnings".to_owned(), json!([warning]));
        }
    }

    fn print(&mut self, keyring: &str) {
        self.product = Some(keyring.to_owned());
        if let Some(members) = self.json.as_object_mut() {
            members.insert("keyring".to_owned(), json!(keyring));
        }
    }
}

/// Everything about a keyring that is safe to show.
fn report(ring: &Ring, place: &Place) -> CommandOutput {
    let mut table = Table::new(["key", "stage", "SHA-256"]);
    for key in ring.keys() {
        let style = match key.stage {
            Stage::Sign => GOOD,
            _ => CAUTION,
        };
        table.row(vec![
            (key.id.clone(), anstyle::Style::new()),
            (key.stage.name().to_owned(), style),
            (key.fingerprint(), anstyle::Style::new()),
        ]);
    }
    let (stage, next) = standing(ring, &place.argument());
    let keys: Vec<_> = ring
        .keys()
        .iter()
        .map(|key| json!({ "id": key.id, "stage": key.stage.name(), "sha256": key.fingerprint() }))
        .collect();
    CommandOutput {
        text: format!(
            "{}\n{stage}\n{} {next}\n",
            table.text(),
            styled(HEADING, "Next:")
        ),
        json: json!({ "keys": keys, "rotation": stage, "next": next }),
        product: None,
        status: DONE,
    }
}

/// Where a rotation stands, and its next step.
fn standing(ring: &Ring, file: &str) -> (String, String) {
    let names = |stage| {
        let ids: Vec<_> = ring.at(stage).map(|key| key.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(" and "))
    };
    let signs = names(Stage::Sign).unwrap_or_default();
    if ring.class() == Class::Evidence {
        return match names(Stage::Next) {
            None => (
                format!("No rotation is under way: {signs} signs."),
                format!(
                    "deploy this keyring if it is new. To rotate, `mcp-edge keys add --audit {file}`."
                ),
            ),
            Some(next) => (
                format!("Step 1 of 2 of a rotation: {signs} signs, {next} is published already."),
                format!(
                    "deploy this keyring; when every instance publishes it, `mcp-edge keys rotate --audit {file}`, and deploy that."
                ),
            ),
        };
    }
    if ring.class() == Class::LivePolicy {
        return match (names(Stage::Next), names(Stage::Public)) {
            (None, None) => (
                format!("No rotation is under way: {signs} signs."),
                format!(
                    "put what `mcp-edge keys public --live {file}` prints into [live] of mcp.toml, and deploy. To rotate, `mcp-edge keys add --live {file}`."
                ),
            ),
            (Some(next), _) => (
                format!("Step 1 of 3 of a rotation: {signs} signs, {next} does not yet."),
                format!(
                    "put what `mcp-edge keys public --live {file}` prints into [live] of mcp.toml, and deploy; then `mcp-edge keys rotate --live {file}`, and sign the live policy again."
                ),
            ),
            (None, Some(old)) => (
                format!("Step 2 of 3 of a rotation: {signs} signs, {old} is still trusted."),
                format!(
                    "when the live policy is signed with {signs}, `mcp-edge keys retire --live {file}`; put what `mcp-edge keys public --live {file}` prints into [live] of mcp.toml, and deploy."
                ),
            ),
        };
    }
    match (names(Stage::Next), names(Stage::Old)) {
        (None, None) => (
            format!("No rotation is under way: {signs} signs, and there is no other key."),
            format!("deploy this keyring if it is new. To rotate, `mcp-edge keys add {file}`."),
        ),
        (Some(next), None) => (
            format!("Step 1 of 3 of a rotation: {signs} signs, {next} verifies already."),
            format!(
                "deploy this keyring; when every instance has it, `mcp-edge keys rotate {file}`."
            ),
        ),
        (None, Some(old)) => (
            format!("Step 2 of 3 of a rotation: {signs} signs, {old} still verifies."),
            format!(
                "deploy this keyring; when the last token that {old} signed has expired (7 days later, unless [tokens] of \
                 mcp.toml says otherwise), `mcp-edge keys retire {file}`, and deploy that."
            ),
        ),
        (Some(next), Some(old)) => (
            format!(
                "Two rotations at once: {signs} signs, {next} verifies already, {old} still verifies."
            ),
            format!(
                "deploy this keyring; when every instance has it, `mcp-edge keys rotate {file}`. {old} can go when the last \
                 token that it signed has expired: `mcp-edge keys retire {file} --id NAME`."
            ),
        ),
    }
}
