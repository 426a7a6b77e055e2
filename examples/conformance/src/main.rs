//! `cargo run -p conformance` serves natively.

fn main() -> std::process::ExitCode {
    conformance::main()
}
