//! How the layers of a network are connected, and whether the nodes of its graph are.

use std::collections::{BTreeMap, BTreeSet};

use crate::nir::{Graph, NirError};
use neurobench_network::format::Description;

/// How the layers of a network are connected, with and without those that do nothing.
pub(super) struct Connections<'a> {
    /// The place of each layer in the file.
    places: BTreeMap<&'a str, usize>,
    /// What each layer takes.
    pub(super) inputs: Vec<Vec<&'a str>>,
    /// The layers that do nothing, and what each of them takes.
    pub(super) left_out: BTreeMap<&'a str, &'a str>,
}

impl<'a> Connections<'a> {
    pub(super) fn of(description: &'a Description) -> Self {
        let (mut inputs, mut left_out, mut last) = (Vec::new(), BTreeMap::new(), "input");
        for entry in &description.layers {
            let own: Vec<&str> = match &entry.inputs {
                Some(inputs) => inputs.iter().map(String::as_str).collect(),
                None => vec![last],
            };
            last = &entry.path;
            if let ("dropout" | "identity", [input]) = (entry.kind.as_str(), own.as_slice()) {
                left_out.insert(last, *input);
            }
            inputs.push(own);
        }
        let places = description.layers.iter().enumerate().map(|(place, entry)| (entry.path.as_str(), place));
        Self { places: places.collect(), inputs, left_out }
    }

    /// Whether a layer takes from another what it gave at the step before: it does not come after it.
    fn is_late(&self, from: &str, to: &str) -> bool {
        matches!((self.places.get(from), self.places.get(to)), (Some(from), Some(to)) if from >= to)
    }

    /// What stands for a layer's input, or for the network's output, when the layers that do nothing are left out: it must come
    /// as many steps late as what it stands for.
    pub(super) fn left(&self, input: &'a str, layer: Option<&str>) -> Result<&'a str, NirError> {
        let late = |from: &str, to: Option<&str>| usize::from(to.is_some_and(|to| self.is_late(from, to)));
        let (mut from, mut steps) = (input, late(input, layer));
        // Not further than there are layers to leave out: they may lead to each other.
        for _ in 0..self.left_out.len() {
            let Some(before) = self.left_out.get(from) else { break };
            steps += late(before, Some(from));
            from = before;
        }
        let problem = |problem: &str| Err(NirError::Layer { layer: input.to_owned(), problem: problem.to_owned() });
        if self.left_out.contains_key(from) {
            return problem("it does nothing, and it and others that do nothing lead to each other");
        }
        if steps != late(from, layer) {
            return problem(
                "it delays what it is given by a step, as its place in the file says; in NIR only a `delay` does",
            );
        }
        Ok(from)
    }
}

/// That the graph's cycles are closed where the network's are.
pub(super) fn check_feedback(graph: &Graph, description: &Description) -> Result<(), NirError> {
    let place = |path: &str| description.layers.iter().position(|entry| entry.path == path);
    let back = |from: &str, to: &str| matches!((place(from), place(to)), (Some(from), Some(to)) if from >= to);
    let theirs: BTreeSet<(&str, &str)> = graph.order().feedback.into_iter().collect();
    for (from, to) in &graph.edges {
        if back(from, to) != theirs.contains(&(from.as_str(), to.as_str())) {
            let problem = format!(
                "`{from}` leads to `{to}` on a cycle, and a graph does not say which of its edges is a step late"
            );
            return Err(NirError::Layer { layer: to.clone(), problem });
        }
    }
    Ok(())
}
