//! `mcp-edge gateway build`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use mcp_edge_catalog::codec::{Header, encode};
use mcp_edge_catalog::{DEPLOYMENT, Deployment, Destinations, Environment};
use mcp_edge_config::{Configuration, Settings};
use mcp_edge_openapi::Report;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::changes::{Changes, Tools};
use super::folder;
use super::prebuilt::Prebuilt;
use crate::catalog::DATA;
use crate::catalog::compile::compiled;
use crate::catalog::report::{self, Detail};
use crate::catalog::values::Values;
use crate::check::{self, discovered, host::Host};
use crate::exposure::Exposure;
use crate::file::{self, File};
use crate::output::{CommandOutput, DONE, Failure};
use crate::style::{CAUTION, GOOD, HEADING, styled};

/// Compiles mcp.toml and the OpenAPI documents that it names, and writes a folder that can be deployed
///
/// The folder has no build command: `wrangler deploy` and `spin deploy` upload it, and the native program runs in it. Files of a
/// host that are there already are kept, and get what they lack. Every environment of mcp.toml is in it; --env says which one the
/// files of the hosts are for.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// The folder to write
    #[arg(long, value_name = "DIR", default_value = "deploy")]
    out: PathBuf,
    /// A host that the folder is for; may be given several times [default: all]
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<Host>,
    /// The folder `gateway` of a release archive [default: that of the archive which this program is in]
    #[arg(long, value_name = "DIR")]
    prebuilt: Option<PathBuf>,
    /// Write the data and the entry module of a Worker alone, for a gateway that is built from its source
    #[arg(long, conflicts_with_all = ["hosts", "prebuilt"])]
    data_only: bool,
    /// Print every operation of the documents
    #[arg(long)]
    list: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge gateway build --host workers --env production && cd deploy && wrangler deploy
  $ mcp-edge gateway build --host native --env dev && cd deploy && ./mcp-edge-gateway
  $ mcp-edge gateway build --data-only --out gateway";

/// Where worker-build puts the Worker of a gateway whose data is in the folder `deploy` beside its source.
const FROM_SOURCE: &str = "../build/index.js";

