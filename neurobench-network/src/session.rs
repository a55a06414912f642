//! Sessions of a network: the loop over samples and time steps of one worker.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::file::Time;
use crate::graph::{Graph, Source, Stage};
use crate::kernel::{Hook, Rows, Workspace};
use crate::layers::Joins;
use crate::real::Real;
use crate::{Network, elements};
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::{HookPoint, ModelError, Probe, Session, Tensor};
use neurobench_core::names::shown;

/// Maximum number of outputs of a stage that wait for the next one, so that they stay in the first-level cache.
const NEAR: usize = 8192;
/// Maximum number of rows that run through a stage before the next one starts.
const MOST_ROWS: usize = 64;

/// Membranes and buffers of one worker: allocated at the first pass and reused by all that follow.
pub(crate) struct NetworkSession<'n, R> {
    network: &'n Network,
    graph: &'n Graph<R>,
    /// Inputs that had to be converted.
    converted: Vec<R>,
    flow: Flow<R>,
    workspace: Workspace<R>,
    /// Number of rows that run through a stage before the next one starts.
    rows: usize,
    /// Number of steps of the sequence that have run, if state is carried from sample to sample.
    steps: usize,
}

/// Data that flow through the stages.
struct Flow<R> {
    /// Outputs of each stage for the rows in progress.
    outputs: Vec<Aligned<R>>,
    /// Outputs of each stage at the previous step, if a layer takes them.
    previous: Vec<Vec<R>>,
    /// State that each stage carries from step to step.
    states: Vec<Aligned<R>>,
    /// Inputs of a stage with several sources.
    joined: Aligned<R>,
}

impl<'n, R: Real> NetworkSession<'n, R> {
    pub(crate) fn new(network: &'n Network, graph: &'n Graph<R>, instructions: Instructions) -> Self {
        let widest = graph.stages.iter().map(|stage| stage.kernel.outputs().max(stage.inputs)).max().unwrap_or(1);
        let has_state = graph.stages.iter().any(|stage| stage.kernel.state() > 0 || stage.feeds_back);
        // Samples of one step each may run together only if no state connects them.
        let one_by_one = network.time == Time::None && has_state;
        let mut session = Self {
            network,
            graph,
            converted: Vec::new(),
            flow: Flow::new(&graph.stages),
            workspace: Workspace::new(instructions),
            rows: if one_by_one { 1 } else { (NEAR / widest.max(1)).clamp(1, MOST_ROWS) },
            steps: 0,
        };
        session.rest();
        session
    }

    /// Resets the state of all layers to rest.
    fn rest(&mut self) {
        self.steps = 0;
        for (stage, (state, previous)) in
            self.graph.stages.iter().zip(self.flow.states.iter_mut().zip(&mut self.flow.previous))
        {
            state.fill(R::zero());
            stage.kernel.rest(state);
            previous.fill(R::zero());
            if stage.feeds_back {
                stage.kernel.previous_outputs(previous);
            }
        }
    }
}

impl<R: Real> Session for NetworkSession<'_, R> {
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        let network = self.network;
        let (samples, steps) = network.samples_and_steps(inputs.shape())?;
        let (wide, narrow) = (elements(&network.input_shape), elements(&network.output_shape));
        let shape = inputs.shape();
        let mut converted = std::mem::take(&mut self.converted);
        let numbers = R::in_memory_order(inputs, &mut converted);
        check_finite(numbers, shape, self.workspace.instructions)?;
        let leading: &[usize] = if network.time == Time::Steps { &[samples, steps] } else { &[samples] };
        let shape = leading.iter().chain(&network.output_shape).copied();
        let outputs = R::sized(shape, outputs).ok_or("the output tensor is not in memory order")?;
        let mut run = |session: &mut Self, rows: Range<usize>, places: Rows| {
            let (inputs, outputs) =
                (&numbers[rows.start * wide..rows.end * wide], &mut outputs[rows.start * narrow..rows.end * narrow]);
            session.run(inputs, outputs, rows.len(), places, probe)
        };
        match network.time {
            Time::Steps => {
                for sample in 0..samples {
                    self.rest();
                    for first in (0..steps).step_by(self.rows) {
                        let end = steps.min(first + self.rows);
                        let all = sample * steps;
                        run(self, all + first..all + end, Rows::Steps { sample, first })?;
                    }
                }
            }
            Time::None => {
                for first in (0..samples).step_by(self.rows) {
                    self.rest();
                    run(self, first..samples.min(first + self.rows), Rows::Samples { first })?;
                }
            }
            Time::Samples => {
                for first in (0..samples).step_by(self.rows) {
                    let end = samples.min(first + self.rows);
                    run(self, first..end, Rows::Sequence { first, steps_before: self.steps })?;
                    self.steps += end - first;
                }
            }
        }
        self.converted = converted;
        Ok(())
    }

    fn restart(&mut self) {
        self.rest();
    }
}

