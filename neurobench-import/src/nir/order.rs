//! Order of computation of the nodes, and their predecessors.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;

/// An order in which the nodes of a graph can be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// All nodes. Predecessors come first, except for feedback.
    pub nodes: Vec<&'a str>,
    /// Edges that close the cycles: they lead to the same or an earlier node. They are sorted.
    pub feedback: Vec<(&'a str, &'a str)>,
}

/// Neighbors of each node in one direction, by name.
type Neighbors<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

impl Graph {
    /// Returns an order in which the nodes can be computed. It does not depend on the order of the edges.
    ///
    /// A graph does not define which edge of a cycle is feedback. Here, data flow from the inputs and then from the first node by
    /// name that has not been reached. An edge is feedback if it leads to a node on the path by which the flow reached the start of
    /// the edge. If there are several successors, the flow takes the first by name first. Nodes that could be computed at the same
    /// time are sorted by name.
    ///
    /// Edges from or to nodes that do not exist are ignored; [`check`](Self::check) reports them.
    pub fn order(&self) -> Order<'_> {
        let mut successors = self.neighbors(|(from, to)| (from, to));
        let feedback = self.feedback(&successors);
        let mut waiting: BTreeMap<&str, usize> = self.nodes.keys().map(|name| (name.as_str(), 0)).collect();
        for (from, to) in &feedback {
            if let Some(successors) = successors.get_mut(from) {
                successors.remove(to);
            }
        }
        for to in successors.values().flatten() {
            *waiting.entry(*to).or_default() += 1;
        }
        let mut ready: BTreeSet<&str> =
            waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        let mut nodes = Vec::with_capacity(self.nodes.len());
        while let Some(name) = ready.pop_first() {
            nodes.push(name);
            for to in &successors[name] {
                if let Some(count) = waiting.get_mut(to) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(to);
                    }
                }
            }
        }
        Order { nodes, feedback: feedback.into_iter().collect() }
    }

    /// Predecessors of each node, by name; empty for a node without predecessors.
    pub fn predecessors(&self) -> BTreeMap<&str, Vec<&str>> {
        let neighbors = self.neighbors(|(from, to)| (to, from));
        neighbors.into_iter().map(|(name, predecessors)| (name, predecessors.into_iter().collect())).collect()
    }

    fn neighbors<'a>(&'a self, direction: impl Fn((&'a str, &'a str)) -> (&'a str, &'a str)) -> Neighbors<'a> {
        let mut neighbors: Neighbors<'a> = self.nodes.keys().map(|name| (name.as_str(), BTreeSet::new())).collect();
        for (from, to) in &self.edges {
            let (from, to) = direction((from, to));
            if self.nodes.contains_key(to)
                && let Some(known) = neighbors.get_mut(from)
            {
                known.insert(to);
            }
        }
        neighbors
    }

    /// Back edges of a depth-first search. Without them there is no cycle.
    fn feedback<'a>(&'a self, successors: &Neighbors<'a>) -> BTreeSet<(&'a str, &'a str)> {
        let mut feedback = BTreeSet::new();
        let (mut reached, mut on_path) = (BTreeSet::new(), BTreeSet::new());
        let inputs = self.nodes.iter().filter(|(_, node)| matches!(node.primitive, super::Primitive::Input { .. }));
        for (start, _) in inputs.chain(&self.nodes) {
            if !reached.insert(start.as_str()) {
                continue;
            }
            on_path.insert(start.as_str());
            // No recursion: a chain of nodes could overflow the stack.
            let mut path = vec![(start.as_str(), successors[start.as_str()].iter())];
            while let Some((name, next)) = path.last_mut() {
                match next.next() {
                    Some(to) if on_path.contains(to) => {
                        feedback.insert((*name, *to));
                    }
                    Some(to) if reached.insert(*to) => {
                        on_path.insert(*to);
                        path.push((*to, successors[*to].iter()));
                    }
                    Some(_) => {}
                    None => {
                        on_path.remove(*name);
                        path.pop();
                    }
                }
            }
        }
        feedback
    }
}
