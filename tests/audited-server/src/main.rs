//! `cargo run -p audited-server` serves natively.

fn main() -> std::process::ExitCode {
    audited_server::main()
}
