//! A stand-in for Spin, for the tests of mcp-edge on machines that have no `spin` program.
//!
//! It runs one WASI 0.3 HTTP component on wasmtime, from the same `spin.toml` and with the same limits on
//! instances as Spin 4.1. It is not Spin and shares no code with it; where a real `spin` is in the path, the
//! tests use that one. What it leaves out:
//!
//! - more than one component, triggers other than HTTP, private routes and routes with named parts;
//! - databases, models, key-value stores except `default`, which lies in memory and ends with the process,
//!   component dependencies, build profiles;
//! - outbound HTTPS, self-requests, service chaining, CIDR ranges in `allowed_outbound_hosts`, the time-outs
//!   that a component asks for;
//! - TLS and HTTP/2 on the inbound side, and `spin build`.
//!
//! What a manifest asks for and the stand-in does not have is refused at the start, by name.

mod allowed_hosts;
mod arguments;
mod files;
mod inbound;
mod instances;
mod key_value;
mod manifest;
mod outbound;
mod variables;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use arguments::Arguments;
use inbound::Inbound;
use instances::Instances;
use key_value::KeyValue;
use manifest::Manifest;
use outbound::Outbound;
use variables::Variables;
use wasmtime_wasi_http::handler::ProxyHandler;

#[tokio::main]
async fn main() -> ExitCode {
    match arguments::parse() {
        Ok(None) => {
            print!("{}", arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(Some(arguments)) => report(run(arguments).await),
        Err(error) => report(Err(error.into())),
    }
}

fn report(result: wasmtime::Result<()>) -> ExitCode {
    match result {
        // Not through `main`: dropping the runtime would report every idle instance as a failed one.
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("spin-stand-in: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> wasmtime::Result<()> {
    let manifest = Manifest::read(&arguments.manifest)?;
    let variables = Variables::resolve(&manifest, &arguments.variables, |name| {
        std::env::var(name).ok()
    })?;
    let outbound = Outbound::new(manifest.allowed_hosts(&variables)?);
    let application = std::path::absolute(&arguments.manifest)?;
    let application = application.parent().unwrap_or(Path::new("/"));
    let files = manifest.files.mount(application)?;
    let instances = Instances::load(
        &manifest.source,
        arguments.cache,
        Arc::new(variables),
        Arc::new(KeyValue::new(&manifest, arguments.key_values)),
        outbound,
        files.as_ref().map(|files| files.folder().to_owned()),
    )?;
    Inbound {
        handler: ProxyHandler::new(instances),
        routes: manifest.routes,
    }
    .serve(arguments.listen)
    .await
}
