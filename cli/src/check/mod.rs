//! `mcp-edge check`: whether `mcp.toml` is right, and who may do what with it.

mod audiences;
pub(crate) mod callers;
pub(crate) mod discovered;
mod events;
pub(crate) mod host;
mod key_urls;
mod listed;
mod lists;
pub(crate) mod manifest;
mod needs;
mod okta;
mod pattern;
mod rates;
mod rules;
mod sinks;
pub(crate) mod table;
pub(crate) mod tenants;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mcp_edge_config::{Configuration, Mistakes, Settings as FileSettings, Value, print};
use mcp_edge_runtime::config::Settings;
use mcp_edge_runtime::discovery::card::ServerCard;
use mcp_edge_runtime::policy::Policy;
use serde_json::{Map, Value as Json, json};
use toml_edit::DocumentMut;

use crate::catalog::compile::Compiled;
use crate::catalog::description::{description, is_gateway};
use crate::catalog::list_size;
use crate::catalog::report::{self, Detail};
use crate::exposure::Exposure;
use crate::file::{self, File};
use crate::output::{CommandOutput, FAILED, Failure, status};
use crate::progress::Progress;
use crate::server_description::ServerDescription;
use crate::style::{BAD, CAUTION, GOOD, HEADING, styled};
use crate::toml_json;
use callers::CallerQuery;
use events::Events;
use host::Host;
use listed::named;
use manifest::Manifest;
use needs::{Needs, Place};
use rules::Rules;
use table::Decisions;

/// Checks mcp.toml, and says who may do what and where that is recorded
///
/// Reads mcp.toml as the compiler does, says who may call the server in every environment, shows what holds for each issuer with
/// its preset filled in, and asks the policy about everything that the server offers: what a caller may call with some arguments
/// is a yes. Warns of rules that never decide, of what no caller may call, of audiences that cannot match the public URL, and of
/// sinks that get less than they should. What the server offers it learns from its native build (`cargo run -- describe`), or
/// from a file.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    file: File,
    /// What the server's `describe` prints; `-` is standard input [default: build the server and ask it]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// A caller to ask about, as 'iss=okta sub=… scope="a b" role=… group=… tenant=… client=…' or `anonymous`; may be
    /// given several times [default: anonymous, and a caller of each issuer, or of each of its tenants that upstreams name,
    /// without scopes]
    #[arg(long = "as", value_name = "CALLER")]
    callers: Vec<String>,
    /// Say what this host must have, what of it is missing, what it really holds of each rate, and guarantees of each sink
    #[arg(long, value_name = "HOST")]
    host: Option<Host>,
    /// The host's own file [default: beside the configuration, the first of wrangler.json, wrangler.jsonc and wrangler.toml, or
    /// spin.toml]
    #[arg(long, value_name = "FILE", requires = "host")]
    host_file: Option<PathBuf>,
    /// Write what is missing into the host's own file; nothing in it is changed or taken away, and no secret is written
    #[arg(long, requires = "host")]
    fix: bool,
    /// Let a warning fail the check
    #[arg(long)]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge check
  $ mcp-edge check --env production --host workers --strict
  $ mcp-edge check --env production --host spin --fix
  $ mcp-edge check --as anonymous --as 'iss=okta role=analyst scope=\"fraud:read fraud:simulate\"'
  $ ./fraud-rules describe | mcp-edge check --manifest -";

/// What there is to say.
struct Report {
    lines: String,
    json: Map<String, Json>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    let path = arguments.file.path().display().to_string();
    let configuration = match mcp_edge_config::read(&arguments.file.text()?) {
        Ok(configuration) => configuration,
        Err(mistakes) => return Ok(mistaken(&path, &mistakes)),
    };
    let environment = arguments.file.env.as_deref();
    let written = file::settings(&configuration, environment)?;
    let settings = file::decoded(written)?;