/// The maximum size of what is uploaded to Workers' free plan, in bytes.
const WORKERS_FREE: usize = 3 << 20;

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let configuration = arguments.file.read()?;
    let environment = arguments.file.env.as_deref();
    let written = file::settings(&configuration, environment)?;
    let name = server_name(&configuration)?;
    let built = Built::of(&configuration, arguments.file.folder())?;
    let tools = built.tools(environment)?;
    let settings = file::decoded(written)?;
    let before = last_catalog(&arguments.out, environment);

    let mut text = format!("{}\n", styled(HEADING, &name));
    let detail = match arguments.list {
        true => Detail::All,
        false => Detail::Problems,
    };
    let reports = built.reports(environment);
    text.push_str(&report::text(reports, detail));
    let tenants = check::tenants::text(settings);
    if !tenants.is_empty() {
        let heading = styled(HEADING, "Tenants that see the tools of upstreams");
        text.push_str(&format!("\n{heading}\n{tenants}"));
    }
    let changes = before.map(|before| Changes::between(&before, &tools));
    if let Some(changes) = &changes {
        let changes = changes.text();
        if !changes.is_empty() {
            text.push_str(&format!(
                "\n{}\n{changes}",
                styled(HEADING, "Tools that differ")
            ));
        }
    }
    let quarantined = tools.quarantined(settings.approvals.tools);
    if !quarantined.is_empty() {
        text.push_str(&format!(
            "\n{} not approved, so that no caller sees them or can call them: {}\n",
            styled(CAUTION, "warning:"),
            quarantined.join(", ")
        ));
    }

    let discovered = discovered::sentences(settings);
    if !discovered.is_empty() {
        let heading = styled(HEADING, discovered::HEADING);
        text.push_str(&format!("\n{heading}\n{}\n", discovered.join("\n")));
    }

    let exposure = Exposure::of(&configuration, environment, &arguments.out)?;
    let mut warnings = exposure.warnings();
    warnings.extend(built.unapproved_elsewhere(&configuration, environment)?);
    for warning in &warnings {
        text.push_str(&format!("\n{} {warning}\n", styled(CAUTION, "warning:")));
    }

    folder::write_data(&arguments.out, &built.files)?;
    let mut hosts = Vec::new();
    if arguments.data_only {
        folder::write_entry(&arguments.out, &built.files, FROM_SOURCE)?;
    } else {
        let prebuilt = Prebuilt::find(arguments.prebuilt.as_deref())?;
        let all = [Host::Workers, Host::Spin, Host::Native];
        let chosen = match arguments.hosts.as_slice() {
            [] => &all[..],
            hosts => hosts,
        };
        for host in chosen.iter().copied() {
            let deployment = Target {
                host,
                folder: &arguments.out,
                name: folder::deployed_name(&name),
                environment,
            };
            prebuilt.copy(host, &arguments.out)?;
            text.push_str(&deployment.write(&built, &configuration, settings)?);
            hosts.push(host.name());
        }
    }
    let size: usize = built.files.values().map(Vec::len).sum();
    if size > WORKERS_FREE {
        text.push_str(&format!(
            "\n{} the data has {size} bytes, more than Workers' free plan takes; allow fewer operations\n",
            styled(CAUTION, "warning:")
        ));
    }
    text.push_str(&format!(
        "\n{} {}\n",
        styled(GOOD, "Written:"),
        arguments.out.display()
    ));
    Ok(CommandOutput {
        text,
        json: json!({
            "name": name,
            "folder": arguments.out,
            "hosts": hosts,
            "files": built.files.keys().collect::<Vec<_>>(),
            "bytes": size,
            "upstreams": report::json(reports),
            "tenants": check::tenants::json(settings),
            "changes": changes.map(|changes| changes.json()),
            "quarantined": quarantined,
            "discovered": discovered,
            "warnings": warnings,
        }),
        product: None,
        status: DONE,
    })
}

/// The name of the server, which nothing but the configuration can give it.
pub(super) fn server_name(configuration: &Configuration) -> Result<String, Failure> {
    Values(&configuration.base).word("gateway.name").ok_or_else(|| {
        Failure::check(
            "mcp.toml has no `gateway.name`, the name of the server; write [gateway] and name = \"com.example/orders\"",
        )
    })
}

/// The data of a deployment.
struct Built {
    files: BTreeMap<String, Vec<u8>>,
    deployment: Deployment,
    /// Of each environment.
    reports: BTreeMap<String, BTreeMap<String, Report>>,
}

impl Built {
    fn of(configuration: &Configuration, folder: &Path) -> Result<Self, Failure> {
        let environments = configuration.environments.iter();
        let all: Vec<(&str, &Settings)> = std::iter::once(("", &configuration.base))
            .chain(environments.map(|(name, settings)| (name.as_str(), settings)))
            .collect();
        let mut built = Self {
            files: BTreeMap::new(),
            deployment: Deployment::default(),
            reports: BTreeMap::new(),
        };
        for (environment, settings) in all {
            built
                .add(environment, settings, folder)
                .map_err(|failure| match environment {
                    "" => failure,
                    name => Failure {
                        sentence: format!("environment {name}: {}", failure.sentence),
                        ..failure
                    },
                })?;
        }
        let deployment = built.deployment.encode();
        built.files.insert(DEPLOYMENT.to_owned(), deployment);
        Ok(built)
    }

    fn add(
        &mut self,
        environment: &str,
        settings: &Settings,
        folder: &Path,
    ) -> Result<(), Failure> {
        let compiled = compiled(settings, folder)?;
        let bytes = encode(&compiled.catalog).map_err(Failure::check)?;
        let digest = index_digest(&bytes)?;
        // Environments with the same operations share a file.
        let same = self.files.iter().find(|(_, other)| **other == bytes);
        let catalog = match (same, environment) {
            (Some((name, _)), _) => name.clone(),
            (None, "") => "catalog.bin".to_owned(),
            (None, _) => format!("catalog-{}.bin", self.files.len()),
        };
        self.files.insert(catalog.clone(), bytes);
        self.deployment.environments.insert(
            environment.to_owned(),
            Environment {
                settings: mcp_edge_config::encode(settings),
                catalog,
                digest,
                destinations: compiled.destinations,
            },
        );
        self.reports
            .insert(environment.to_owned(), compiled.reports);
        Ok(())
    }

