//! A new server: the program makes it, its own workflow passes, it answers on each of the hosts in `MCP_EDGE_HOSTS`,
//! `native,workers,spin` where it is not set, compiles for the others, and every build uses its configuration as it is.
//! The line of the workflow that installs the program runs where `MCP_EDGE_HOSTS` is all hosts, or `native` alone.

mod configuration;
mod dev;
mod workflow;

use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use mcp_edge_tests::{Endpoint, hosts, modern};
use serde_json::json;
use xtask::host::{ALL, Host, Launch, free_port, open};
use xtask::scaffolded::{self, SERVER};
use xtask::{keys, process, workspace};

fn main() -> Result<ExitCode> {
    process::stop_children_on_signal()?;
    let mut arguments = Arguments::from_args();
    // Every one of them builds, with all cores.
    arguments.test_threads = Some(1);
    let hosts = hosts()?;
    if !arguments.list {
        scaffolded::make(SERVER)?;
        scaffolded::make(configuration::SERVER)?;
    }
    let built = hosts.clone();
    let mut trials = vec![
        trial("its_own_workflow_passes", move || workflow::pass(&built)),
        trial("check_finds_nothing_wrong_natively", check),
        trial("dev_serves_and_reloads", dev::serve_and_reload),
        trial("dev_signs_in_a_stock_client", dev::sign_in),
        trial(
            "a_test_fails_for_an_older_configuration_in_its_place",
            configuration::replace_by_an_older_one,
        ),
    ];
    for host in ALL {
        trials.push(trial(
            format!("every_build_for_{host}_uses_the_configuration_as_it_is"),
            move || configuration::change_between_builds(host),
        ));
        if hosts.contains(&host) {
            trials.push(trial(format!("it_answers_on_{host}"), move || answer(host)));
        } else if let Some(target) = host.target() {
            let name = format!("it_compiles_for_{host}");
            trials.push(trial(name, move || compile(host, target)));
        }
    }
    Ok(libtest_mimic::run(&arguments, trials).exit_code())
}

fn trial(name: impl Into<String>, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, || {
        run().map_err(|error| Failed::from(format!("{error:#}")))
    })
}

/// The workflow asks about the other hosts.
fn check() -> Result<()> {
    let folder = workspace::server(SERVER)?;
    let check = |options: &[&str]| -> Result<Command> {
        let mut program = scaffolded::program()?;
        program.current_dir(&folder).arg("check").args(options);
        Ok(program)
    };
    process::run(&mut check(&["--env", "dev", "--strict"])?)?;
    for host in ["native", "workers", "spin"] {
        let options = ["--env", "production", "--host", host];
        process::run(&mut check(&options)?)?;
        // Not before its mcp.toml sets who may call it.
        let strict = check(&[&options[..], &["--strict"]].concat())?.output()?;
        let said = String::from_utf8_lossy(&strict.stdout).into_owned();
        ensure!(
            !strict.status.success() && said.contains("[environments.production.access]"),
            "an open server passes on {host}: {said}"
        );
    }
    Ok(())
}

fn compile(host: Host, target: &'static str) -> Result<()> {
    let build = configuration::library(host, target)?;
    process::run(&mut workspace::cargo_for(SERVER, &build)?)
}

fn answer(host: Host) -> Result<()> {
    host.build(SERVER)?;
    let server = host.start(&Launch {
        example: SERVER,
        port: free_port()?,
        keys: &keys::fresh("test")?,
        variables: open::variables(&workspace::server(SERVER)?)?,
        descriptors: None,
        key_values: &[],
        deployment: None,
    })?;
    let arguments = json!({ "text": "to be\nor not to be" });
    let call = modern(
        "tools/call",
        json!({ "name": "count_words", "arguments": arguments }),
    );
    let answer = Endpoint::new(server.url())?.try_send(&call)?;
    let counts = &answer.result()["structuredContent"];
    ensure!(
        *counts == json!({ "words": 6, "characters": 18 }),
        "it counts {counts}"
    );
    Ok(())
}
