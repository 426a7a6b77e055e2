//! `cargo run -p fixture-server` serves natively.

fn main() -> std::process::ExitCode {
    fixture_server::main()
}
