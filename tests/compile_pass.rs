//! Odd but legal uses of the macros: every program of `tests/compile_pass` compiles and runs.
//!
//! It is a test of its own because it runs the compiler for minutes.

#[test]
fn odd_uses_are_legal() {
    trybuild::TestCases::new().pass("tests/compile_pass/*.rs");
}
