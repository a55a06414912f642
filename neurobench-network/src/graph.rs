//! Connections between the layers of a network, and the order in which they run.
//!
//! Layers run in the order in which they are listed. A layer that takes the outputs of itself or of a later layer takes those
//! of the previous time step. A graph therefore needs no sorting, and a loop no explicit delay.
//!
//! The layers of such a loop, from the one that takes to the one that gives, run together, step by step. Every other
//! layer runs over many steps before the next layer starts, so that its weights stay in the cache.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::error::NetworkError;
use crate::file::{Description, LayerEntry, Time};
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{self, Buildable, Joins, Parts};
use crate::real::Real;
use crate::weights::Weights;
use crate::{MOST_ELEMENTS, elements, wrong_shape};
use neurobench_core::model::{HookPoint, Layer, LayerKind};
use neurobench_core::names::did_you_mean;

/// Name of the network's input in the `inputs` of layers.
const INPUT: &str = "input";

/// The layers that compute, and their connections.
pub(crate) struct Graph<R> {
    pub(crate) stages: Vec<Stage<R>>,
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) output: Source,
    /// Number of steps of a sequence before the network has outputs.
    pub(crate) silent_steps: usize,
}

/// A layer that computes.
pub(crate) struct Stage<R> {
    /// Index of its layer among the model's layers.
    pub(crate) layer: usize,
    pub(crate) kernel: Box<dyn Kernel<R>>,
    pub(crate) sources: Vec<Source>,
    pub(crate) joins: Joins,
    /// Number of inputs in a row.
    pub(crate) inputs: usize,
    /// Number of blocks in a row if the sources are concatenated: one for each position on the axes before the concatenated one.
    pub(crate) blocks: usize,
    /// Width of each source within a block, if the sources are concatenated.
    pub(crate) widths: Vec<usize>,
    /// Number of steps of a sequence before it has inputs.
    pub(crate) silent_steps: usize,
    /// Number of steps of a sequence before it has outputs.
    pub(crate) silent_outputs: usize,
    /// True if a layer takes its outputs at the next step.
    pub(crate) feeds_back: bool,
    /// Inputs or outputs of the layer that are reported to the probe.
    pub(crate) hook_point: Option<HookPoint>,
    pub(crate) checks: Checks,
}

/// The checks for NaN and infinity that a stage needs if no input of the network exceeds [`MODERATE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checks {
    /// True if the sum of several sources may not be finite.
    pub(crate) sum: bool,
    /// True if the outputs may not be finite.
    pub(crate) outputs: bool,
    /// True if infinities are intended, so that only NaN is an error.
    pub(crate) infinities: bool,
}

/// Magnitude of the network's inputs up to which [`Checks`] hold.
pub(crate) const MODERATE: f64 = 1_048_576.0;

/// Source of the inputs of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The network's input.
    Input,
    /// Outputs of a stage at the same step.
    Stage(usize),
    /// Outputs of a stage at the previous step.
    PreviousStep(usize),
}

/// A range of consecutive stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) stages: Range<usize>,
    /// True if they run together, one step at a time.
    pub(crate) step_by_step: bool,
}

/// The graph of a network with the descriptions of its layers.
pub(crate) struct Assembled<R> {
    pub(crate) graph: Graph<R>,
    pub(crate) layers: Vec<Layer>,
    /// The shape of each layer's outputs.
    pub(crate) shapes: Vec<Vec<usize>>,
    /// Path of the layer whose outputs are the network's outputs.
    pub(crate) output: String,
    pub(crate) output_shape: Vec<usize>,
    /// True if the trailing axes of the inputs may have any shape with the right number of elements.
    pub(crate) any_shape: bool,
}

