//! From the data of the deployment to a server.

use std::rc::Rc;

use mcp_edge::config::{Settings, UnknownEnvironment};
use mcp_edge::host::{DataFile, SharedHost};
use mcp_edge::server::ServerBuilder;
use mcp_edge::sinks::DRIVERS;
use mcp_edge::{Server, StartError, Started};
use mcp_edge_catalog::{DEPLOYMENT, Deployment};

use crate::catalog::CatalogFile;
use crate::tenants::TenantUpstreams;
use crate::tools::UpstreamTools;

/// A gateway whose data has been read: the settings of the deployment, and the tools of its upstreams.
pub struct Gateway {
    settings: &'static Settings,
    tools: Vec<UpstreamTools>,
}

/// Reads the data that `mcp-edge gateway build` has written for `environment`.
///
/// # Errors
///
/// A data file is missing, damaged or of another build, the deployment does not have the environment, or a setting of an
/// upstream cannot be used.
pub async fn load(host: &SharedHost, environment: Option<&str>) -> Result<Gateway, StartError> {
    let file = open(host, DEPLOYMENT).await?;
    let bytes = file.read_all().await?;
    let deployment = Deployment::decode(&bytes).map_err(|error| unusable(DEPLOYMENT, error))?;
    let name = environment.unwrap_or_default();
    let own = deployment.environments.get(name).ok_or_else(|| {
        let known = deployment.environments.keys().map(String::as_str);
        UnknownEnvironment::new(name, known.filter(|known| !known.is_empty()))
    })?;
    let settings =
        Settings::decode(&own.settings, &DRIVERS).map_err(|error| unusable(DEPLOYMENT, error))?;
    let settings: &'static Settings = Box::leak(Box::new(settings));
    let file = open(host, &own.catalog).await?;
    let catalog = CatalogFile::open(file, &own.digest)
        .await
        .map_err(|error| unusable(&own.catalog, error))?;
    let catalog = Rc::new(catalog);
    let destinations = Rc::new(own.destinations.clone());
    let mut tools = Vec::new();
    let mut mistakes = Vec::new();
    for upstream in settings.upstreams {
        match TenantUpstreams::start(upstream, settings, host.as_ref()).await {
            Ok(upstream) => tools.push(UpstreamTools::new(
                upstream,
                Rc::clone(&catalog),
                Rc::clone(&destinations),
            )),
            Err(found) => mistakes.extend(found),
        }
    }
    match StartError::all(mistakes) {
        Some(error) => Err(error),
        None => Ok(Gateway { settings, tools }),
    }
}

impl Gateway {
    /// The settings of the environment, all of them: a server that mounts the gateway has no others.
    pub fn settings(&self) -> &'static Settings {
        self.settings
    }

    /// A server without tools, with the name and texts of `[gateway]`.
    pub fn server(&self) -> ServerBuilder {
        let gateway = &self.settings.gateway;
        let mut server = Server::builder(gateway.name, gateway.version);
        if let Some(title) = gateway.title {
            server = server.title(title);
        }
        if let Some(description) = gateway.description {
            server = server.description(description);
        }
        if let Some(website) = gateway.website {
            server = server.website(website);
        }
        if let Some(instructions) = gateway.instructions {
            server = server.instructions(instructions);
        }
        server
    }

    /// Adds the tools of the upstreams to a server. The build of the server fails where a tool of its own has the name of one.
    pub fn mount(self, mut server: ServerBuilder) -> ServerBuilder {
        for source in self.tools {
            for key in source.published() {
                server = server.public_key(&key.id, key.algorithm, &key.key);
            }
            server = server.tools(source);
        }
        server
    }
}

/// Makes the server of `environment`: of the settings and the catalog that `mcp-edge gateway build` has written.
///
/// # Errors
///
/// Those of [`load`], and tools that no server can have.
pub async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
    let gateway = load(&host, environment.as_deref()).await?;
    let settings = gateway.settings();
    let server = gateway.server();
    let server = gateway.mount(server).build()?;
    Ok(Started { server, settings })
}

async fn open(host: &SharedHost, name: &str) -> Result<DataFile, StartError> {
    let file = DataFile::open(host.as_ref(), name).await?;
    file.ok_or_else(|| {
        unusable(
            name,
            "it is not there; deploy the folder that `mcp-edge gateway build` has written",
        )
    })
}

fn unusable(name: &str, why: impl std::fmt::Display) -> StartError {
    StartError::Data {
        name: name.to_owned(),
        why: why.to_string(),
    }
}
