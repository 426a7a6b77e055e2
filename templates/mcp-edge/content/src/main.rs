//! `cargo run` serves natively.

fn main() -> std::process::ExitCode {
    {{project-name | snake_case}}::main()
}
