//! Graphs within graphs, put in their place.

use std::collections::BTreeSet;

use super::check::within;
use super::{DEPTH_LIMIT, Graph, Metadata, NirError, Node, Primitive};

/// What stands in the place of a graph within a graph.
#[derive(Default)]
struct Ends {
    /// What its input leads to.
    first: Vec<String>,
    /// What leads to its output.
    last: Vec<String>,
    /// Whether its input leads to its output.
    through: bool,
}

impl Graph {
    /// The same network without graphs within graphs.
    ///
    /// Their nodes get the name of the graph, a dot and their own. Their inputs and outputs go: what led to the graph leads to what
    /// its input led to, and what led to its output leads to what the graph led to. What was said about them goes with them, as do
    /// the metadata of the graphs' nodes.
    ///
    /// # Errors
    ///
    /// If the graph is not one that [`check`](Self::check) accepts; if edges lead to a graph that has not exactly one input, or
    /// from one that has not exactly one output; if two nodes would have one name, or two ways between the same nodes would become
    /// one edge; if a cycle has no node on it.
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
    // Of graphs only the names, until they are put in place: what is in them is copied once, however deep it lies.
    let place = |node: &Node| match &node.primitive {
        Primitive::Graph(_) => Node { primitive: Primitive::Graph(Graph::default()), metadata: Metadata::new() },
        _ => node.clone(),
    };
    let nodes = graph.nodes.iter().map(|(name, node)| (name.clone(), place(node))).collect();
    let mut flat = Graph { nodes, edges: graph.edges.clone(), metadata: Metadata::new() };
    for (name, node) in &graph.nodes {
        let Primitive::Graph(inner) = &node.primitive else { continue };
        let at = within(at, name);
        let inner = flatten(inner, &at, depth + 1)?;
        put_in_place(&mut flat, name, inner).map_err(|problem| NirError::Flatten { node: at, problem })?;
    }
    Ok(flat)
}

/// Puts a graph that has no graphs in it in the place of a node.
fn put_in_place(graph: &mut Graph, name: &str, inner: Graph) -> Result<(), String> {
    graph.nodes.remove(name);
    let (around, edges): (Vec<_>, Vec<_>) =
        std::mem::take(&mut graph.edges).into_iter().partition(|(from, to)| from == name || to == name);
    graph.edges = edges;

    let is_input = |node: &Node| matches!(node.primitive, Primitive::Input { .. });
    let is_output = |node: &Node| matches!(node.primitive, Primitive::Output { .. });
    let inputs = inner.nodes.values().filter(|node| is_input(node)).count();
    let outputs = inner.nodes.values().filter(|node| is_output(node)).count();
    if inputs != 1 && around.iter().any(|(_, to)| to == name) {
        return Err(format!("edges lead to it, and it has {inputs} inputs, not one"));
    }
    if outputs != 1 && around.iter().any(|(from, _)| from == name) {
        return Err(format!("edges come from it, and it has {outputs} outputs, not one"));
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
            return Err(format!("its node `{inner_name}` would be `{new}`, which is there already"));
        }
        graph.nodes.insert(new, node);
    }
    connect(graph, name, &around, &ends)
}

/// Leads the edges around a graph to and from what stands in its place.
fn connect(graph: &mut Graph, name: &str, around: &[(String, String)], ends: &Ends) -> Result<(), String> {
    // An edge from the graph to itself connects its own ends, and what leads to it or comes from it stays outside.
    let to_itself = around.iter().any(|(from, to)| from == to);
    let before: Vec<&String> =
        around.iter().filter(|(from, to)| from != to && to == name).map(|(from, _)| from).collect();
    let after: Vec<&String> = around.iter().filter(|(from, to)| from != to && from == name).map(|(_, to)| to).collect();
    if to_itself && ends.through {
        return Err("its input leads to its output, and its output to its input: a cycle without a node".to_owned());
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
        return Err(format!("`{from}` would lead to `{to}` twice"));
    }
    let new: Vec<(String, String)> = new.into_iter().map(|(from, to)| (from.clone(), to.clone())).collect();
    graph.edges.extend(new);
    Ok(())
}
