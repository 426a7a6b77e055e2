//! What the macros say about mistakes. `TRYBUILD=overwrite` writes the expected texts anew.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
