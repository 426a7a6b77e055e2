//! Tests as a list, so that a table's every row is a test with a name of its own.

use std::process::ExitCode;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Trial};

use crate::servers::Servers;

/// One test, on what it shares with the others.
pub struct Test<S = Servers> {
    name: String,
    run: Box<dyn FnOnce(&S) + Send>,
    alone: bool,
    needs: Option<fn() -> Result<(), String>>,
}

impl Test {
    /// A test on the servers of one host that may run beside others.
    pub fn new(name: impl Into<String>, run: impl FnOnce(&Servers) + Send + 'static) -> Self {
        Self::on(name, run)
    }
}

impl<S> Test<S> {
    /// A test that may run beside others.
    pub fn on(name: impl Into<String>, run: impl FnOnce(&S) + Send + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
            alone: false,
            needs: None,
        }
    }

    /// Its name, as the test runner prints it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A test that is skipped, and not passed, where this machine lacks what it needs. `needs` gives the reason.
    #[must_use]
    pub fn needing(mut self, needs: fn() -> Result<(), String>) -> Self {
        self.needs = Some(needs);
        self
    }

    /// A test beside which no other may run: it counts everything a server does, or ends it.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }
}

/// The tests of a module, by the names of their functions.
#[macro_export]
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        vec![$($crate::suite::Test::on(
            concat!(module_path!(), "::", stringify!($name)),
            $name,
        )),+]
    };
}

/// Starts the servers, runs the tests against them and stops the servers.
pub fn run(tests: Vec<Test>) -> Result<ExitCode> {
    run_on(Servers::from_environment, tests)
}

/// Makes what the tests share, runs them on it, drops it, and stops what still runs.
pub fn run_on<S: Send + Sync + 'static>(
    make: impl FnOnce() -> Result<S>,
    tests: Vec<Test<S>>,
) -> Result<ExitCode> {
    xtask::process::stop_children_on_signal()?;
    let arguments = Arguments::from_args();
    if arguments.list {
        let trials = tests
            .into_iter()
            .map(|test| Trial::test(test.name, || Ok(())));
        return Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code());
    }
    let servers = Arc::new(make()?);
    let turn = Arc::new(RwLock::new(()));
    let trials = tests
        .into_iter()
        .map(|test| {
            let servers = Arc::clone(&servers);
            let turn = Arc::clone(&turn);
            Trial::ignorable_test(test.name.clone(), move || {
                if let Some(Err(reason)) = test.needs.map(|needs| needs()) {
                    // The test runner does not show a reason where it prints a letter for each test.
                    eprintln!("skipped: {}: {reason}", test.name);
                    return Ok(Completion::ignored_with(reason));
                }
                if test.alone {
                    let _turn = turn.write().unwrap_or_else(PoisonError::into_inner);
                    (test.run)(&servers);
                } else {
                    let _turn = turn.read().unwrap_or_else(PoisonError::into_inner);
                    (test.run)(&servers);
                }
                Ok(Completion::Completed)
            })
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(servers);
    xtask::process::stop_children();
    Ok(conclusion.exit_code())
}
