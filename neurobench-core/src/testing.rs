//! Checks for metrics of one's own.

use std::collections::BTreeMap;

use crate::accumulate::{Accumulator, MergeSum};
use crate::bench::Batch;
use crate::component::{CatalogueKind, catalogue};
use crate::metric::plan::{AnyState, Core, ErasedFold};
use crate::metric::{BatchContext, Context, Fold, PartOf, Plan};
use crate::model::{FnModel, Model, ModelError, Probe, Tensor};

/// Checks the law of states on a metric: however batches are split over workers, in whatever order the parts are merged,
/// and with every part written and read back, the state is the same, bit for bit. So it is when it is made of what it says that
/// it has [counted](Accumulator::counted).
///
/// The model runs on every batch, so that metrics with hooks can be checked, too; [`predictions`] is a model for metrics
/// without. To a model that carries state, every batch is a sequence of its own.
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
    assert!(batches.len() >= 3, "{} batches cannot show that a state obeys the law: give at least 3", batches.len());
    let mut plan = Plan::default();
    if let Err(error) = plan.core(metric) {
        panic!("the settings of {metric:?} are not accepted: {error}");
    }
    let core = &plan.cores()[0];
    let whole = fold(core, &model, batches, 0..batches.len());
    let expected = saved(core, &whole);
    if core.fold.counts() {
        let counted = saved(core, &counted_again(core, &model, batches));
        assert!(
            counted == expected,
            "the state of `{}` is not what it counted:\n one pass: {expected}\n counted:  {counted}",
            core.label
        );
    }
    let mut random = SplitMix(0x9e37_79b9_7f4a_7c15);
    for round in 0..24 {
        let parts = 1 + random.below(batches.len().max(1));
        let mut shares = vec![Vec::new(); parts];
        for batch in 0..batches.len() {
            shares[random.below(parts)].push(batch);
        }
        let mut states: Vec<AnyState> = shares.into_iter().map(|share| fold(core, &model, batches, share)).collect();
        while states.len() > 1 {
            let (from, into) = (random.below(states.len()), random.below(states.len() - 1));
            let part = through_serde(core, &states.swap_remove(from));
            // A state is taken in, or a copy of it.
            match round % 2 {
                0 => core.fold.merge(&mut states[into], part),
                _ => core.fold.merge_copy(&mut states[into], &part),
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

fn fold(core: &Core, model: &dyn Model, batches: &[Batch], share: impl IntoIterator<Item = usize>) -> AnyState {
    let fold: &dyn ErasedFold = &*core.fold;
    let mut state = fold.empty();
    let (mut session, mut probe) = (model.session(), Probe::new(core.needs, model.layers()));
    let mut outputs = Tensor::default();
    for index in share {
        let Batch { inputs, targets } = &batches[index];
        if model.carries_state() {
            session.restart();
        }
        probe.clear();
        if let Err(error) = session.forward(inputs, &mut probe, &mut outputs) {
            panic!("the model fails on batch {index}: {error}");
        }
        let batch = BatchContext::new(index as u64, &outputs, targets, probe.record());
        if let Err(error) = fold.fold(&mut state, &Context::of_batch(model, batch), index as u64) {
            panic!("`{}` fails on batch {index}: {error}", core.label);
        }
    }
    state
}

/// What all batches count, counted in one state.
fn counted_again(core: &Core, model: &dyn Model, batches: &[Batch]) -> AnyState {
    let mut things: BTreeMap<Vec<i64>, u64> = BTreeMap::new();
    for batch in 0..batches.len() {
        for (thing, times) in core.fold.counted(&fold(core, model, batches, [batch])) {
            things.entry(thing).or_default().merge_sum(times);
        }
    }
    let mut state = core.fold.empty();
    for (thing, times) in things {
        core.fold.count_again(&mut state, &thing, times);
    }
    state
}

fn saved(core: &Core, state: &AnyState) -> String {
    match core.fold.save(state) {
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

/// Steele, Lea and Flood's generator (2014, doi 10.1145/2714064.2660195): the checks are the same in every run.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}