    fn tools(&self, environment: Option<&str>) -> Result<Tools, Failure> {
        let name = environment.unwrap_or_default();
        let environment = self.deployment.environments.get(name);
        let read = environment.and_then(|environment| {
            let bytes = self.files.get(&environment.catalog)?;
            Some(Tools::read(bytes, &environment.destinations))
        });
        read.unwrap_or_else(|| Tools::read(&[], &Destinations::default()))
            .map_err(Failure::check)
    }

    /// What environments besides this one do not approve, of those that approve anything: the folder is for all of them.
    fn unapproved_elsewhere(
        &self,
        configuration: &Configuration,
        environment: Option<&str>,
    ) -> Result<Vec<String>, Failure> {
        let mut warnings = Vec::new();
        for (name, settings) in &configuration.environments {
            if environment == Some(name) {
                continue;
            }
            let approved = file::decoded(settings)?.approvals.tools;
            let tools = self.tools(Some(name))?.quarantined(approved);
            if !tools.is_empty() {
                warnings.push(format!(
                    "environment {name}, not approved: {}; approve there as well with `mcp-edge manifest approve --write --env {name}`",
                    tools.join(", ")
                ));
            }
        }
        Ok(warnings)
    }

    fn reports(&self, environment: Option<&str>) -> &BTreeMap<String, Report> {
        static NONE: BTreeMap<String, Report> = BTreeMap::new();
        self.reports
            .get(environment.unwrap_or_default())
            .unwrap_or(&NONE)
    }
}

/// The SHA-256 of the header and the index of a catalog.
fn index_digest(catalog: &[u8]) -> Result<[u8; 32], Failure> {
    let header = catalog.get(..Header::LENGTH).unwrap_or_default();
    let end = Header::decode(header)
        .map_err(Failure::check)?
        .index_range()
        .end;
    let end = usize::try_from(end).unwrap_or(usize::MAX);
    Ok(Sha256::digest(catalog.get(..end).unwrap_or_default()).into())
}

/// The tools of the catalog that `folder` has from a build before this one.
fn last_catalog(folder: &Path, environment: Option<&str>) -> Option<Tools> {
    let data = folder.join(DATA);
    let deployment = Deployment::decode(&std::fs::read(data.join(DEPLOYMENT)).ok()?).ok()?;
    let environment = deployment
        .environments
        .get(environment.unwrap_or_default())?;
    let catalog = std::fs::read(data.join(&environment.catalog)).ok()?;
    Tools::read(&catalog, &environment.destinations).ok()
}

/// One host in the folder.
struct Target<'a> {
    host: Host,
    folder: &'a Path,
    name: String,
    environment: Option<&'a str>,
}

impl Target<'_> {
    /// Writes the files of the host, and says what else it needs.
    fn write(
        &self,
        built: &Built,
        configuration: &Configuration,
        settings: &'static mcp_edge_runtime::config::Settings,
    ) -> Result<String, Failure> {
        let put = |name: &str, text: String| {
            let path = self.folder.join(name);
            std::fs::write(&path, text).map_err(|error| {
                Failure::usage(format!("cannot write {}: {error}", path.display()))
            })
        };
        if self.host == Host::Workers {
            let program = format!("./{}/index.js", Prebuilt::program(self.host).1);
            folder::write_entry(self.folder, &built.files, &program)?;
        }
        let mut path = None;
        if let Some((name, text)) = folder::host_file(self.host, &self.name, self.environment) {
            let file = self.folder.join(name);
            if !file.exists() {
                put(name, text)?;
            }
            path = Some(file);
        }
        check::needs_of(
            self.host,
            self.folder,
            path.as_deref(),
            configuration,
            self.environment,
            settings,
        )
    }
}