/// Builds the layers in order, each for the shape of its inputs.
pub(crate) fn assemble<R: Buildable>(
    description: Description,
    weights: &mut Weights<'_>,
) -> Result<Assembled<R>, NetworkError> {
    let Description { input_shape, time, output, layers: entries, .. } = description;
    let mut wiring = Wiring::new(&entries, &input_shape)?;
    let (mut layers, mut shapes) = (Vec::new(), Vec::new());
    // Whether all layers so far that take the network's input accept any shape; `None` while no layer takes it.
    let mut any_shape = None;
    let mut last = INPUT.to_owned();
    for entry in entries {
        let LayerEntry { path, kind, inputs, input_shape, settings } = entry;
        let kind = layers::find(&path, &kind)?;
        let params = layers::params(&path, kind.name, settings)?;
        let joins = (kind.constructor.joins)(&params).map_err(|error| NetworkError::Setting {
            layer: path.clone(),
            kind: kind.name,
            key: error.setting().map(str::to_owned),
            problem: error.to_string(),
        })?;
        let layer_inputs = wiring.resolve_inputs(&path, inputs.unwrap_or(vec![last]), input_shape, joins)?;
        let parts = Parts::new(&path, kind.name, &layer_inputs.shape, time, weights.for_layer(&path));
        let built = R::build(&kind.constructor, &params, parts)?;
        if elements(&built.shape) > MOST_ELEMENTS {
            return Err(NetworkError::TooLarge { layer: path, shape: built.shape });
        }
        if let Some(within) = built.layers.iter().skip(1).find(|within| wiring.numbers.contains_key(within.path())) {
            return Err(NetworkError::DuplicatePath { layer: within.path().to_owned() });
        }
        if layer_inputs.sources.iter().any(|(path, _)| path == INPUT) {
            any_shape = Some(any_shape.unwrap_or(true) && built.any_shape);
        }
        shapes.extend(built.layers.iter().map(|_| built.shape.clone()));
        let place = layers.len();
        let mut within = built.layers.into_iter();
        let hook_point = built.kernel.as_ref().and(within.as_slice().first()).and_then(hook_point);
        // The inputs of activations and the outputs of connections pass through the session, which reports them.
        layers.extend(within.next().map(|layer| hook_point.into_iter().fold(layer, Layer::with_hook_point)));
        layers.extend(within);
        wiring.add(&path, place, joins, layer_inputs, built.kernel, built.shape, built.silent_steps);
        wiring.set_hook_point(place, hook_point);
        last = path;
    }
    if layers.is_empty() {
        return Err(NetworkError::NoLayers);
    }
    let output = output.unwrap_or(last);
    let (graph, output_shape) = wiring.finish(&output, time)?;
    Ok(Assembled { graph, layers, shapes, output, output_shape, any_shape: any_shape.unwrap_or(false) })
}

/// Inputs or outputs of a layer that are reported to the probe.
fn hook_point(layer: &Layer) -> Option<HookPoint> {
    match layer.kind() {
        LayerKind::Activation | LayerKind::Neuron => Some(HookPoint::PreActivations),
        LayerKind::Connection => Some(HookPoint::ConnectionOutputs),
        _ => None,
    }
}

/// A graph under construction.
struct Wiring<R> {
    /// Index of the layer with each path.
    numbers: HashMap<String, usize>,
    /// Paths of the layers whose outputs are used one step later.
    fed_back: HashSet<String>,
    /// Outputs of the layers added so far, and the network's input, by path.
    available: HashMap<String, Available>,
    stages: Vec<Stage<R>>,
    /// Connections to layers that are added later: they are resolved at the end.
    forward_references: Vec<ForwardReference>,
}

/// Outputs that a layer can take.
struct Available {
    source: Source,
    shape: Vec<usize>,
    silent_steps: usize,
}

/// A connection of a stage to a layer that is added later, or to itself.
struct ForwardReference {
    layer: String,
    stage: usize,
    source: usize,
    path: String,
    shape: Vec<usize>,
}

/// Inputs of a layer.
struct LayerInputs {
    /// Path and source of each; `None` for a layer that is not added yet.
    sources: Vec<(String, Option<Source>)>,
    /// Number of blocks in a row; see [`Stage::blocks`].
    blocks: usize,
    /// Widths of the sources that are available; see [`Stage::widths`].
    widths: Vec<usize>,
    shape: Vec<usize>,
    silent_steps: usize,
}

