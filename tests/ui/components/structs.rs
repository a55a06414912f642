use neurobench::prelude::*;

#[derive(Clone, Debug, Settings)]
enum Mode {
    Fast,
    Slow,
}

#[derive(Clone, Debug, Settings)]
struct Length(usize);

#[derive(Clone, Debug, Settings)]
struct Generic<T> {
    value: T,
}

#[derive(Clone, Debug, Settings)]
struct Borrowed<'a> {
    text: &'a str,
}

#[derive(Clone, Debug, Settings)]
struct ReservedName {
    name: String,
}

#[derive(Settings)]
struct WithoutDerives {
    length: usize,
}

fn main() {}
