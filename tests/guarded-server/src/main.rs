//! `cargo run -p guarded-server` serves natively.

fn main() -> std::process::ExitCode {
    guarded_server::main()
}
