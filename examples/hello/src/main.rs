//! `cargo run -p hello` serves natively.

fn main() -> std::process::ExitCode {
    hello::main()
}
