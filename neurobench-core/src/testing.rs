//! Checks for your own metrics.

use std::collections::BTreeMap;

use crate::accumulate::{Accumulator, MergeSum};
use crate::bench::Batch;
use crate::component::{CatalogueKind, catalogue};
use crate::metric::plan::{Core, ErasedFold};
use crate::metric::state::AnyState;
use crate::metric::{BatchContext, Context, Fold, PartOf, Plan, ResamplingForm};
use crate::model::{FnModel, Model, ModelError, Probe, Tensor};
use crate::stats::random::nth;

/// Checks the law of states on a metric: the state is bit-identical for any split of batches over workers, for any
/// order of merging, and when every part is written and read back.
///
/// The model runs on every batch, so metrics with hooks can also be checked; [`predictions`] is a model for metrics
/// without. For a model that carries state, every batch is a separate sequence.
///
/// # Panics
///
/// If the law does not hold, with the two states; if the metric or the model fails on a batch; or if there are fewer than
/// three batches, which cannot show much.
///
/// ```
/// use neurobench::bench::Batch;
/// use neurobench::metrics::Mse;
/// use neurobench::testing::{assert_merges, predictions};
/// use ndarray::array;
///
/// let batches = [
///     Batch::new(array![[0.1], [0.2]], array![[0.0], [0.3]]),
///     Batch::new(array![[1e10]], array![[0.0]]),
///     Batch::new(array![[-3.0]], array![[1e-3]]),
/// ];
/// assert_merges(&Mse::default(), predictions(), &batches);
/// ```
pub fn assert_merges<F: Fold>(metric: &F, model: impl Model, batches: &[Batch])
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    assert!(batches.len() >= 3, "{} batches are too few to test the laws of a state: pass at least 3", batches.len());
    let mut plan = Plan::default();
    if let Err(error) = plan.core(metric) {
        panic!("the settings of {metric:?} are not accepted: {error}");
    }
    let core = &plan.cores()[0];
    let whole = fold(core, &model, batches, 0..batches.len());
    let expected = saved(core, &whole);
    if core.fold.resampling_form() == ResamplingForm::Counts {
        let counted = saved(core, &counted_again(core, &model, batches));
        assert!(
            counted == expected,
            "the state of `{}` is not what it counted:\n one pass: {expected}\n counted:  {counted}",
            core.label
        );
    }
    let mut random = Random::default();
    for round in 0..24 {
        let parts = 1 + random.below(batches.len().max(1));
        let mut shards = vec![Vec::new(); parts];
        for batch in 0..batches.len() {
            shards[random.below(parts)].push(batch);
        }
        let mut states: Vec<AnyState> = shards.into_iter().map(|shard| fold(core, &model, batches, shard)).collect();
        while states.len() > 1 {
            let (from, into) = (random.below(states.len()), random.below(states.len() - 1));
            let part = through_serde(core, &states.swap_remove(from));
            // A state is merged by value, or by reference.
            match round % 2 {
                0 => states[into].merge(part),
                _ => states[into].merge_copy(&*part),
            }
        }
        let merged = saved(core, &through_serde(core, &states[0]));
        assert!(
            merged == expected,
            "the state of `{}` depends on how batches are split (round {round}, {parts} parts):\n one pass: {expected}\n merged:   {merged}",
            core.label
        );
    }
}

/// Checks that no two linked components of one kind have the same name: metrics, preprocessors, data sets and all others.
///
/// A crate of components calls it in a test, together with the crates that are used with it. A duplicate is an error only
/// where its name is used, so it can stay unnoticed otherwise.
///
/// # Panics
///
/// If there are duplicates, with every name and all its places.
///
/// ```
/// neurobench::testing::assert_no_duplicates();
/// ```
pub fn assert_no_duplicates() {
    let of_kind = |kind: &'static CatalogueKind| {
        kind.duplicates().into_iter().map(|duplicate| format!("\n  {}: {duplicate}", kind.plural))
    };
    let duplicates: Vec<String> = catalogue().into_iter().flat_map(of_kind).collect();
    assert!(
        duplicates.is_empty(),
        "several components have one name; rename all but one of them with `name = \"..\"`:{}",
        duplicates.concat()
    );
}

/// A model whose outputs are its inputs: for metrics that see predictions and targets alone.
#[must_use]
pub fn predictions() -> impl Model {
    FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| -> Result<Tensor, ModelError> { Ok(inputs.clone()) })
}

fn fold(core: &Core, model: &dyn Model, batches: &[Batch], shard: impl IntoIterator<Item = usize>) -> AnyState {
    let fold: &dyn ErasedFold = &*core.fold;
    let mut state = fold.empty();
    let (mut session, mut probe) = (model.session(), Probe::new(core.needs, model.layers()));
    let mut outputs = Tensor::default();
    for index in shard {
        let Batch { inputs, targets } = &batches[index];
        if model.carries_state() {
            session.restart();
        }
        probe.clear();
        if let Err(error) = session.forward(inputs, &mut probe, &mut outputs) {
            panic!("the model fails on batch {index}: {error}");
        }
        let batch = BatchContext::new(index as u64, &outputs, targets, probe.record())
            .with_inputs(Some(inputs))
            .with_data_inputs(Some(inputs));
        if let Err(error) = fold.fold(&mut state, &Context::for_batch(model, batch), index as u64) {
            panic!("`{}` fails on batch {index}: {error}", core.label);
        }
    }
    state
}

/// Counts in one state what all batches have counted.
fn counted_again(core: &Core, model: &dyn Model, batches: &[Batch]) -> AnyState {
    let mut things: BTreeMap<Vec<i64>, u64> = BTreeMap::new();
    for batch in 0..batches.len() {
        for (thing, times) in fold(core, model, batches, [batch]).counts().iter() {
            things.entry(thing.to_owned()).or_default().merge_sum(times);
        }
    }
    let mut state = core.fold.empty();
    for (thing, times) in things {
        state.add_count(&thing, times);
    }
    state
}

fn saved(core: &Core, state: &AnyState) -> String {
    match state.save() {
        Ok(saved) => saved.to_json(),
        Err(error) => panic!("the state of `{}` cannot be written: {error}", core.label),
    }
}

fn through_serde(core: &Core, state: &AnyState) -> AnyState {
    let text = saved(core, state);
    let read = serde_json::from_str(&text).map_err(|error| error.to_string());
    match read.and_then(|value| core.fold.restore(&value).map_err(|error| error.to_string())) {
        Ok(state) => state,
        Err(error) => panic!("the state of `{}` cannot be read back from {text}: {error}", core.label),
    }
}

/// A stream of pseudo-random numbers that is the same in every run.
#[derive(Default)]
struct Random {
    drawn: u64,
}

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        let bits = nth(0, self.drawn);
        self.drawn += 1;
        (bits % bound.max(1) as u64) as usize
    }
}