impl<R: Real> NetworkSession<'_, R> {
    /// Runs some rows through all stages.
    fn run(
        &mut self,
        inputs: &[R],
        outputs: &mut [R],
        rows: usize,
        places: Rows,
        probe: &mut Probe,
    ) -> Result<(), ModelError> {
        let graph = self.graph;
        self.flow.make_room(&graph.stages, rows);
        for stretch in &graph.stretches {
            let together = if stretch.step_by_step { 1 } else { rows };
            for first in (0..rows).step_by(together.max(1)) {
                for index in stretch.stages.clone() {
                    let stage = &graph.stages[index];
                    let silent_steps = stage.silent_steps;
                    let hook = Hook { probe, layer: stage.layer, rows: places, silent_steps };
                    let run = self.flow.run(index, stage, inputs, first..first + together, hook, &mut self.workspace);
                    run.map_err(|problem| {
                        let layer = self.network.layers[stage.layer].path();
                        ModelError::Other(format!("layer `{}`: {problem}", shown(layer)))
                    })?;
                }
                if stretch.step_by_step {
                    self.flow.remember(&graph.stages[stretch.stages.clone()], stretch.stages.start, first, places);
                }
            }
        }
        let silent = graph.silent_steps.saturating_sub(places.steps_before()).min(rows);
        let width = outputs.len() / rows.max(1);
        let (silent_outputs, outputs) = outputs.split_at_mut(silent * width);
        silent_outputs.fill(R::zero());
        let computed = match graph.output {
            Source::Stage(stage) | Source::PreviousStep(stage) => &self.flow.outputs[stage],
            Source::Input => inputs,
        };
        outputs.copy_from_slice(&computed[silent * width..][..outputs.len()]);
        Ok(())
    }
}

impl<R: Real> Flow<R> {
    fn new(stages: &[Stage<R>]) -> Self {
        let previous = |stage: &Stage<R>| vec![R::zero(); if stage.feeds_back { stage.kernel.outputs() } else { 0 }];
        Self {
            outputs: stages.iter().map(|_| Aligned::default()).collect(),
            previous: stages.iter().map(previous).collect(),
            states: stages.iter().map(|stage| Aligned::zeros(stage.kernel.state())).collect(),
            joined: Aligned::default(),
        }
    }

    fn make_room(&mut self, stages: &[Stage<R>], rows: usize) {
        for (stage, outputs) in stages.iter().zip(&mut self.outputs) {
            outputs.room(stage.kernel.outputs() * rows);
        }
    }