impl<R: Real> Wiring<R> {
    fn new(entries: &[LayerEntry], input_shape: &[usize]) -> Result<Self, NetworkError> {
        let mut numbers = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            if entry.path.is_empty() {
                let problem = "`path` must be a string that is not empty".to_owned();
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
        let forward_references = entries.iter().enumerate().flat_map(|(number, entry)| {
            takes(entry).into_iter().filter(move |path| path != INPUT).map(move |path| (number, path))
        });
        let forward_references =
            forward_references.filter(|(number, path)| numbers.get(path).is_some_and(|source| source >= number));
        let fed_back = forward_references.map(|(_, path)| path).collect();
        let input = Available { source: Source::Input, shape: input_shape.to_vec(), silent_steps: 0 };
        let available = HashMap::from([(INPUT.to_owned(), input)]);
        Ok(Self { numbers, fed_back, available, stages: Vec::new(), forward_references: Vec::new() })
    }

    /// Resolves the inputs of a layer and the shape of their sum or concatenation.
    fn resolve_inputs(
        &self,
        layer: &str,
        inputs: Vec<String>,
        declared: Option<Vec<usize>>,
        joins: Joins,
    ) -> Result<LayerInputs, NetworkError> {
        let problem = |problem: String| Err(NetworkError::Inputs { layer: layer.to_owned(), problem });
        if inputs.is_empty() != (joins == Joins::Nothing) {
            return problem(
                if inputs.is_empty() { "must not be empty" } else { "must be empty: this kind takes no inputs" }
                    .to_owned(),
            );
        }
        if let Some(declared) = &declared
            && let Some(wrong) = wrong_shape(declared)
        {
            return problem(format!("have the `input_shape` {declared:?}, which {wrong}"));
        }
        let mut shape: Option<Vec<usize>> = None;
        let (mut sources, mut blocks, mut widths, mut silent_steps) = (Vec::new(), 1, Vec::new(), 0);
        for path in inputs {
            let Some(available) = self.available.get(&path) else {
                if !self.numbers.contains_key(&path) {
                    let hint = did_you_mean(&path, self.numbers.keys().map(String::as_str));
                    return problem(format!("contain `{path}`, which is not a layer{hint}"));
                }
                if let Joins::Concatenate(_) = joins {
                    return problem(format!(
                        "contain `{path}`, which comes later: `concatenate` cannot take outputs of the previous step"
                    ));
                }
                sources.push((path, None));
                continue;
            };
            silent_steps = silent_steps.max(available.silent_steps);
            shape = match (shape, joins) {
                (shape, Joins::Concatenate(axis)) => {
                    let found = &available.shape;
                    let Some(place) = axis.place(found.len()) else {
                        return problem(format!(
                            "cannot be concatenated along axis {axis}: `{path}` has shape {found:?}"
                        ));
                    };
                    blocks = elements(&found[..place]);
                    widths.push(elements(&found[place..]));
                    match shape {
                        None => Some(found.clone()),
                        Some(shape) => match concatenated_shape(&shape, found, place) {
                            Some(shape) => Some(shape),
                            None => {
                                return problem(format!(
                                    "cannot be concatenated along axis {axis}: `{path}` has shape {found:?} after {shape:?}"
                                ));
                            }
                        },
                    }
                }
                (None, _) => Some(available.shape.clone()),
                (Some(shape), _) if shape == available.shape => Some(shape),
                (Some(shape), _) => {
                    return problem(format!(
                        "cannot be added: `{path}` has shape {:?}, not {shape:?}",
                        available.shape
                    ));
                }
            };
            sources.push((path, Some(available.source)));
        }
        let shape = match (shape, declared) {
            (Some(shape), Some(declared)) if shape != declared => {
                return problem(format!("have shape {shape:?}, but `input_shape` is {declared:?}"));
            }
            (Some(shape), _) | (None, Some(shape)) => shape,
            (None, None) if joins == Joins::Nothing => Vec::new(),
            (None, None) => {
                return problem("contain only later layers: set `input_shape` to their shape".to_owned());
            }
        };
        Ok(LayerInputs { sources, blocks, widths, shape, silent_steps })
    }

    /// Makes the outputs of a layer available to others, and adds a stage if it computes.
    #[expect(clippy::too_many_arguments, reason = "the fields of a layer that has been destructured")]
    fn add(
        &mut self,
        path: &str,
        layer: usize,
        joins: Joins,
        layer_inputs: LayerInputs,
        kernel: Option<Box<dyn Kernel<R>>>,
        shape: Vec<usize>,
        silent_steps: usize,
    ) {
        let LayerInputs { sources, blocks, widths, shape: input_shape, silent_steps: before } = layer_inputs;
        let feeds_back = self.fed_back.contains(path);
        let source = match (kernel, sources.as_slice()) {
            (None, [(_, Some(source))]) if !feeds_back => *source,
            (kernel, _) => {
                let stage = self.stages.len();
                let forward_reference = |(source, (from, known)): (usize, &(String, Option<Source>))| {
                    let (layer, shape) = (path.to_owned(), input_shape.clone());
                    known.is_none().then(|| ForwardReference { layer, stage, source, path: from.clone(), shape })
                };
                self.forward_references.extend(sources.iter().enumerate().filter_map(forward_reference));
                self.stages.push(Stage {
                    layer,
                    kernel: kernel.unwrap_or_else(|| Box::new(CopyInputs(elements(&shape)))),
                    // `finish` fills in the sources that are not known yet.
                    sources: sources.iter().map(|(_, source)| source.unwrap_or(Source::PreviousStep(stage))).collect(),
                    joins,
                    blocks,
                    widths,
                    inputs: if joins == Joins::Nothing { 0 } else { elements(&input_shape) },
                    silent_steps: before,
                    silent_outputs: before + silent_steps,
                    feeds_back,
                    hook_point: None,
                    checks: Checks::default(),
                });
                Source::Stage(stage)
            }
        };
        self.available.insert(path.to_owned(), Available { source, shape, silent_steps: before + silent_steps });
    }

    /// Sets the inputs or outputs that the stage of a layer reports.
    fn set_hook_point(&mut self, layer: usize, hook_point: Option<HookPoint>) {
        if let Some(stage) = self.stages.last_mut().filter(|stage| stage.layer == layer) {
            stage.hook_point = hook_point;
        }
    }

    /// Returns the graph and the shape of its outputs.
    fn finish(mut self, output: &str, time: Time) -> Result<(Graph<R>, Vec<usize>), NetworkError> {
        let mut together: Vec<Range<usize>> = Vec::new();
        for ForwardReference { layer, stage, source, path, shape } in self.forward_references {
            let problem = |problem| Err(NetworkError::Inputs { layer, problem });
            if time == Time::None {
                return problem(format!("contain `{path}`, which comes later, but the network has no time steps"));
            }
            match self.available.get(&path) {
                Some(Available { source: Source::Stage(from), shape: found, .. }) if *found == shape => {
                    self.stages[stage].sources[source] = Source::PreviousStep(*from);
                    together.push(stage..from + 1);
                }
                Some(Available { shape: found, .. }) => {
                    return problem(format!(
                        "must have shape {shape:?}, but the outputs of `{path}`, which comes later, have shape {found:?}"
                    ));
                }
                None => unreachable!("all layers have been added"),
            }
        }
        let Some(Available { source, shape, silent_steps }) = self.available.remove(output) else {
            let hint = did_you_mean(output, self.numbers.keys().map(String::as_str));
            return Err(NetworkError::Output { found: output.to_owned(), hint });
        };
        find_checks(&mut self.stages);
        let stretches = stretches(self.stages.len(), together);
        Ok((Graph { stages: self.stages, stretches, output: source, silent_steps }, shape))
    }
}

/// Finds the stages whose numbers may leave the range of `R`, from the bounds of their inputs. Most spiking networks need no
/// check: spikes are bounded, and so are their weighted sums.
fn find_checks<R: Real>(stages: &mut [Stage<R>]) {
    // A bound beyond a quarter of the range leaves room for the rounding of sums.
    let in_range = |bound: f64| R::nearest(4.0 * bound).is_finite();
    let mut bounds: Vec<f64> = Vec::with_capacity(stages.len());
    let mut infinities: Vec<bool> = Vec::with_capacity(stages.len());
    for index in 0..stages.len() {
        let stage = &stages[index];
        let bound = |source: &Source| match source {
            Source::Input => MODERATE,
            Source::Stage(source) => bounds[*source],
            Source::PreviousStep(source) => stages[*source].kernel.output_bound(f64::INFINITY).unwrap_or(f64::INFINITY),
        };
        let sources = stage.sources.iter().map(bound);
        let inputs = if stage.joins == Joins::Sum { sources.sum() } else { sources.fold(0.0, f64::max) };
        let outputs = stage.kernel.output_bound(inputs);
        let takes_infinities = stage.sources.iter().any(|source| match source {
            Source::Input => false,
            Source::Stage(source) => infinities[*source],
            Source::PreviousStep(source) => stages[*source].kernel.has_infinite_outputs(),
        });
        let has_infinities =
            stage.kernel.has_infinite_outputs() || (takes_infinities && !outputs.is_some_and(f64::is_finite));
        let checks = Checks {
            sum: stage.joins == Joins::Sum && stage.sources.len() > 1 && !in_range(inputs) && !takes_infinities,
            outputs: has_infinities || outputs.is_none_or(|bound| bound.is_finite() && !in_range(bound)),
            infinities: has_infinities || takes_infinities,
        };
        stages[index].checks = checks;
        bounds.push(outputs.unwrap_or(f64::INFINITY));
        infinities.push(has_infinities);
    }
}

/// Shape of two arrays concatenated along this axis; `None` if they differ in another one.
fn concatenated_shape(first: &[usize], second: &[usize], axis: usize) -> Option<Vec<usize>> {
    let mut shape = first.to_vec();
    let length = shape.get_mut(axis)?;
    *length = length.checked_add(*second.get(axis)?)?;
    let others_agree = shape.len() == second.len()
        && shape.iter().zip(second).enumerate().all(|(place, (one, other))| place == axis || one == other);
    others_agree.then_some(shape)
}

/// Splits all stages into stretches: those of each range, merged with the ranges that overlap it, run step by step.
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

/// Kernel of a layer without computation whose outputs must be stored: it copies its inputs.
struct CopyInputs(usize);

impl<R: Real> Kernel<R> for CopyInputs {
    fn outputs(&self) -> usize {
        self.0
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        Some(inputs)
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        outputs.copy_from_slice(inputs);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::{LeakyConfig, Network, NetworkBuilder, TypedGraph};

    fn checks(builder: NetworkBuilder) -> Vec<Checks> {
        match builder.build().unwrap().graph {
            TypedGraph::Single(graph) => graph.stages.iter().map(|stage| stage.checks).collect(),
            TypedGraph::Double(graph) => graph.stages.iter().map(|stage| stage.checks).collect(),
        }
    }

    #[test]
    fn bounded_layers_need_no_checks() {
        let outputs = Checks { outputs: true, ..Checks::default() };
        let spiking = |weight: f64| {
            let spiking = Network::builder([2]).time_steps(true).leaky("0", LeakyConfig::new(0.9));
            spiking.linear("1", array![[weight, 0.0], [0.0, weight]], None).leaky("2", LeakyConfig::new(0.9))
        };
        assert_eq!(checks(spiking(1e30)), [Checks::default(); 3]);
        assert_eq!(checks(spiking(2e38)), [Checks::default(), outputs, Checks::default()]);
        assert_eq!(checks(spiking(2e38).double_precision()), [Checks::default(); 3]);
        // Each layer multiplies by at most 2·10⁸: after four, inputs of a million may be 10³⁹.
        let weight = array![[1e8, 1e8], [1e8, 1e8]];
        let deep = (0..5).fold(Network::builder([2]), |builder, layer| {
            builder.linear(&format!("{layer}"), weight.clone(), None).relu(&format!("{layer}.relu"))
        });
        let checked: Vec<bool> = checks(deep).iter().step_by(2).map(|checks| checks.outputs).collect();
        assert_eq!(checked, [false, false, false, true, true]);
        // A loop has no bound, except through spikes.
        let fed_back = |builder: NetworkBuilder| {
            let builder = builder.time_steps(true).linear("back", weight.clone(), None).with_inputs(&["act"]);
            builder.with_input_shape([2])
        };
        let sum = Checks { sum: true, ..Checks::default() };
        let unstable = fed_back(Network::builder([2])).relu("act").with_inputs(&["input", "back"]);
        assert_eq!(checks(unstable), [outputs, sum]);
        let spiking =
            fed_back(Network::builder([2])).leaky("act", LeakyConfig::new(0.9)).with_inputs(&["input", "back"]);
        assert_eq!(checks(spiking), [Checks::default(); 2]);
    }

    #[test]
    fn overlapping_ranges_become_one_stretch() {
        let split = |ranges: &[Range<usize>]| {
            let stretches = stretches(8, ranges.to_vec());
            stretches.into_iter().map(|stretch| (stretch.stages, stretch.step_by_step)).collect::<Vec<_>>()
        };
        assert_eq!(split(&[]), [(0..8, false)]);
        assert_eq!(split(&[2..3, 2..3]), [(0..2, false), (2..3, true), (3..8, false)]);
        assert_eq!(split(&[3..6, 0..2, 1..3]), [(0..3, true), (3..6, true), (6..8, false)]);
        assert_eq!(split(&[0..8, 2..3]), [(0..8, true)]);
    }
}
