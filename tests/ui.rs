//! What must not compile: a secret that is printed, compared, stored by accident or used twice.

#[test]
fn a_secret_is_neither_printed_nor_compared_nor_used_twice() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