    /// Runs a stage for some of the rows in progress. The error describes inputs that the stage cannot take.
    fn run(
        &mut self,
        index: usize,
        stage: &Stage<R>,
        inputs: &[R],
        rows: Range<usize>,
        mut hook: Hook<'_>,
        workspace: &mut Workspace<R>,
    ) -> Result<(), String> {
        let silent = stage.silent_steps.saturating_sub(hook.rows.steps_before());
        let rows = rows.start.max(silent)..rows.end;
        if rows.is_empty() {
            return Ok(());
        }
        hook.rows = hook.rows.skip(rows.start);
        let (earlier, later) = self.outputs.split_at_mut(index);
        let Some(outputs) = later.first_mut() else { return Ok(()) };
        let width = stage.kernel.outputs();
        let outputs = &mut outputs[rows.start * width..rows.end * width];
        let row_range = |width: usize| rows.start * width..rows.end * width;
        let inputs = match stage.sources.as_slice() {
            [Source::Input] => &inputs[row_range(stage.inputs)],
            [Source::Stage(source)] => &earlier[*source][row_range(stage.inputs)],
            sources => {
                let joined = self.joined.room(stage.inputs * rows.len());
                join(sources, stage, inputs, earlier, &self.previous, &rows, joined);
                joined
            }
        };
        if let Some(problem) = stage.kernel.input_problem(inputs) {
            return Err(problem);
        }
        stage.kernel.run(inputs, &mut self.states[index], outputs, workspace, &mut hook);
        match stage.hook_point {
            Some(point @ HookPoint::PreActivations) => hook.report_rows(point, rows.len(), inputs),
            Some(point) => hook.report_rows(point, rows.len(), outputs),
            None => {}
        }
        Ok(())
    }

    /// Stores the outputs of these stages for a row, as the next step needs them. `first` is the index of the first stage.
    /// Stages that are still silent are skipped.
    fn remember(&mut self, stages: &[Stage<R>], first: usize, row: usize, rows: Rows) {
        let has_outputs = |stage: &Stage<R>| stage.feeds_back && rows.steps_before() + row >= stage.silent_outputs;
        for (index, stage) in stages.iter().enumerate().filter(|(_, stage)| has_outputs(stage)) {
            let width = stage.kernel.outputs();
            self.previous[first + index].copy_from_slice(&self.outputs[first + index][row * width..][..width]);
        }
    }
}

/// Gathers the inputs of a stage with no source, several sources, or a source at the previous step.
fn join<R: Real>(
    sources: &[Source],
    stage: &Stage<R>,
    inputs: &[R],
    earlier: &[Aligned<R>],
    previous: &[Vec<R>],
    rows: &Range<usize>,
    joined: &mut [R],
) {
    joined.fill(R::zero());
    // Filled length of each block, if the sources are concatenated.
    let mut filled = 0;
    // The blocks of a row are contiguous, as the rows are.
    let wide = stage.inputs / stage.blocks;
    for (number, source) in sources.iter().enumerate() {
        let (numbers, first) = match source {
            Source::Input => (inputs, rows.start),
            Source::Stage(stage) => (&*earlier[*stage], rows.start),
            Source::PreviousStep(stage) => (previous[*stage].as_slice(), 0),
        };
        let width = stage.widths.get(number).copied().unwrap_or(wide);
        let source_rows = numbers[first * width * stage.blocks..].chunks_exact(width);
        for (joined, numbers) in joined.chunks_exact_mut(wide).zip(source_rows) {
            match (stage.joins, number) {
                (Joins::Concatenate(_), _) => joined[filled..filled + width].copy_from_slice(numbers),
                (_, 0) => joined.copy_from_slice(numbers),
                _ => joined.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += *number),
            }
        }
        filled += width;
    }
}

/// Rejects NaN and infinity, which would spread through sums and thresholds into counts that look plausible.
fn check_finite<R: Real>(inputs: &[R], shape: &[usize], instructions: Instructions) -> Result<(), ModelError> {
    let mut finite = true;
    instructions.run(AllFinite { inputs, finite: &mut finite });
    if finite {
        return Ok(());
    }
    let Some(place) = inputs.iter().position(|input| !input.is_finite()) else { return Ok(()) };
    let mut rest = place;
    let mut index: Vec<usize> = shape.iter().rev().map(|length| (rest % length, rest /= length).0).collect();
    index.reverse();
    Err(ModelError::NotFinite { value: inputs[place].to_string(), index })
}

/// Work that checks that all inputs are finite.
struct AllFinite<'a, R> {
    inputs: &'a [R],
    finite: &'a mut bool,
}

impl<R: Real> Work for AllFinite<'_, R> {
    #[inline(always)]
    fn run(self) {
        // A loop without an early exit is vectorized.
        *self.finite = self.inputs.iter().fold(true, |all, input| all & input.is_finite());
    }
}
