//! Not a test: prints what `cargo test` leaves out.

fn main() {
    // A test runner lists the tests of each program before it runs them.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!(
        "\
`cargo test` runs the tests of each crate. It leaves out lints and everything that needs a running server: the HTTP suite, official
conformance, official clients, sign-in, the audit log and the landing page on each of the three hosts.
`cargo xtask test --fast` adds lints and the HTTP suite, natively; `cargo xtask test` runs everything."
    );
}
