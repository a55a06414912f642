//! Odd but legal uses of the macros: every program of `tests/compile_pass` compiles and runs.

#[test]
fn odd_uses_are_legal() {
    trybuild::TestCases::new().pass("tests/compile_pass/*.rs");
}
