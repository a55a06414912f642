//! Order of computation.

use super::*;

#[test]
fn feedback_edges_lead_back_along_the_flow() {
    // The neuron `a` gets the input through `z`, and its own outputs through `w`.
    let recurrent =
        points(&["a", "input", "out", "w", "z"], &[("a", "w"), ("w", "a"), ("input", "z"), ("z", "a"), ("a", "out")]);
    let order = recurrent.order();
    assert_eq!(order.nodes, ["input", "z", "a", "out", "w"]);
    assert_eq!(order.feedback, [("w", "a")]);
    assert_eq!(recurrent.predecessors()["a"], ["w", "z"]);
    assert_eq!(recurrent.predecessors()["input"], [""; 0]);

    let alone = points(&["a"], &[("a", "a")]);
    assert_eq!((alone.order().nodes, alone.order().feedback), (vec!["a"], vec![("a", "a")]));
}

proptest! {
    #[test]
    fn every_edge_except_feedback_leads_forward(
        pairs in prop::collection::btree_set((0_usize..9, 0_usize..9), 0..30),
        rotation in 0_usize..30,
    ) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let mut pairs: Vec<(&str, &str)> = pairs.into_iter().map(|(from, to)| (names[from], names[to])).collect();
        let first = points(&names, &pairs);
        let (order, place) = (first.order(), |name: &str| first.order().nodes.iter().position(|other| *other == name));
        let mut sorted = order.nodes.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, names);
        let back: Vec<(&str, &str)> = pairs.iter().copied().filter(|(from, to)| place(from) >= place(to)).collect();
        for edge in &back {
            prop_assert!(order.feedback.contains(edge));
        }

        // Each feedback edge closes a cycle: without all feedback edges there is a path back.
        let forward: Vec<(&str, &str)> = pairs.iter().copied().filter(|edge| !order.feedback.contains(edge)).collect();
        for (from, to) in &order.feedback {
            let mut reached = vec![*to];
            for name in &order.nodes {
                if forward.iter().any(|(before, after)| after == name && reached.contains(before)) {
                    reached.push(name);
                }
            }
            prop_assert!(reached.contains(from), "{from} -> {to}");
        }

        if !pairs.is_empty() {
            let places = pairs.len();
            pairs.rotate_left(rotation % places);
            pairs.swap(0, places / 2);
        }
        let second = points(&names, &pairs);
        prop_assert_eq!(second.order(), order);
    }
}
