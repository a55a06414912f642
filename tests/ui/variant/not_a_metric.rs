use neurobench::prelude::*;

struct Plain {
    k: usize,
}

variant!("top_7", Plain { k: 7 });

fn main() {}
