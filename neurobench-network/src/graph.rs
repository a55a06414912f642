//! How the layers of a network are connected, and in which order they are run.
//!
//! Layers run in the order in which they are listed. A layer that takes the outputs of itself or of a later one takes those of
//! the step before; the layers from the one that takes to the one that gives then go through a sample step by step, together.
//! All other layers go through many steps before the next layer is run, while their weights are near.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::error::NetworkError;
use crate::file::{Description, LayerEntry, Time};
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{self, Buildable, Built, Joins, Parts};
use crate::real::Real;
use crate::weights::Weights;
use crate::{MOST_ELEMENTS, elements, wrong_shape};
use neurobench_core::model::Layer;
use neurobench_core::names::did_you_mean;

/// What the network's input is called among the inputs of layers.
const INPUT: &str = "input";

/// The layers that compute, and how they are connected.
pub(crate) struct Graph<R> {
    pub(crate) stages: Vec<Stage<R>>,
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) output: Source,
    /// How many steps of a sequence go by before the network has outputs.
    pub(crate) silent_steps: usize,
}

/// A layer that computes.
pub(crate) struct Stage<R> {
    /// The place of its layer among the model's.
    pub(crate) layer: usize,
    pub(crate) kernel: Box<dyn Kernel<R>>,
    pub(crate) sources: Vec<Source>,
    pub(crate) joins: Joins,
    /// How many inputs a row has.
    pub(crate) inputs: usize,
    /// Into how many blocks a row falls where sources lie side by side: one for each place on the axes before theirs.
    pub(crate) blocks: usize,
    /// How many numbers of a block each source gives, where they lie side by side.
    pub(crate) widths: Vec<usize>,
    /// How many steps of a sequence go by before it is given inputs.
    pub(crate) silent_steps: usize,
    /// How many go by before it has outputs.
    pub(crate) silent_outputs: usize,
    /// Whether its outputs are needed at the step after.
    pub(crate) feeds_back: bool,
}

/// Where numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The network's input.
    Input,
    /// A stage, at the same step.
    Stage(usize),
    /// A stage, at the step before.
    Before(usize),
}

/// Stages that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) stages: Range<usize>,
    /// Whether they go step by step together.
    pub(crate) step_by_step: bool,
}

/// A network's layers as they are described, beside the graph.
pub(crate) struct Assembled<R> {
    pub(crate) graph: Graph<R>,
    pub(crate) layers: Vec<Layer>,
    /// The shape of each layer's outputs.
    pub(crate) shapes: Vec<Vec<usize>>,
    /// The path of the layer whose outputs are the network's.
    pub(crate) output: String,
    pub(crate) output_shape: Vec<usize>,
    /// Whether the trailing axes of the inputs may have any shape of as many elements.
    pub(crate) any_shape: bool,
}

/// Makes the layers one after the other, each for the shape that it is given.
pub(crate) fn assemble<R: Buildable>(
    description: Description,
    weights: &mut Weights<'_>,
) -> Result<Assembled<R>, NetworkError> {
    let Description { input_shape, time, output, layers: entries, .. } = description;
    let mut wiring = Wiring::new(&entries, &input_shape)?;
    let (mut layers, mut shapes) = (Vec::new(), Vec::new());
    // Of the layers that take the network's input, if there are any so far.
    let mut any_shape = None;
    let mut last = INPUT.to_owned();
    for entry in entries {
        let LayerEntry { path, kind, inputs, input_shape, settings } = entry;
        let kind = layers::kind(&path, &kind)?;
        let joins = kind.joins(&path, &settings)?;
        let taken = wiring.take(&path, inputs.unwrap_or(vec![last]), input_shape, joins)?;
        let parts = Parts::new(&path, &taken.shape, time, weights.of_layer(&path), settings);
        let built: Built<R> = kind.build(parts)?;
        if elements(&built.shape) > MOST_ELEMENTS {
            return Err(NetworkError::TooLarge { layer: path, shape: built.shape });
        }
        if let Some(within) = built.layers.iter().skip(1).find(|within| wiring.numbers.contains_key(within.path())) {
            return Err(NetworkError::DuplicatePath { layer: within.path().to_owned() });
        }
        if taken.sources.iter().any(|(path, _)| path == INPUT) {
            any_shape = Some(any_shape.unwrap_or(true) && built.any_shape);
        }
        shapes.extend(built.layers.iter().map(|_| built.shape.clone()));
        let place = layers.len();
        layers.extend(built.layers);
        wiring.add(&path, place, joins, taken, built.kernel, built.shape, built.silent_steps);
        last = path;
    }
    if layers.is_empty() {
        return Err(NetworkError::NoLayers);
    }
    let output = output.unwrap_or(last);
    let (graph, output_shape) = wiring.finish(&output, time)?;
    Ok(Assembled { graph, layers, shapes, output, output_shape, any_shape: any_shape.unwrap_or(false) })
}

