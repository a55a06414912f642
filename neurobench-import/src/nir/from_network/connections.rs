//! Connections between the layers of a network, and their counterparts in a graph.

use std::collections::{BTreeMap, BTreeSet};

use crate::nir::{Graph, NirError};
use neurobench_network::format::Description;

/// Connections between the layers of a network, with and without layers that have no effect.
pub(super) struct Connections<'a> {
    /// Index of each layer in the file.
    places: BTreeMap<&'a str, usize>,
    /// Inputs of each layer.
    pub(super) inputs: Vec<Vec<&'a str>>,
    /// Layers without effect, with the input of each.
    pub(super) no_ops: BTreeMap<&'a str, &'a str>,
}

impl<'a> Connections<'a> {
    pub(super) fn new(description: &'a Description) -> Self {
        let (mut inputs, mut no_ops, mut last) = (Vec::new(), BTreeMap::new(), "input");
        for entry in &description.layers {
            let entry_inputs: Vec<&str> = match &entry.inputs {
                Some(inputs) => inputs.iter().map(String::as_str).collect(),
                None => vec![last],
            };
            last = &entry.path;
            if let ("dropout" | "identity", [input]) = (entry.kind.as_str(), entry_inputs.as_slice()) {
                no_ops.insert(last, *input);
            }
            inputs.push(entry_inputs);
        }
        let places = description.layers.iter().enumerate().map(|(place, entry)| (entry.path.as_str(), place));
        Self { places: places.collect(), inputs, no_ops }
    }

    /// Returns true if a layer takes the outputs of another one at the previous step, because it does not come after it.
    fn is_delayed(&self, from: &str, to: &str) -> bool {
        matches!((self.places.get(from), self.places.get(to)), (Some(from), Some(to)) if from >= to)
    }

    /// Replacement for the input of a layer, or for the output of the network, without the layers that have no effect. It must have
    /// the same delay.
    pub(super) fn resolve(&self, input: &'a str, layer: Option<&str>) -> Result<&'a str, NirError> {
        let delay = |from: &str, to: Option<&str>| usize::from(to.is_some_and(|to| self.is_delayed(from, to)));
        let (mut from, mut steps) = (input, delay(input, layer));
        // At most one step for each of these layers, since they may form a cycle.
        for _ in 0..self.no_ops.len() {
            let Some(source) = self.no_ops.get(from) else { break };
            steps += delay(source, Some(from));
            from = source;
        }
        let problem = |problem: &str| Err(NirError::Layer { layer: input.to_owned(), problem: problem.to_owned() });
        if self.no_ops.contains_key(from) {
            return problem("it has no effect and is part of a cycle of layers without effect");
        }
        if steps != delay(from, layer) {
            return problem(
                "it delays its input by one step because of its place in the file; in NIR, only a `delay` node can do that",
            );
        }
        Ok(from)
    }
}

/// Checks that the graph has the same feedback edges as the network.
pub(super) fn check_feedback(graph: &Graph, description: &Description) -> Result<(), NirError> {
    let place = |path: &str| description.layers.iter().position(|entry| entry.path == path);
    let back = |from: &str, to: &str| matches!((place(from), place(to)), (Some(from), Some(to)) if from >= to);
    let theirs: BTreeSet<(&str, &str)> = graph.order().feedback.into_iter().collect();
    for (from, to) in &graph.edges {
        if back(from, to) != theirs.contains(&(from.as_str(), to.as_str())) {
            let problem = format!(
                "`{from}` leads to `{to}` on a cycle, but a graph does not define which edge of a cycle is delayed by a step"
            );
            return Err(NirError::Layer { layer: to.clone(), problem });
        }
    }
    Ok(())
}