    let mut report = Report::new(&path, environment, &configuration);
    let exposure = Exposure::of(&configuration, environment, arguments.file.folder())?;
    report.exposure(&exposure);
    report.issuers(written)?;
    report.errors.extend(audiences::errors(settings));
    report.errors.extend(key_urls::errors(settings));
    report.warnings.extend(audiences::warnings(settings));
    report.warnings.extend(okta::warnings(written));
    report.warnings.extend(lists::warnings(written, settings));
    report.discovered(settings);
    let callers = callers::callers(&arguments.callers, settings)?;
    let (described, compiled) = if is_gateway(&configuration) && arguments.manifest.is_none() {
        let (description, compiled) = description(&configuration, &arguments.file)?;
        report.operations(&compiled, written);
        report.tenants(settings);
        (ServerDescription(description), Some(compiled))
    } else {
        let manifest = arguments.manifest.as_deref();
        let described = ServerDescription::of(manifest, &arguments.file, progress)?;
        (described, None)
    };
    let mut manifest = Manifest::of(&described)?;
    if let Some(compiled) = &compiled {
        tenants::add_to(&mut manifest, compiled, settings);
    }
    report.card(&described, settings);
    let unapproved = described.unapproved(settings.approvals.tools);
    report.quarantine(&unapproved);
    match (Policy::new(settings), Rules::new(settings)) {
        _ if settings.live.enabled.is_some() => report.live_policy(),
        (Ok(policy), Ok(rules)) => {
            let policy = policy.quarantine(unapproved);
            report.policy(&callers, &manifest, &policy, &rules);
        }
        (Err(error), _) | (_, Err(error)) => report.errors.push(error.to_string()),
    }
    report.rates(settings, arguments.host);
    report.process_only(settings, arguments.host);
    report.events(settings, &manifest, arguments.host);
    if let Some(host) = arguments.host {
        let place = Place {
            folder: arguments.file.folder(),
            file: arguments.host_file.as_deref(),
            fix: arguments.fix,
        };
        let needs = Needs::inspect(host, &place, &configuration, environment, settings)?;
        report.needs(&needs);
    }
    Ok(report.outcome(arguments.strict))
}

/// Writes what `host` needs of its own file `file` into it, and says what of it is left to do.
pub(crate) fn needs_of(
    host: Host,
    folder: &Path,
    file: Option<&Path>,
    configuration: &Configuration,
    environment: Option<&str>,
    settings: &'static Settings,
) -> Result<String, Failure> {
    let place = Place {
        folder,
        file,
        fix: file.is_some(),
    };
    let needs = Needs::inspect(host, &place, configuration, environment, settings)?;
    match needs.errors() {
        [] => Ok(format!(
            "\n{}\n{}",
            styled(HEADING, &needs.heading()),
            needs.text()
        )),
        errors => Err(Failure::check(errors.join("\n"))),
    }
}

fn mistaken(path: &str, mistakes: &Mistakes) -> CommandOutput {
    let lines = mistakes.iter().map(|mistake| {
        let error = styled(BAD, "error:");
        format!("{error} {path}, {mistake}\n")
    });
    let json = mistakes.iter().map(|mistake| format!("{path}, {mistake}"));
    CommandOutput {
        text: lines.collect(),
        json: json!({ "errors": Vec::from_iter(json) }),
        product: None,
        status: FAILED,
    }
}

impl Report {
    /// Says where the rules are that this file does not have.
    fn live_policy(&mut self) {
        self.lines
            .push_str("\nWho may do what is in the live policy; `mcp-edge live show` tells it.\n");
        self.json.insert("live_policy".to_owned(), json!(true));
    }

