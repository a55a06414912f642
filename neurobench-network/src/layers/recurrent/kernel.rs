//! Kernel of recurrent layers.

use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::recurrent::cell::{Cell, NonzeroSums};
use crate::matrix::{Matrix, Places};
use crate::real::Real;
use neurobench_core::model::{CallOperations, HookPoint, Needs};

/// Number of steps whose weighted sums of the inputs are computed together.
const TOGETHER: usize = 32;

/// Weights of one direction of one layer.
pub(super) struct Direction<R> {
    pub(super) from_inputs: Matrix<R>,
    pub(super) from_state: Matrix<R>,
}

/// Kernel for a stack of layers, each of which has one direction or two.
///
/// A row is a step, whose state is carried to the next row, or a whole sequence, which starts from rest. All steps run through a
/// layer before the next one starts. The weighted sums of the inputs are computed for many steps together, those of the state
/// step by step.
pub(super) struct Recurrent<R, C> {
    pub(super) cell: C,
    pub(super) layers: Vec<Vec<Direction<R>>>,
    pub(super) units: usize,
    /// Number of steps in a row, if it is a whole sequence.
    pub(super) length: Option<usize>,
}

impl<R: Real, C: Cell> Recurrent<R, C> {
    /// Number of weighted sums of one direction.
    fn sums(&self) -> usize {
        C::GATES * self.units
    }

    /// Number of state values of all layers.
    fn state_len(&self) -> usize {
        self.layers.iter().map(Vec::len).sum::<usize>() * C::STATE * self.units
    }

    /// Number of outputs of a step.
    fn width(&self) -> usize {
        self.layers.last().map_or(0, Vec::len) * self.units
    }
}

impl<R: Real, C: Cell> Kernel<R> for Recurrent<R, C> {
    fn outputs(&self) -> usize {
        self.length.unwrap_or(1) * self.width()
    }

    fn state(&self) -> usize {
        if self.length.is_some() { 0 } else { self.state_len() }
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let rows = outputs.len() / self.outputs();
        let steps = self.length.unwrap_or(rows);
        // Put back at the end: the products need the rest of the workspace.
        let mut numbers = std::mem::take(&mut workspace.numbers);
        let mut operations = std::mem::take(&mut workspace.operations);
        let mut marks = std::mem::take(&mut workspace.marks);
        let mut reported = std::mem::take(&mut workspace.outer);
        let reports_states = hook.wants(HookPoint::RecurrentStates.either());
        let states = reported.room(if reports_states { steps * self.state_len() } else { 0 });
        let below = if self.layers.len() > 1 { steps * self.width() } else { 0 };
        let units_state = if self.length.is_some() { self.state_len() } else { 0 };
        let lengths = [steps.min(TOGETHER) * self.sums(), self.sums(), below, units_state];
        let needed = lengths.iter().sum();
        let (sums, rest) = numbers.room(needed).split_at_mut(lengths[0]);
        let (state_sums, rest) = rest.split_at_mut(lengths[1]);
        let (below, rest) = rest.split_at_mut(lengths[2]);
        let units_state = &mut rest[..lengths[3]];
        marks.resize(2 * self.sums(), false);
        let mut scratch = Scratch { sums, state_sums, marks: &mut marks, states, workspace };
        operations.clear();
        operations.resize(rows, CallOperations::new(0, true));
        let counts = hook.wants(Needs::CONNECTION_COUNTS);
        let wide = inputs.len() / rows;
        if self.length.is_none() {
            let operations = counts.then_some(operations.as_mut_slice());
            self.run_layers::<false>(inputs, state, below, outputs, &mut scratch, operations);
            if reports_states {
                hook.report_rows(HookPoint::RecurrentStates, rows, scratch.states);
            }
        } else {
            let sequences = inputs.chunks_exact(wide).zip(outputs.chunks_exact_mut(self.outputs()));
            for (row, ((inputs, outputs), operations)) in sequences.zip(operations.chunks_mut(1)).enumerate() {
                units_state.fill(R::zero());
                let operations = counts.then_some(operations);
                self.run_layers::<true>(inputs, units_state, below, outputs, &mut scratch, operations);
                if reports_states {
                    hook.report(HookPoint::RecurrentStates, row, scratch.states);
                }
            }
        }
        if counts {
            for ((row, counted), inputs) in operations.iter().enumerate().zip(inputs.chunks_exact(wide)) {
                hook.connection(0, row, *counted, inputs);
            }
        } else {
            hook.connection_traces(inputs, rows);
        }
        (workspace.numbers, workspace.operations, workspace.marks) = (numbers, operations, marks);
        workspace.outer = reported;
    }
}

/// Memory for the duration of a pass.
struct Scratch<'s, R> {
    /// Weighted sums of the inputs of some steps.
    sums: &'s mut [R],
    /// Weighted sums of the state of one step.
    state_sums: &'s mut [R],
    /// Marks of the sums of the inputs, then of the state, that have a nonzero term.
    marks: &'s mut [bool],
    /// State after each step, of all layers and directions; empty unless the probe records it.
    states: &'s mut [R],
    workspace: &'s mut Workspace<R>,
}

