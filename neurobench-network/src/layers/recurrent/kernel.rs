//! How recurrent layers go through steps.

use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::recurrent::cell::{Cell, Reached};
use crate::matrix::{Matrix, Places};
use crate::real::Real;
use neurobench_core::model::{CallOperations, Needs};

/// The sums of the inputs of so many steps are made together.
const TOGETHER: usize = 32;

/// The weights of one direction of one layer.
pub(super) struct Direction<R> {
    pub(super) from_inputs: Matrix<R>,
    pub(super) from_state: Matrix<R>,
}

/// The kernel: layers on top of each other, each of which has one direction or two.
///
/// A row is a step, whose state goes on to the next, or a whole sequence, which starts from rest. All steps go through a layer
/// before the next one is run; the sums of the inputs of many steps are made together, and those of the state step by step.
pub(super) struct Recurrent<R, C> {
    pub(super) cell: C,
    pub(super) layers: Vec<Vec<Direction<R>>>,
    pub(super) units: usize,
    /// How many steps a row has, if it is a whole sequence.
    pub(super) length: Option<usize>,
}

impl<R: Real, C: Cell> Recurrent<R, C> {
    /// How many weighted sums one direction has.
    fn sums(&self) -> usize {
        C::GATES * self.units
    }

    /// How many numbers are kept from step to step.
    fn kept(&self) -> usize {
        self.layers.iter().map(Vec::len).sum::<usize>() * C::KEPT * self.units
    }

    /// How many outputs a step has.
    fn width(&self) -> usize {
        self.layers.last().map_or(0, Vec::len) * self.units
    }
}

impl<R: Real, C: Cell> Kernel<R> for Recurrent<R, C> {
    fn outputs(&self) -> usize {
        self.length.unwrap_or(1) * self.width()
    }

    fn state(&self) -> usize {
        if self.length.is_some() { 0 } else { self.kept() }
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let rows = outputs.len() / self.outputs();
        let steps = self.length.unwrap_or(rows);
        // They are put back at the end: the products need the rest of the workspace.
        let mut numbers = std::mem::take(&mut workspace.numbers);
        let mut operations = std::mem::take(&mut workspace.operations);
        let mut marks = std::mem::take(&mut workspace.marks);
        let below = if self.layers.len() > 1 { steps * self.width() } else { 0 };
        let kept = if self.length.is_some() { self.kept() } else { 0 };
        let lengths = [steps.min(TOGETHER) * self.sums(), self.sums(), below, kept];
        let needed = lengths.iter().sum();
        let (sums, rest) = numbers.room(needed).split_at_mut(lengths[0]);
        let (state_sums, rest) = rest.split_at_mut(lengths[1]);
        let (below, rest) = rest.split_at_mut(lengths[2]);
        let kept = &mut rest[..lengths[3]];
        marks.resize(2 * self.sums(), false);
        let mut scratch = Scratch { sums, state_sums, marks: &mut marks, workspace };
        operations.clear();
        operations.resize(rows, CallOperations::new(0, true));
        let counts = hook.wants(Needs::CONNECTION_COUNTS);
        let wide = inputs.len() / rows;
        if self.length.is_none() {
            let operations = counts.then_some(operations.as_mut_slice());
            self.through_layers::<false>(inputs, state, below, outputs, &mut scratch, operations);
        } else {
            let sequences = inputs.chunks_exact(wide).zip(outputs.chunks_exact_mut(self.outputs()));
            for ((inputs, outputs), operations) in sequences.zip(operations.chunks_mut(1)) {
                kept.fill(R::zero());
                let operations = counts.then_some(operations);
                self.through_layers::<true>(inputs, kept, below, outputs, &mut scratch, operations);
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
    }
}

/// Memory for the time of a pass.
struct Scratch<'s, R> {
    /// The weighted sums of the inputs, of some steps.
    sums: &'s mut [R],
    /// Those of the state, of one step.
    state_sums: &'s mut [R],
    /// Which sums of the inputs, then which of the state, have a term that is not zero.
    marks: &'s mut [bool],
    workspace: &'s mut Workspace<R>,
}

impl<R: Real, C: Cell> Recurrent<R, C> {
    /// Takes some steps through all layers. Counts go to the step that they are of, or all to one.
    fn through_layers<const TO_ONE: bool>(
        &self,
        inputs: &[R],
        kept: &mut [R],
        below: &mut [R],
        outputs: &mut [R],
        scratch: &mut Scratch<'_, R>,
        mut operations: Option<&mut [CallOperations]>,
    ) {
        let mut kept = kept.chunks_exact_mut(C::KEPT * self.units);
        for (place, directions) in self.layers.iter().enumerate() {
            if place > 0 {
                below.copy_from_slice(outputs);
            }
            let inputs = if place == 0 { inputs } else { &*below };
            for ((number, direction), kept) in directions.iter().enumerate().zip(&mut kept) {
                let operations = operations.as_deref_mut();
                self.through_steps::<TO_ONE>(direction, number, inputs, kept, outputs, scratch, operations);
            }
        }
    }