    fn new(path: &str, environment: Option<&str>, configuration: &Configuration) -> Self {
        let environments: Vec<_> = configuration
            .environments
            .keys()
            .map(String::as_str)
            .collect();
        let which = match (environment, environments.as_slice()) {
            (Some(name), _) => format!("{path}, environment {name}"),
            (None, []) => path.to_owned(),
            (None, names) => format!(
                "{path}, without an environment (there are: {})",
                names.join(", ")
            ),
        };
        Self {
            lines: format!("{}\n", styled(HEADING, &which)),
            json: Map::from_iter([("environment".to_owned(), json!(environment))]),
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Who may call the server at all.
    fn exposure(&mut self, exposure: &Exposure) {
        self.heading("Who may call");
        for sentence in exposure.sentences() {
            self.lines.push_str(&format!("{sentence}\n"));
        }
        self.json.insert("callers".to_owned(), exposure.json());
        self.warnings.extend(exposure.warnings());
    }

    /// The result for each operation of the documents of upstreams.
    fn operations(&mut self, compiled: &Compiled, written: &FileSettings) {
        self.lines
            .push_str(&report::text(&compiled.reports, Detail::All));
        self.json
            .insert("upstreams".to_owned(), report::json(&compiled.reports));
        self.warnings
            .extend(list_size::warning(&compiled.catalog, written));
    }

    /// Which tenants see which upstreams.
    fn tenants(&mut self, settings: &Settings) {
        let text = tenants::text(settings);
        if !text.is_empty() {
            self.heading("Tenants that see the tools of upstreams");
            self.lines.push_str(&text);
        }
        self.json
            .insert("tenants".to_owned(), tenants::json(settings));
    }

    /// What holds for each issuer.
    fn issuers(&mut self, written: &FileSettings) -> Result<(), Failure> {
        let issuers = match written.get("issuers").map(|setting| &setting.value) {
            Some(Value::Named(issuers)) => issuers,
            _ => return Ok(()),
        };
        let mut json = Map::new();
        for (name, entry) in issuers {
            let settings = print(&mcp_edge_config::ISSUER, &entry.settings);
            self.heading(&format!("[issuers.{name}]"));
            if let Some(Value::Preset(preset)) =
                entry.settings.get("preset").map(|setting| &setting.value)
            {
                self.lines.push_str(&format!("# {}\n", preset.about));
            }
            self.lines.push_str(
                &settings.replace("audiences = []\n", "audiences = [] # so it is server.url\n"),
            );
            let settings: DocumentMut = settings.parse().map_err(Failure::check)?;
            let settings = toml_json::members(settings.as_table());
            json.insert(name.clone(), Json::Object(settings));
        }
        self.json.insert("issuers".to_owned(), Json::Object(json));
        Ok(())
    }

    /// What of the authority of upstreams is found at run time.
    fn discovered(&mut self, settings: &Settings) {
        let sentences = discovered::sentences(settings);
        if sentences.is_empty() {
            return;
        }
        self.heading(discovered::HEADING);
        self.lines.push_str(&format!("{}\n", sentences.join("\n")));
        self.json.insert("discovered".to_owned(), json!(sentences));
    }

    /// Whether the server can be found.
    fn card(&mut self, described: &ServerDescription, settings: &Settings) {
        let server = described.implementation();
        if let (Some(_), Some(_), Some(server)) =
            (settings.card.publish, settings.server.url, server)
        {
            // The URL does not matter to whether there is a card.
            if let Err(why) = ServerCard::new(&server, &settings.card, "") {
                self.warnings.push(why.to_string());
            }
        }
    }

    fn quarantine(&mut self, unapproved: &BTreeSet<String>) {
        let tools: Vec<_> = unapproved.iter().collect();
        let (are, it) = match tools.as_slice() {
            [] => return,
            [_] => ("is", "it"),
            _ => ("are", "them"),
        };
        let tools = named(["the tool", "the tools"], &tools);
        self.warnings.push(format!(
            "{tools} {are} not what approvals.tools names, so no caller sees {it}; read {it}, and write the digests into mcp.toml with \
             `mcp-edge manifest approve --write`"
        ));
    }

    fn policy(
        &mut self,
        callers: &[CallerQuery],
        manifest: &Manifest,
        policy: &Policy,
        rules: &Rules,
    ) {
        let decisions = Decisions::new(policy, manifest.targets(), callers);
        self.heading("Who may do what");
        if policy.is_open() {
            self.lines
                .push_str("mcp.toml has neither issuers nor rules: everybody may do everything.\n");
        }
        self.lines.push_str(&decisions.text());
        self.json.insert("policy".to_owned(), decisions.json());
        self.warnings.extend(rules.warnings(manifest));
    }

    fn rates(&mut self, settings: &Settings, host: Option<Host>) {
        if settings.rate_limits.is_empty() {
            return;
        }
        self.heading(&match host {
            Some(host) => format!("Rates on {}", host.name()),
            None => "Rates (--host says how exactly each host holds them)".to_owned(),
        });
        let mut json = Map::new();
        for rate in settings.rate_limits {
            let described = rates::described(rate);
            let guarantee = host.map(|host| host.guarantee(rate));
            self.lines
                .push_str(&format!("{}: {described}\n", rate.name));
            match &guarantee {
                Some(Ok(guarantee)) => self.lines.push_str(&format!("  {guarantee}\n")),
                Some(Err(why)) => self.errors.push(format!("rate `{}`: {why}", rate.name)),
                None => {}
            }
            let guarantee = guarantee.and_then(Result::ok);
            json.insert(
                rate.name.to_owned(),
                json!({ "limit": described, "guarantee": guarantee }),
            );
        }
        self.json.insert("rates".to_owned(), Json::Object(json));
    }

    /// What only a process reads: what proxies say, and how connections are served.
    fn process_only(&mut self, settings: &Settings, host: Option<Host>) {
        let Some(host) = host.filter(|host| *host != Host::Native) else {
            return;
        };
        if !settings.access.trusted_proxies.is_empty() {
            self.warnings.push(format!(
                "access.trusted_proxies has no effect on {}, where a client's address is the platform's word; move it to \
                 the environment of a process, as [environments.NAME.access]",
                host.name()
            ));
        }
        if settings.connections != Settings::DEFAULT.connections {
            self.warnings.push(format!(
                "[connections] has no effect on {}, where the platform accepts connections; move it to the environment of a \
                 process, as [environments.NAME.connections]",
                host.name()
            ));
        }
    }

    fn events(&mut self, settings: &Settings, manifest: &Manifest, host: Option<Host>) {
        self.heading(&match host {
            Some(host) => format!("Events on {}", host.name()),
            None => "Events (--host says what each host guarantees)".to_owned(),
        });
        self.lines.push_str(&match settings.audit.signing_keys {
            Some(evidence) => format!(
                "chained, and signed with the keys in {}\n",
                evidence.secret()
            ),
            None => "chained, and not signed\n".to_owned(),
        });
        let mut json = Map::new();
        for sink in settings.sinks {
            let described = sinks::described(sink);
            self.lines
                .push_str(&format!("{}: {described}\n", sink.name));
            let guarantee = host.map(|host| host.delivery(sink));
            match &guarantee {
                Some(Ok(guarantee)) => self.lines.push_str(&format!("  {guarantee}\n")),
                Some(Err(why)) => self.errors.push(format!("sinks.{}: {why}", sink.name)),
                None => {}
            }
            let guarantee = guarantee.and_then(Result::ok);
            json.insert(
                sink.name.to_owned(),
                json!({ "gets": described, "guarantee": guarantee }),
            );
        }
        let events = Events::new(settings, manifest.targets());
        self.lines.push('\n');
        self.lines.push_str(&events.text());
        self.warnings
            .extend(sinks::warnings(settings, events.targets()));
        self.warnings.extend(events.warning());
        let signed = settings.audit.signing_keys.is_some();
        self.json.insert(
            "events".to_owned(),
            json!({ "signed": signed, "sinks": json, "rows": events.json() }),
        );
    }

    fn needs(&mut self, needs: &Needs) {
        self.heading(&needs.heading());
        self.lines.push_str(&needs.text());
        self.json.insert("needs".to_owned(), needs.json());
        self.errors.extend_from_slice(needs.errors());
        self.warnings.extend_from_slice(needs.warnings());
    }

    fn heading(&mut self, heading: &str) {
        self.lines
            .push_str(&format!("\n{}\n", styled(HEADING, heading)));
    }

    fn outcome(mut self, strict: bool) -> CommandOutput {
        self.lines.push('\n');
        for (style, word, sentences) in [
            (BAD, "error:", &self.errors),
            (CAUTION, "warning:", &self.warnings),
        ] {
            for sentence in sentences {
                self.lines
                    .push_str(&format!("{} {sentence}\n", styled(style, word)));
            }
        }
        if self.errors.is_empty() && self.warnings.is_empty() {
            self.lines
                .push_str(&format!("{}\n", styled(GOOD, "No problems found.")));
        }
        let passed = self.errors.is_empty() && (self.warnings.is_empty() || !strict);
        self.json.insert("errors".to_owned(), json!(self.errors));
        self.json
            .insert("warnings".to_owned(), json!(self.warnings));
        CommandOutput {
            text: self.lines,
            json: Json::Object(self.json),
            product: None,
            status: status(passed),
        }
    }
}
