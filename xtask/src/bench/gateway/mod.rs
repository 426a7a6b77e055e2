//! The gateway beside a plain proxy, before the same API; and what a catalog costs that has many operations.

mod beside;
mod catalogs;
mod deployment;
mod proxy;

use anyhow::Result;

use self::beside::Beside;
use self::catalogs::{CATALOGS, Catalogs};
use self::deployment::{Deployment, Kind, Programs, Variant};
use super::access;
use super::bundle::Bundle;
use super::report::Section;
use super::server::Server;
use super::versions;
use super::{Effort, build, native, workerd};

/// The name of the API without anything before it.
const DIRECT: &str = "a direct call";

/// The names of the gateways beside proxies. The second leaves its events unsigned, as it is without `audit.signing_keys`; the
/// third sends the API a token of the caller, which it has exchanged before, in place of a secret of its own.
const OURS: &str = "mcp-edge";
const UNSIGNED: &str = "mcp-edge, events not signed";
const EXCHANGED: &str = "mcp-edge, exchanged token";

const BESIDE: [(&str, Variant); 3] = [
    (OURS, Variant::Signed),
    (UNSIGNED, Variant::Unsigned),
    (EXCHANGED, Variant::Exchanged),
];

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
    let beside = BESIDE.map(|(name, variant)| Kind {
        name,
        operations: CATALOGS[0].0,
        variant,
    });
    let catalogs = CATALOGS.map(|(operations, name)| Kind {
        name,
        operations,
        variant: Variant::Signed,
    });
    let deployments = |kinds: &[Kind]| -> Result<Vec<Deployment>> {
        let kinds = kinds.iter();
        kinds
            .map(|kind| programs.deployment(kind, api.port, &authorization))
            .collect()
    };
    let (beside, catalogs) = (deployments(&beside)?, deployments(&catalogs)?);
    let bundles = |deployments: &[Deployment]| -> Result<Vec<Bundle>> {
        deployments.iter().map(Deployment::bundle).collect()
    };
    let natively = |deployments: &[Deployment]| -> Result<Vec<Server>> {
        deployments.iter().map(Deployment::natively).collect()
    };
    let on_workerd = |deployments: &[Deployment], bundles: &[Bundle]| -> Vec<Server> {
        let pairs = deployments.iter().zip(bundles);
        pairs
            .map(|(deployment, bundle)| deployment.on_workerd(bundle, &workerd))
            .collect()
    };

    let nginx = proxy::nginx(api.port);
    let version = nginx.as_ref().ok().map(|(_, version)| version.clone());
    let worker = proxy::worker(api.port, &workerd);
    let workers = on_workerd(&beside, &bundles(&beside)?);
    let beside = [
        Beside::measure(
            proxy::NGINX,
            nginx.map(|(nginx, _)| nginx),
            &natively(&beside)?,
            &api,
            effort,
        )?,
        Beside::measure(proxy::WORKER, worker, &workers, &api, effort)?,
    ];
    let bundles = bundles(&catalogs)?;
    let grown = [
        Catalogs::measure(&natively(&catalogs)?, effort)?,
        Catalogs::measure(&on_workerd(&catalogs, &bundles), effort)?,
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

The gateway with an issuer, a policy and an event for each call, signed or, in one row, chained alone: a `tools/call` with an access
token is one request to an API, which is hyper that answers a constant. The request has a secret of the gateway or, in the last row,
a token that was exchanged for the caller's before. Requests per second natively, as a multiple of what nginx reaches as a plain
reverse proxy before the same API, with a line for each request in its log as well:

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
