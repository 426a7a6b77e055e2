//! The gateway beside a plain proxy, before the same API; and what a catalog costs that has many operations.

mod beside;
mod catalogs;
mod deployment;
mod proxy;

use anyhow::Result;

use self::beside::Beside;
use self::catalogs::{CATALOGS, Catalogs};
use self::deployment::{Deployment, Programs};
use super::access;
use super::bundle::Bundle;
use super::report::Section;
use super::server::Server;
use super::versions;
use super::{Effort, build, native, workerd};

/// The name of the API without anything before it.
const DIRECT: &str = "a direct call";

/// The name of the gateway beside proxies.
const OURS: &str = "mcp-edge";

pub(super) fn measure(effort: &Effort) -> Result<Section> {
    build::others()?;
    let programs = Programs::build()?;
    let workerd = workerd::workerd()?;
    let authorization = access::authorization()?;
    // hyper that answers a constant, whatever it is asked for.
    let api = Server {
        name: DIRECT,
        ..native::floor()
    };
    let api = api.start()?;
    let deployments: Vec<Deployment> = CATALOGS
        .into_iter()
        .map(|(operations, name)| programs.deployment(name, operations, api.port, &authorization))
        .collect::<Result<_>>()?;
    let bundles: Vec<Bundle> = deployments
        .iter()
        .map(Deployment::bundle)
        .collect::<Result<_>>()?;
    let natively: Vec<Server> = deployments
        .iter()
        .map(Deployment::natively)
        .collect::<Result<_>>()?;
    let on_workerd: Vec<Server> = deployments
        .iter()
        .zip(&bundles)
        .map(|(deployment, bundle)| deployment.on_workerd(bundle, &workerd))
        .collect();

    let nginx = proxy::nginx(api.port);
    let version = nginx.as_ref().ok().map(|(_, version)| version.clone());
    let worker = proxy::worker(api.port, &workerd);
    let beside = [
        Beside::measure(
            proxy::NGINX,
            nginx.map(|(nginx, _)| nginx),
            &natively,
            &api,
            effort,
        )?,
        Beside::measure(proxy::WORKER, worker, &on_workerd, &api, effort)?,
    ];
    let grown = [
        Catalogs::measure(&natively, effort)?,
        Catalogs::measure(&on_workerd, effort)?,
    ];
    let [nginx, worker] = &beside;
    let [natively, on_workerd] = &grown;
    let uploads: Vec<f64> = bundles.iter().map(|bundle| bundle.upload).collect();
    let mut aims = nginx.aims("natively");
    aims.extend(worker.aims("workerd"));
    aims.extend(natively.aims("natively"));
    aims.extend(on_workerd.aims("workerd"));
    Ok(Section {
        text: format!(
            "\
## The gateway

The gateway with an issuer, a policy and signed events: a `tools/call` with an access token is one request to an API, which is
hyper that answers a constant. Requests per second natively, as a multiple of what nginx reaches as a plain reverse proxy before
the same API, with a line for each request in its log as well:

{}
How much longer than a direct call to the API that takes:

{}
On workerd, beside a Worker of JavaScript that passes each request on:

{}
How much longer than a direct call to the API that takes:

{}
What a catalog costs, with one call to its last operation at a time on each of 16 connections. Natively:

{}
On workerd, with the upload, gzipped, as `wrangler deploy --dry-run` says it:

{}
Measured with {}.
",
            nginx.rates(),
            nginx.added(),
            worker.rates(),
            worker.added(),
            natively.table(None),
            on_workerd.table(Some(&uploads)),
            versions::of_gateway(version.as_deref())?,
        ),
        aims,
    })
}
