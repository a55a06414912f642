//! Flattening of nested graphs.

use super::*;

#[test]
fn nested_graphs_are_flattened() {
    let flat = nested().flattened().unwrap();
    let names: Vec<&str> = flat.nodes.keys().map(String::as_str).collect();
    assert_eq!(names, ["block.deep.lif", "block.deep.w", "block.fc", "input", "output", "readout"]);
    let expected = [
        ("block.deep.lif", "block.deep.w"),
        ("block.deep.lif", "readout"),
        ("block.deep.w", "block.deep.lif"),
        ("block.fc", "block.deep.lif"),
        ("input", "block.fc"),
        ("readout", "output"),
    ];
    assert_eq!(edges(&flat), expected);
    assert_eq!(flat.nodes["block.deep.lif"].primitive, lif(2));
    let order = flat.order();
    assert_eq!(order.nodes, ["input", "block.fc", "block.deep.lif", "block.deep.w", "readout", "output"]);
    assert_eq!(order.feedback, [("block.deep.w", "block.deep.lif")]);
    assert_eq!(flat.flattened().unwrap(), flat);
}

#[test]
fn deeply_nested_nodes_are_copied_once() {
    const SIDE: usize = 512;
    let bytes = SIDE * SIDE * size_of::<f32>();
    let mut deep = graph(
        [("in", input(&[SIDE])), ("x", linear(0.0, SIDE, SIDE)), ("out", output(&[SIDE]))],
        &[("in", "x"), ("x", "out")],
    );
    for _ in 2..DEPTH_LIMIT {
        let around = [("in", input(&[SIDE])), ("x", Primitive::Graph(deep)), ("out", output(&[SIDE]))];
        deep = graph(around, &[("in", "x"), ("x", "out")]);
    }
    let (flat, peak) = crate::memory::peak_of(|| deep.flattened().unwrap());
    assert_eq!(flat.nodes.len(), 3);
    assert!(peak < bytes + bytes / 2, "{peak} bytes for {bytes}");
}

/// A graph in which data flow from `in` through `x` to `out`, and optionally past `x`.
fn block(past: bool) -> Primitive {
    let mut edges = vec![("in", "x"), ("x", "out")];
    edges.extend(past.then_some(("in", "out")));
    Primitive::Graph(graph([("in", input(&[1])), ("x", linear(0.0, 1, 1)), ("out", output(&[1]))], &edges))
}

#[test]
fn edges_past_the_nodes_of_a_graph_are_preserved() {
    let ends = [("input", input(&[1])), ("output", output(&[1]))];
    let two = graph(
        ends.into_iter().chain([("a", block(true)), ("b", block(true))]),
        &[("input", "a"), ("a", "b"), ("b", "output")],
    );
    let expected =
        [("a.x", "b.x"), ("a.x", "output"), ("b.x", "output"), ("input", "a.x"), ("input", "b.x"), ("input", "output")];
    assert_eq!(edges(&two.flattened().unwrap()), expected);

    let to_itself = graph([("input", input(&[1])), ("a", block(false))], &[("input", "a"), ("a", "a")]);
    assert_eq!(edges(&to_itself.flattened().unwrap()), [("a.x", "a.x"), ("input", "a.x")]);
}

#[test]
fn graphs_that_cannot_be_flattened_are_reported() {
    let with = |block: Primitive, edges: &[(&str, &str)]| {
        let nodes = [("input", input(&[1])), ("g", block), ("output", output(&[1])), ("g.x", linear(0.0, 1, 1))];
        graph(nodes, edges).flattened().unwrap_err().to_string()
    };
    let inputs = |names: &[&'static str]| Primitive::Graph(graph(names.iter().map(|name| (*name, input(&[1]))), &[]));
    let past = || Primitive::Graph(graph([("in", input(&[1])), ("out", output(&[1]))], &[("in", "out")]));
    let cases = [
        (with(inputs(&["a", "b"]), &[("input", "g")]), "edges lead to it, but it has 2 inputs instead of one"),
        (with(inputs(&["a"]), &[("g", "output")]), "edges come from it, but it has 0 outputs instead of one"),
        (with(block(false), &[]), "its node `x` would be `g.x`, which already exists"),
        (
            with(past(), &[("input", "g"), ("g", "output"), ("input", "output")]),
            "there would be two edges from `input` to `output`",
        ),
        (
            with(past(), &[("g", "g")]),
            "its input leads to its output and its output to its input: the cycle contains no node",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error, format!("cannot flatten graph `g`: {expected}"));
    }
}
