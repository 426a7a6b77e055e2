//! `cargo run -p fraud-rules` serves natively.

fn main() -> std::process::ExitCode {
    fraud_rules::main()
}