impl<R: Real, C: Cell> Recurrent<R, C> {
    /// Runs some steps through all layers. Operations are counted for each step, or with `TO_ONE` all in the first entry.
    fn run_layers<const TO_ONE: bool>(
        &self,
        inputs: &[R],
        units_state: &mut [R],
        below: &mut [R],
        outputs: &mut [R],
        scratch: &mut Scratch<'_, R>,
        mut operations: Option<&mut [CallOperations]>,
    ) {
        let mut units_state = units_state.chunks_exact_mut(C::STATE * self.units).enumerate();
        for (place, directions) in self.layers.iter().enumerate() {
            if place > 0 {
                below.copy_from_slice(outputs);
            }
            let inputs = if place == 0 { inputs } else { &*below };
            for ((number, direction), units_state) in directions.iter().enumerate().zip(&mut units_state) {
                let operations = operations.as_deref_mut();
                self.run_steps::<TO_ONE>((direction, number), inputs, units_state, outputs, scratch, operations);
            }
        }
    }

    /// Runs some steps through one direction of one layer; the second direction runs backwards.
    fn run_steps<const TO_ONE: bool>(
        &self,
        (direction, number): (&Direction<R>, usize),
        inputs: &[R],
        (place_of_state, units_state): (usize, &mut [R]),
        outputs: &mut [R],
        scratch: &mut Scratch<'_, R>,
        mut operations: Option<&mut [CallOperations]>,
    ) {
        let (units, width) = (self.units, self.width());
        let steps = outputs.len() / width;
        let wide = inputs.len() / steps;
        let backwards = number == 1;
        let in_order = |place: usize, count: usize| if backwards { count - 1 - place } else { place };
        let stretches = steps.div_ceil(TOGETHER);
        for stretch in 0..stretches {
            let first = in_order(stretch, stretches) * TOGETHER;
            let together = TOGETHER.min(steps - first);
            let Scratch { sums, state_sums, marks, states, workspace } = scratch;
            let sums = &mut sums[..together * self.sums()];
            let inputs = &inputs[first * wide..][..together * wide];
            if let Some(operations) = operations.as_deref_mut() {
                let mut step = first;
                direction.from_inputs.sum::<true>(inputs, sums, &mut workspace.places, |counted| {
                    let step_operations = &mut operations[if TO_ONE { 0 } else { step }];
                    *step_operations = step_operations.and(counted);
                    step += 1;
                });
            } else {
                direction.from_inputs.sum::<false>(inputs, sums, &mut workspace.places, |_| {});
            }
            for place in 0..together {
                let place = in_order(place, together);
                let step = first + place;
                let state = &units_state[..units];
                if let Some(operations) = operations.as_deref_mut() {
                    let step_operations = &mut operations[if TO_ONE { 0 } else { step }];
                    direction.from_state.sum::<true>(state, state_sums, &mut workspace.places, |counted| {
                        step_operations.operations += counted.operations;
                        step_operations.ternary_within &= counted.ternary;
                    });
                    if C::PRODUCTS > 0 {
                        let inputs = &inputs[place * wide..][..wide];
                        let nonzero = direction.nonzero_sums(inputs, state, &mut workspace.places, marks);
                        let products = self.cell.products(nonzero, units_state);
                        step_operations.operations += products;
                        // Gates are floating-point numbers.
                        step_operations.ternary_within &= products == 0;
                    }
                } else {
                    direction.from_state.sum::<false>(state, state_sums, &mut workspace.places, |_| {});
                }
                self.cell.step(&sums[place * self.sums()..][..self.sums()], state_sums, units_state);
                outputs[step * width + number * units..][..units].copy_from_slice(&units_state[..units]);
                if !states.is_empty() {
                    let first = step * self.state_len() + place_of_state * units_state.len();
                    states[first..][..units_state.len()].copy_from_slice(units_state);
                }
            }
        }
    }
}

impl<R: Real> Direction<R> {
    /// Marks the weighted sums that have a nonzero term.
    fn nonzero_sums<'m>(
        &self,
        inputs: &[R],
        state: &[R],
        places: &mut Places,
        marks: &'m mut [bool],
    ) -> NonzeroSums<'m> {
        let (from_inputs, from_state) = marks.split_at_mut(self.from_inputs.bias().len());
        for (matrix, numbers, marks) in
            [(&self.from_inputs, inputs, &mut *from_inputs), (&self.from_state, state, &mut *from_state)]
        {
            let mut biased = true;
            for (mark, bias) in marks.iter_mut().zip(matrix.bias()) {
                *mark = !bias.is_zero();
                biased &= *mark;
            }
            if !biased {
                matrix.mark_reached(numbers, places, marks);
            }
        }
        NonzeroSums { from_inputs, from_state }
    }
}
