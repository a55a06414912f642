//! Sessions of a network: the loop over samples and time steps of one worker.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::file::Time;
use crate::graph::{Checks, Graph, MODERATE, Source, Stage};
use crate::kernel::{Hook, Rows, Workspace};
use crate::layers::{Joins, STRETCH};
use crate::real::Real;
use crate::{Network, elements};
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::{HookPoint, ModelError, Needs, Probe, Session, Tensor};
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
    /// State at the start of the pass, if it is carried from sample to sample.
    start: Option<Start<R>>,
    /// Numbers that are checked for NaN and infinity.
    checking: Checking,
}

/// State at the start of a pass.
struct Start<R> {
    previous: Vec<Vec<R>>,
    states: Vec<Vec<R>>,
    steps: usize,
}

/// Numbers of the stages that are checked for NaN and infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checking {
    /// Those that may not be finite for moderate inputs.
    Unbounded,
    /// All sums and outputs: inputs exceed [`MODERATE`].
    All,
    /// Also the state after every row, to find the first step.
    EveryRow,
}

/// Why a stage cannot go on.
enum Problem {
    /// Description of inputs that the layer does not take.
    Inputs(String),
    /// A number that is not finite: the part of the stage, its index, the number, and the row among those in progress.
    NotFinite { part: &'static str, index: usize, value: String, row: usize },
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
    /// True for each stage whose outputs are spikes and which has not spiked yet.
    silent: Vec<bool>,
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
            start: None,
            checking: Checking::Unbounded,
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
        self.checking = check_inputs(numbers, shape, self.workspace.instructions)?;
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
                    let all = sample * steps;
                    let done = (0..steps).step_by(self.rows).try_for_each(|first| {
                        let end = steps.min(first + self.rows);
                        run(self, all + first..all + end, Rows::Steps { sample, first })
                    });
                    if let Err(error) = done.and_then(|()| self.check_states(Rows::Steps { sample, first: steps - 1 }))
                    {
                        let numbers = &numbers[all * wide..(all + steps) * wide];
                        return Err(self.first_error(error, numbers, |step| Rows::Steps { sample, first: step }));
                    }
                }
            }
            Time::None => {
                for first in (0..samples).step_by(self.rows) {
                    self.rest();
                    let end = samples.min(first + self.rows);
                    let run = run(self, first..end, Rows::Samples { first });
                    // Rows that have a state run alone.
                    if let Err(error) = run.and_then(|()| self.check_states(Rows::Samples { first })) {
                        let numbers = &numbers[first * wide..end * wide];
                        return Err(self.first_error(error, numbers, |row| Rows::Samples { first: first + row }));
                    }
                }
            }
            Time::Samples => {
                self.remember_start();
                let done = (0..samples).step_by(self.rows).try_for_each(|first| {
                    let end = samples.min(first + self.rows);
                    run(self, first..end, Rows::Sequence { first, steps_before: self.steps })?;
                    self.steps += end - first;
                    Ok(())
                });
                let last = Rows::Sequence { first: samples.saturating_sub(1), steps_before: self.steps };
                if let Err(error) = done.and_then(|()| self.check_states(last)) {
                    let before = self.start.as_ref().map_or(0, |start| start.steps);
                    let places = |row| Rows::Sequence { first: row, steps_before: before + row };
                    return Err(self.first_error(error, numbers, places));
                }
            }
        }
        self.converted = converted;
        Ok(())
    }

    fn restart(&mut self) {
        self.rest();
    }

    fn silent_layers(&self) -> Option<Vec<String>> {
        let stages = self.graph.stages.iter().zip(&self.flow.silent).filter(|(_, silent)| **silent);
        Some(stages.map(|(stage, _)| self.network.layers[stage.layer].path().to_owned()).collect())
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
                    let rows = first..first + together;
                    self.flow
                        .run(index, stage, inputs, rows, hook, &mut self.workspace, self.checking)
                        .map_err(|problem| self.error(stage, problem, places))?;
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

impl<R: Real> NetworkSession<'_, R> {
    fn error(&self, stage: &Stage<R>, problem: Problem, places: Rows) -> ModelError {
        let layer = shown(self.network.layers[stage.layer].path());
        match problem {
            Problem::Inputs(problem) => ModelError::Other(format!("layer `{layer}`: {problem}")),
            Problem::NotFinite { part, index, value, row } => {
                let (sample, step) = places.place(row);
                ModelError::LayerNotFinite { layer, part, index, value, sample: Some(sample), step }
            }
        }
    }

    /// Checks the state of all stages after the last of these rows. A membrane that is not finite stays so, but its spikes
    /// look like those of any other.
    fn check_states(&self, last: Rows) -> Result<(), ModelError> {
        let states = self.graph.stages.iter().zip(&self.flow.states).filter(|(_, state)| !state.is_empty());
        for (stage, state) in states {
            check_state(stage, state, 0, self.workspace.instructions)
                .map_err(|problem| self.error(stage, problem, last))?;
        }
        Ok(())
    }

    /// Stores the state for [`first_error`](Self::first_error).
    fn remember_start(&mut self) {
        let (states, previous) = (&self.flow.states, &self.flow.previous);
        let start = self.start.get_or_insert_with(|| Start {
            previous: previous.clone(),
            states: states.iter().map(|state| state.to_vec()).collect(),
            steps: 0,
        });
        start.steps = self.steps;
        start.states.iter_mut().zip(states).for_each(|(start, state)| start.copy_from_slice(state));
        start.previous.iter_mut().zip(previous).for_each(|(start, previous)| start.copy_from_slice(previous));
    }

    /// Finds the first row at which the rows of these inputs fail, by running them again one by one: a layer runs over many steps
    /// before the next one starts, and its state is checked after the last. `places` returns the place of a row.
    fn first_error(&mut self, error: ModelError, inputs: &[R], places: impl Fn(usize) -> Rows) -> ModelError {
        if !matches!(error, ModelError::LayerNotFinite { .. }) {
            return error;
        }
        self.rest();
        if let Some(start) = &self.start {
            self.steps = start.steps;
            self.flow.states.iter_mut().zip(&start.states).for_each(|(state, start)| state.copy_from_slice(start));
            self.flow.previous.clone_from(&start.previous);
        }
        self.checking = Checking::EveryRow;
        let mut probe = Probe::new(Needs::NONE, &self.network.layers);
        let mut outputs = vec![R::zero(); elements(&self.network.output_shape)];
        let rows = inputs.chunks_exact(elements(&self.network.input_shape)).enumerate();
        for (row, inputs) in rows {
            if let Err(first) = self.run(inputs, &mut outputs, 1, places(row), &mut probe) {
                return first;
            }
        }
        error
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
            silent: stages.iter().map(|stage| stage.kernel.emits_spikes()).collect(),
        }
    }

    fn make_room(&mut self, stages: &[Stage<R>], rows: usize) {
        for (stage, outputs) in stages.iter().zip(&mut self.outputs) {
            outputs.room(stage.kernel.outputs() * rows);
        }
    }

    /// Runs a stage for some of the rows in progress. The error describes inputs that the stage cannot take, or numbers that
    /// are not finite.
    #[expect(clippy::too_many_arguments, reason = "the parts of a session that are borrowed separately")]
    fn run(
        &mut self,
        index: usize,
        stage: &Stage<R>,
        inputs: &[R],
        rows: Range<usize>,
        mut hook: Hook<'_>,
        workspace: &mut Workspace<R>,
        checking: Checking,
    ) -> Result<(), Problem> {
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
                let is_sum = stage.joins == Joins::Sum && sources.len() > 1;
                if stage.checks.sum || (checking != Checking::Unbounded && is_sum) {
                    check("input", joined, stage.inputs, rows.start, stage.checks, workspace.instructions)?;
                }
                joined
            }
        };
        if let Some(problem) = stage.kernel.input_problem(inputs) {
            return Err(Problem::Inputs(problem));
        }
        stage.kernel.run(inputs, &mut self.states[index], outputs, workspace, &mut hook);
        match stage.hook_point {
            Some(point @ HookPoint::PreActivations) => hook.report_rows(point, rows.len(), inputs),
            Some(point) => hook.report_rows(point, rows.len(), outputs),
            None => {}
        }
        if self.silent[index] {
            self.silent[index] = !has_nonzero(outputs);
        }
        if stage.checks.outputs || checking != Checking::Unbounded {
            check("output", outputs, width, rows.start, stage.checks, workspace.instructions)?;
        }
        if checking == Checking::EveryRow {
            check_state(stage, &self.states[index], rows.start, workspace.instructions)?;
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

/// Rejects NaN and infinity, which would spread through sums and thresholds into counts that look plausible. Returns the checks
/// that the stages need for these inputs.
fn check_inputs<R: Real>(inputs: &[R], shape: &[usize], instructions: Instructions) -> Result<Checking, ModelError> {
    if all_within(inputs, R::nearest(MODERATE), instructions) {
        return Ok(Checking::Unbounded);
    }
    let Some(place) = inputs.iter().position(|input| !input.is_finite()) else { return Ok(Checking::All) };
    let mut rest = place;
    let mut index: Vec<usize> = shape.iter().rev().map(|length| (rest % length, rest /= length).0).collect();
    index.reverse();
    Err(ModelError::NotFinite { value: inputs[place].to_string(), index })
}

/// Returns true if one of the numbers is not zero.
fn has_nonzero<R: Real>(numbers: &[R]) -> bool {
    // Without an exit within a chunk, its loop is vectorized.
    numbers.chunks(STRETCH).any(|chunk| chunk.iter().fold(false, |any, number| any | !number.is_zero()))
}

/// Checks the numbers of a part of a stage, `width` for each row from `first` on.
fn check<R: Real>(
    part: &'static str,
    numbers: &[R],
    width: usize,
    first: usize,
    checks: Checks,
    instructions: Instructions,
) -> Result<(), Problem> {
    if all_within(numbers, R::largest(), instructions) {
        return Ok(());
    }
    let is_wrong = |number: &R| number.differs(*number) || !(checks.infinities || number.is_finite());
    match numbers.iter().position(is_wrong) {
        Some(place) => {
            let (row, index, value) = (first + place / width, place % width, numbers[place].to_string());
            Err(Problem::NotFinite { part, index, value, row })
        }
        None => Ok(()),
    }
}

/// Checks the state of a stage after a row.
fn check_state<R: Real>(stage: &Stage<R>, state: &[R], row: usize, instructions: Instructions) -> Result<(), Problem> {
    check("state value", state, state.len().max(1), row, stage.checks, instructions)
}

/// Returns true if the magnitude of all numbers is at most `most`, and none is NaN.
fn all_within<R: Real>(numbers: &[R], most: R, instructions: Instructions) -> bool {
    let mut within = true;
    instructions.run(AllWithin { numbers, most, within: &mut within });
    within
}

/// Work that compares the magnitude of all numbers.
struct AllWithin<'a, R> {
    numbers: &'a [R],
    most: R,
    within: &'a mut bool,
}

impl<R: Real> Work for AllWithin<'_, R> {
    #[inline(always)]
    fn run(self) {
        // A loop without an early exit is vectorized.
        *self.within = self.numbers.iter().fold(true, |all, number| all & (number.abs() <= self.most));
    }
}