    /// Takes some steps through one direction of one layer; the second goes backwards.
    #[expect(clippy::too_many_arguments, reason = "a loop that was taken out of another")]
    fn through_steps<const TO_ONE: bool>(
        &self,
        direction: &Direction<R>,
        number: usize,
        inputs: &[R],
        kept: &mut [R],
        outputs: &mut [R],
        scratch: &mut Scratch<'_, R>,
        mut operations: Option<&mut [CallOperations]>,
    ) {
        let (units, width) = (self.units, self.width());
        let steps = outputs.len() / width;
        let wide = inputs.len() / steps;
        let backwards = number == 1;
        let in_order = |place: usize, of: usize| if backwards { of - 1 - place } else { place };
        let stretches = steps.div_ceil(TOGETHER);
        for stretch in 0..stretches {
            let first = in_order(stretch, stretches) * TOGETHER;
            let together = TOGETHER.min(steps - first);
            let Scratch { sums, state_sums, marks, workspace } = scratch;
            let sums = &mut sums[..together * self.sums()];
            let inputs = &inputs[first * wide..][..together * wide];
            if let Some(operations) = operations.as_deref_mut() {
                let mut step = first;
                direction.from_inputs.sum::<true>(inputs, sums, &mut workspace.places, |counted| {
                    let of_step = &mut operations[if TO_ONE { 0 } else { step }];
                    *of_step = of_step.and(counted);
                    step += 1;
                });
            } else {
                direction.from_inputs.sum::<false>(inputs, sums, &mut workspace.places, |_| {});
            }
            for place in 0..together {
                let place = in_order(place, together);
                let step = first + place;
                let state = &kept[..units];
                if let Some(operations) = operations.as_deref_mut() {
                    let of_step = &mut operations[if TO_ONE { 0 } else { step }];
                    direction.from_state.sum::<true>(state, state_sums, &mut workspace.places, |counted| {
                        of_step.operations += counted.operations;
                        of_step.ternary_within &= counted.ternary;
                    });
                    if C::PRODUCTS > 0 {
                        let inputs = &inputs[place * wide..][..wide];
                        let reached = direction.reached(inputs, state, &mut workspace.places, marks);
                        let products = self.cell.products(reached, kept);
                        of_step.operations += products;
                        // Gates are floats.
                        of_step.ternary_within &= products == 0;
                    }
                } else {
                    direction.from_state.sum::<false>(state, state_sums, &mut workspace.places, |_| {});
                }
                self.cell.step(&sums[place * self.sums()..][..self.sums()], state_sums, kept);
                outputs[step * width + number * units..][..units].copy_from_slice(&kept[..units]);
            }
        }
    }
}

impl<R: Real> Direction<R> {
    /// Which weighted sums have a term that is not zero.
    fn reached<'m>(&self, inputs: &[R], state: &[R], places: &mut Places, marks: &'m mut [bool]) -> Reached<'m> {
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
        Reached { from_inputs, from_state }
    }
}
