//! In which order nodes can be computed, and what leads to them.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;

/// An order in which the nodes of a graph can be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// All nodes. What leads to a node stands before it, but for feedback.
    pub nodes: Vec<&'a str>,
    /// The edges that lead back to a node that stands before, or to the same node, sorted: what closes the cycles.
    pub feedback: Vec<(&'a str, &'a str)>,
}

/// For each node the others that it knows, by name.
type Neighbours<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

impl Graph {
    /// An order in which the nodes can be computed, the same however the edges are stored.
    ///
    /// Which edges of a cycle lead back is not written in a graph. Here data flow from the inputs, or, where these lead nowhere,
    /// from the first node by name that nothing has reached: an edge is feedback if it leads to a node through which the flow has
    /// come to where the edge starts. Where the flow can go several ways it goes to the first node by name first. Nodes that could
    /// be computed at the same time stand by name.
    ///
    /// Edges from or to nodes that do not exist are left out; [`check`](Self::check) finds them.
    pub fn order(&self) -> Order<'_> {
        let mut following = self.neighbours(|(from, to)| (from, to));
        let feedback = self.feedback(&following);
        let mut waiting: BTreeMap<&str, usize> = self.nodes.keys().map(|name| (name.as_str(), 0)).collect();
        for (from, to) in &feedback {
            if let Some(following) = following.get_mut(from) {
                following.remove(to);
            }
        }
        for to in following.values().flatten() {
            *waiting.entry(*to).or_default() += 1;
        }
        let mut ready: BTreeSet<&str> =
            waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        let mut nodes = Vec::with_capacity(self.nodes.len());
        while let Some(name) = ready.pop_first() {
            nodes.push(name);
            for to in &following[name] {
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

    /// What leads to each node, by name: of a node without predecessors, nothing.
    pub fn predecessors(&self) -> BTreeMap<&str, Vec<&str>> {
        let neighbours = self.neighbours(|(from, to)| (to, from));
        neighbours.into_iter().map(|(name, before)| (name, before.into_iter().collect())).collect()
    }

    fn neighbours<'a>(&'a self, direction: impl Fn((&'a str, &'a str)) -> (&'a str, &'a str)) -> Neighbours<'a> {
        let mut neighbours: Neighbours<'a> = self.nodes.keys().map(|name| (name.as_str(), BTreeSet::new())).collect();
        for (from, to) in &self.edges {
            let (from, to) = direction((from, to));
            if self.nodes.contains_key(to)
                && let Some(known) = neighbours.get_mut(from)
            {
                known.insert(to);
            }
        }
        neighbours
    }

    /// The edges of a depth-first walk that lead to a node on the way to where they start. Without them there is no cycle.
    fn feedback<'a>(&'a self, following: &Neighbours<'a>) -> BTreeSet<(&'a str, &'a str)> {
        let mut feedback = BTreeSet::new();
        let (mut reached, mut on_the_way) = (BTreeSet::new(), BTreeSet::new());
        let inputs = self.nodes.iter().filter(|(_, node)| matches!(node.primitive, super::Primitive::Input { .. }));
        for (start, _) in inputs.chain(&self.nodes) {
            if !reached.insert(start.as_str()) {
                continue;
            }
            on_the_way.insert(start.as_str());
            // Not a recursive function: a chain of nodes may be longer than the stack is deep.
            let mut way = vec![(start.as_str(), following[start.as_str()].iter())];
            while let Some((name, next)) = way.last_mut() {
                match next.next() {
                    Some(to) if on_the_way.contains(to) => {
                        feedback.insert((*name, *to));
                    }
                    Some(to) if reached.insert(*to) => {
                        on_the_way.insert(*to);
                        way.push((*to, following[*to].iter()));
                    }
                    Some(_) => {}
                    None => {
                        on_the_way.remove(*name);
                        way.pop();
                    }
                }
            }
        }
        feedback
    }
}
