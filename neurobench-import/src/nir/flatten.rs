//! Flattening of nested graphs.

use std::collections::BTreeSet;

use super::check::join_path;
use super::{DEPTH_LIMIT, Graph, Metadata, NirError, Node, Primitive};

/// Ends of a flattened graph.
#[derive(Default)]
struct Ends {
    /// Nodes that its input leads to.
    first: Vec<String>,
    /// Nodes that lead to its output.
    last: Vec<String>,
    /// True if its input leads to its output.
    through: bool,
}

impl Graph {
    /// Flattens nested graphs.
    ///
    /// The names of their nodes are prefixed with the name of the graph and a dot. Their inputs and outputs are removed: edges to
    /// the graph lead to the successors of its input, and the predecessors of its output lead to the successors of the graph. The
    /// metadata of the removed inputs and outputs and of the graphs' nodes are dropped.
    ///
    /// # Errors
    ///
    /// Fails if [`check`](Self::check) rejects the graph; if edges lead to a graph that does not have exactly one input, or from one
    /// that does not have exactly one output; if two nodes would have the same name; if there would be two edges between the same
    /// nodes; or if a cycle contains no node.
    pub fn flattened(&self) -> Result<Self, NirError> {
        self.check()?;
        let mut flat = flatten(self, "", 1)?;
        flat.metadata = self.metadata.clone();
        flat.check()?;
        Ok(flat)
    }
}

fn flatten(graph: &Graph, at: &str, depth: usize) -> Result<Graph, NirError> {
    if depth > DEPTH_LIMIT {
        return Err(NirError::TooDeep { at: at.to_owned(), limit: DEPTH_LIMIT });
    }
    // Nested graphs are empty placeholders first, so that their contents are copied only once, at any depth.
    let placeholder = |node: &Node| match &node.primitive {
        Primitive::Graph(_) => Node { primitive: Primitive::Graph(Graph::default()), metadata: Metadata::new() },
        _ => node.clone(),
    };
    let nodes = graph.nodes.iter().map(|(name, node)| (name.clone(), placeholder(node))).collect();
    let mut flat = Graph { nodes, edges: graph.edges.clone(), metadata: Metadata::new() };
    for (name, node) in &graph.nodes {
        let Primitive::Graph(inner) = &node.primitive else { continue };
        let at = join_path(at, name);
        let inner = flatten(inner, &at, depth + 1)?;
        replace_node(&mut flat, name, inner).map_err(|problem| NirError::Flatten { node: at, problem })?;
    }
    Ok(flat)
}

/// Replaces a node by a graph without nested graphs.
fn replace_node(graph: &mut Graph, name: &str, inner: Graph) -> Result<(), String> {
    graph.nodes.remove(name);
    let (around, edges): (Vec<_>, Vec<_>) =
        std::mem::take(&mut graph.edges).into_iter().partition(|(from, to)| from == name || to == name);
    graph.edges = edges;

    let is_input = |node: &Node| matches!(node.primitive, Primitive::Input { .. });
    let is_output = |node: &Node| matches!(node.primitive, Primitive::Output { .. });
    let inputs = inner.nodes.values().filter(|node| is_input(node)).count();
    let outputs = inner.nodes.values().filter(|node| is_output(node)).count();
    if inputs != 1 && around.iter().any(|(_, to)| to == name) {
        return Err(format!("edges lead to it, but it has {inputs} inputs instead of one"));
    }
    if outputs != 1 && around.iter().any(|(from, _)| from == name) {
        return Err(format!("edges come from it, but it has {outputs} outputs instead of one"));
    }

    let mut ends = Ends::default();
    for (from, to) in &inner.edges {
        let (new_from, new_to) = (format!("{name}.{from}"), format!("{name}.{to}"));
        match (is_input(&inner.nodes[from]), is_output(&inner.nodes[to])) {
            (true, true) => ends.through = true,
            (true, false) => ends.first.push(new_to),
            (false, true) => ends.last.push(new_from),
            (false, false) => graph.edges.push((new_from, new_to)),
        }
    }
    for (inner_name, node) in inner.nodes {
        if is_input(&node) || is_output(&node) {
            continue;
        }
        let new = format!("{name}.{inner_name}");
        if graph.nodes.contains_key(&new) {
            return Err(format!("its node `{inner_name}` would be `{new}`, which already exists"));
        }
        graph.nodes.insert(new, node);
    }
    connect(graph, name, &around, &ends)
}

/// Connects the edges around a graph to the nodes that replace it.
fn connect(graph: &mut Graph, name: &str, around: &[(String, String)], ends: &Ends) -> Result<(), String> {
    // An edge from the graph to itself connects its own ends; the other edges connect it to nodes outside.
    let to_itself = around.iter().any(|(from, to)| from == to);
    let before: Vec<&String> =
        around.iter().filter(|(from, to)| from != to && to == name).map(|(from, _)| from).collect();
    let after: Vec<&String> = around.iter().filter(|(from, to)| from != to && from == name).map(|(_, to)| to).collect();
    if to_itself && ends.through {
        return Err("its input leads to its output and its output to its input: the cycle contains no node".to_owned());
    }
    let itself: &[String] = if to_itself { &ends.last } else { &[] };
    let mut new: Vec<(&String, &String)> = vec![];
    for from in before.iter().copied().chain(itself) {
        new.extend(ends.first.iter().map(|to| (from, to)));
    }
    for from in &ends.last {
        new.extend(after.iter().map(|to| (from, *to)));
    }
    if ends.through {
        new.extend(before.iter().flat_map(|from| after.iter().map(|to| (*from, *to))));
    }
    let mut seen: BTreeSet<(&String, &String)> = graph.edges.iter().map(|(from, to)| (from, to)).collect();
    if let Some((from, to)) = new.iter().find(|edge| !seen.insert(**edge)) {
        return Err(format!("there would be two edges from `{from}` to `{to}`"));
    }
    let new: Vec<(String, String)> = new.into_iter().map(|(from, to)| (from.clone(), to.clone())).collect();
    graph.edges.extend(new);
    Ok(())
}