/// A graph under construction.
struct Wiring<R> {
    /// The number of each path.
    numbers: HashMap<String, usize>,
    /// The paths whose outputs are taken a step later.
    fed_back: HashSet<String>,
    /// What there is to take so far.
    given: HashMap<String, Given>,
    stages: Vec<Stage<R>>,
    /// Stages that take from a step before: which, which of their sources it is, and the path and shape that it must have.
    later: Vec<Later>,
}

/// What a layer gives.
struct Given {
    source: Source,
    shape: Vec<usize>,
    silent_steps: usize,
}

struct Later {
    layer: String,
    stage: usize,
    source: usize,
    path: String,
    shape: Vec<usize>,
}

/// What a layer takes.
struct Taken {
    /// Where from; nothing for what is not there yet.
    sources: Vec<(String, Option<Source>)>,
    /// Into how many blocks the numbers fall, and how many of a block each source that is there gives.
    blocks: usize,
    widths: Vec<usize>,
    shape: Vec<usize>,
    silent_steps: usize,
}

impl<R: Real> Wiring<R> {
    fn new(entries: &[LayerEntry], input_shape: &[usize]) -> Result<Self, NetworkError> {
        let mut numbers = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            if entry.path.is_empty() {
                let problem = "`path` must be text, and not empty".to_owned();
                return Err(NetworkError::Unnamed { number: number + 1, problem });
            }
            if entry.path == INPUT {
                return Err(NetworkError::ReservedPath);
            }
            if numbers.insert(entry.path.clone(), number).is_some() {
                return Err(NetworkError::DuplicatePath { layer: entry.path.clone() });
            }
        }
        let takes = |entry: &LayerEntry| entry.inputs.clone().unwrap_or_default();
        let later = entries.iter().enumerate().flat_map(|(number, entry)| {
            takes(entry).into_iter().filter(move |path| path != INPUT).map(move |path| (number, path))
        });
        let later = later.filter(|(number, path)| numbers.get(path).is_some_and(|source| source >= number));
        let fed_back = later.map(|(_, path)| path).collect();
        let input = Given { source: Source::Input, shape: input_shape.to_vec(), silent_steps: 0 };
        let given = HashMap::from([(INPUT.to_owned(), input)]);
        Ok(Self { numbers, fed_back, given, stages: Vec::new(), later: Vec::new() })
    }

    /// The inputs of a layer, and the shape that they have together.
    fn take(
        &self,
        layer: &str,
        inputs: Vec<String>,
        said: Option<Vec<usize>>,
        joins: Joins,
    ) -> Result<Taken, NetworkError> {
        let problem = |problem: String| Err(NetworkError::Inputs { layer: layer.to_owned(), problem });
        if inputs.is_empty() != (joins == Joins::Nothing) {
            return problem(
                if inputs.is_empty() { "is empty" } else { "must be empty: this kind takes none" }.to_owned(),
            );
        }
        if let Some(said) = &said
            && let Some(wrong) = wrong_shape(said)
        {
            return problem(format!("have the `input_shape` {said:?}, which {wrong}"));
        }
        let mut shape: Option<Vec<usize>> = None;
        let (mut sources, mut blocks, mut widths, mut silent_steps) = (Vec::new(), 1, Vec::new(), 0);
        for path in inputs {
            let Some(given) = self.given.get(&path) else {
                if !self.numbers.contains_key(&path) {
                    let hint = did_you_mean(&path, self.numbers.keys().map(String::as_str));
                    return problem(format!("names `{path}`, which is no layer{hint}"));
                }
                if let Joins::Concatenate(_) = joins {
                    return problem(format!("names `{path}`, which comes later: only sums take the step before"));
                }
                sources.push((path, None));
                continue;
            };
            silent_steps = silent_steps.max(given.silent_steps);
            shape = match (shape, joins) {
                (shape, Joins::Concatenate(axis)) => {
                    let found = &given.shape;
                    let Some(place) = axis.place(found.len()) else {
                        return problem(format!(
                            "cannot be concatenated along axis {axis}: `{path}` has shape {found:?}"
                        ));
                    };
                    blocks = elements(&found[..place]);
                    widths.push(elements(&found[place..]));
                    match shape {
                        None => Some(found.clone()),
                        Some(shape) => match appended(&shape, found, place) {
                            Some(shape) => Some(shape),
                            None => {
                                return problem(format!(
                                    "cannot be concatenated along axis {axis}: `{path}` has shape {found:?} after {shape:?}"
                                ));
                            }
                        },
                    }
                }
                (None, _) => Some(given.shape.clone()),
                (Some(shape), _) if shape == given.shape => Some(shape),
                (Some(shape), _) => {
                    return problem(format!("cannot be added: `{path}` has shape {:?}, not {shape:?}", given.shape));
                }
            };
            sources.push((path, Some(given.source)));
        }
        let shape = match (shape, said) {
            (Some(shape), Some(said)) if shape != said => {
                return problem(format!("has shape {shape:?}; `input_shape` says {said:?}"));
            }
            (Some(shape), _) | (None, Some(shape)) => shape,
            (None, None) if joins == Joins::Nothing => Vec::new(),
            (None, None) => {
                return problem("names later layers only: `input_shape` must say which shape they have".to_owned());
            }
        };
        Ok(Taken { sources, blocks, widths, shape, silent_steps })
    }

    /// Adds a layer to what there is to take, and as a stage if it computes.
    #[expect(clippy::too_many_arguments, reason = "the parts of a layer that has been taken apart")]
    fn add(
        &mut self,
        path: &str,
        layer: usize,
        joins: Joins,
        taken: Taken,
        kernel: Option<Box<dyn Kernel<R>>>,
        shape: Vec<usize>,
        silent_steps: usize,
    ) {
        let Taken { sources, blocks, widths, shape: input_shape, silent_steps: before } = taken;
        let feeds_back = self.fed_back.contains(path);
        let source = match (kernel, sources.as_slice()) {
            (None, [(_, Some(source))]) if !feeds_back => *source,
            (kernel, _) => {
                let stage = self.stages.len();
                let later = |(source, (from, known)): (usize, &(String, Option<Source>))| {
                    let (layer, shape) = (path.to_owned(), input_shape.clone());
                    known.is_none().then(|| Later { layer, stage, source, path: from.clone(), shape })
                };
                self.later.extend(sources.iter().enumerate().filter_map(later));
                self.stages.push(Stage {
                    layer,
                    kernel: kernel.unwrap_or_else(|| Box::new(Copied(elements(&shape)))),
                    // What is not there yet is filled in at the end.
                    sources: sources.iter().map(|(_, source)| source.unwrap_or(Source::Before(stage))).collect(),
                    joins,
                    blocks,
                    widths,
                    inputs: if joins == Joins::Nothing { 0 } else { elements(&input_shape) },
                    silent_steps: before,
                    silent_outputs: before + silent_steps,
                    feeds_back,
                });
                Source::Stage(stage)
            }
        };
        self.given.insert(path.to_owned(), Given { source, shape, silent_steps: before + silent_steps });
    }

    /// The graph, and the shape of its outputs.
    fn finish(mut self, output: &str, time: Time) -> Result<(Graph<R>, Vec<usize>), NetworkError> {
        let mut together: Vec<Range<usize>> = Vec::new();
        for Later { layer, stage, source, path, shape } in self.later {
            let problem = |problem| Err(NetworkError::Inputs { layer, problem });
            if time == Time::None {
                return problem(format!("names `{path}`, which comes later, and the network has no time steps"));
            }
            match self.given.get(&path) {
                Some(Given { source: Source::Stage(from), shape: found, .. }) if *found == shape => {
                    self.stages[stage].sources[source] = Source::Before(*from);
                    together.push(stage..from + 1);
                }
                Some(Given { shape: found, .. }) => {
                    return problem(format!("takes shape {shape:?}; `{path}`, which comes later, gives {found:?}"));
                }
                None => unreachable!("every path has been given by now"),
            }
        }
        let Some(Given { source, shape, silent_steps }) = self.given.remove(output) else {
            let hint = did_you_mean(output, self.numbers.keys().map(String::as_str));
            return Err(NetworkError::Output { found: output.to_owned(), hint });
        };
        let stretches = stretches(self.stages.len(), together);
        Ok((Graph { stages: self.stages, stretches, output: source, silent_steps }, shape))
    }
}

/// The shape of two arrays, one after the other along this axis; nothing if they differ in another one.
fn appended(first: &[usize], second: &[usize], axis: usize) -> Option<Vec<usize>> {
    let mut shape = first.to_vec();
    let length = shape.get_mut(axis)?;
    *length = length.checked_add(*second.get(axis)?)?;
    let others_agree = shape.len() == second.len()
        && shape.iter().zip(second).enumerate().all(|(place, (one, other))| place == axis || one == other);
    others_agree.then_some(shape)
}

/// All stages in stretches; those of one of these ranges, and of ranges that overlap, go together.
fn stretches(stages: usize, mut together: Vec<Range<usize>>) -> Vec<Stretch> {
    together.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in together {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    let mut stretches = Vec::new();
    let mut from = 0;
    for range in merged {
        let end = range.end;
        if from < range.start {
            stretches.push(Stretch { stages: from..range.start, step_by_step: false });
        }
        stretches.push(Stretch { stages: range, step_by_step: true });
        from = end;
    }
    if from < stages {
        stretches.push(Stretch { stages: from..stages, step_by_step: false });
    }
    stretches
}

/// The kernel of a layer that gives its inputs, where they are needed once more.
struct Copied(usize);

impl<R: Real> Kernel<R> for Copied {
    fn outputs(&self) -> usize {
        self.0
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        outputs.copy_from_slice(inputs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_of_ranges_that_overlap_go_together() {
        let of = |ranges: &[Range<usize>]| {
            let stretches = stretches(8, ranges.to_vec());
            stretches.into_iter().map(|stretch| (stretch.stages, stretch.step_by_step)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), [(0..8, false)]);
        assert_eq!(of(&[2..3, 2..3]), [(0..2, false), (2..3, true), (3..8, false)]);
        assert_eq!(of(&[3..6, 0..2, 1..3]), [(0..3, true), (3..6, true), (6..8, false)]);
        assert_eq!(of(&[0..8, 2..3]), [(0..8, true)]);
    }
}
