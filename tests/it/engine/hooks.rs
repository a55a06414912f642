//! Inputs of metrics: the batch, the hook points of layers, selections of layers.

use ndarray::array;
use neurobench::bench::Batch;
use neurobench::data::{InMemory, Records};
use neurobench::metrics::{
    ActivationSparsity, Energy, LayerSpikeTotals, NeuronActivity, OperationCounts, SpikeTotals, SynapticOperations,
    ZeroActivations,
};
use neurobench::model::{Call, FnModel, HookPoint, Layer, Probe};
use neurobench::network::{IntegratorConfig, LeakyConfig, Network, Simulator};
use neurobench::prelude::*;
use neurobench::process::{ProcessError, Scale};
use neurobench::testing::assert_merges;

use super::identity;

/// Sum of the inputs of the model.
#[accumulated_metric]
pub(crate) fn input_sum(inputs: Inputs<'_, Ix2>) -> Sum {
    Sum::from_values(inputs.iter().copied())
}

/// Sum of the inputs of the data set.
#[accumulated_metric]
pub(crate) fn data_input_sum(inputs: DataInputs<'_>) -> Sum {
    Sum::from_values(inputs.iter().copied())
}

/// Batches with bytes in the data and singles in the model.
#[accumulated_metric]
pub(crate) fn converted_batches(inputs: RawInputs<'_>, data: RawDataInputs<'_>) -> Ratio {
    Ratio::from_bools([matches!(*inputs, Tensor::F32(_)) && matches!(*data, Tensor::U8(_))])
}

/// Number of batches.
#[workload_metric]
pub(crate) fn mean_input(inputs: Inputs<'_>, predictions: Predictions<'_>) -> f64 {
    inputs.mean().unwrap_or(0.0) + 0.0 * predictions.len() as f64
}

fn pixels() -> InMemory {
    InMemory::new(array![[8_u8, 16], [24, 32], [0, 8]], array![0_i64, 0, 0]).unwrap()
}

#[test]
fn metrics_see_the_inputs_of_the_model_and_of_the_data() {
    for workers in [1, 2] {
        let benchmark = Benchmark::builder()
            .model(identity())
            .data(pixels())
            .batch_size(2)
            .workers(workers)
            .preprocess(Scale { factor: 0.125 })
            .metric(InputSum)
            .metric(DataInputSum)
            .metric(ConvertedBatches)
            .metric(MeanInput)
            .per_sample()
            .build()
            .unwrap();
        let report = benchmark.run().unwrap();
        assert_eq!(*report.get::<InputSum>().unwrap(), 11.0);
        assert_eq!(*report.get::<DataInputSum>().unwrap(), 88.0);
        assert_eq!(*report.get::<ConvertedBatches>().unwrap(), 1.0);
        // 2.5 of two samples, 0.5 of one.
        assert_eq!(*report.get::<MeanInput>().unwrap(), 5.5 / 3.0);
        let of_samples = |at: usize| report.entries()[at].samples().unwrap().values.clone();
        assert_eq!(of_samples(0), [3.0, 7.0, 1.0]);
        assert_eq!(of_samples(1), [24.0, 56.0, 8.0]);
    }
}

#[test]
fn streams_have_inputs() {
    let benchmark = Benchmark::builder().model(identity()).metric(InputSum).metric(DataInputSum).build().unwrap();
    let report = benchmark.run_stream(Records::new([[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]])).unwrap();
    assert_eq!((*report.get::<InputSum>().unwrap(), *report.get::<DataInputSum>().unwrap()), (10.0, 10.0));
}

#[test]
fn a_preprocessor_may_change_the_number_of_samples() {
    let first = |inputs: Tensor, targets: Tensor| Ok::<_, ProcessError>((inputs.rows(0, 1), targets.rows(0, 1)));
    let benchmark = Benchmark::builder().model(identity()).data(pixels()).preprocess_as("first", first);
    let report = benchmark.metric(InputSum).metric(DataInputSum).build().unwrap().run().unwrap();
    assert_eq!((*report.get::<InputSum>().unwrap(), *report.get::<DataInputSum>().unwrap()), (24.0, 88.0));
}

#[test]
fn a_nan_among_the_inputs_is_reported_with_its_sample() {
    let data = InMemory::new(array![[1.0, 2.0], [3.0, f64::NAN], [0.0, 0.0]], array![0_i64, 0, 0]).unwrap();
    let without = |inputs: Tensor, targets: Tensor| {
        let inputs = inputs.to_f64().mapv(|number| if number.is_nan() { 0.0 } else { number });
        Ok::<_, ProcessError>((Tensor::from(inputs), targets))
    };
    let benchmark = Benchmark::builder().model(identity()).data(data).preprocess_as("without", without);
    let report = benchmark.metric(InputSum).metric(DataInputSum).build().unwrap().run().unwrap();
    assert_eq!(*report.get::<InputSum>().unwrap(), 6.0);
    let error = report.get::<DataInputSum>().unwrap_err().to_string();
    assert!(error.ends_with("sample 1 of the data set: inputs of the data set: NaN at [1]"), "{error}");
}

/// Number of positive pre-activations of a layer.
#[accumulated_metric(hooks = traces)]
pub(crate) fn positive_sums(sums: PreActivations<'_>, #[param] layers: LayerSelection) -> PerLayer<Ratio> {
    sums.select(&layers).per_layer(|trace| Ratio::from_bools(trace.values().iter().map(|value| *value > 0.0)))
}

/// Number of non-zero synaptic currents.
#[accumulated_metric(hooks)]
pub(crate) fn currents(currents: SynapticCurrentCounts<'_>) -> PerLayer<Count> {
    currents.per_layer(|count| Count(count.nonzero))
}

/// The same, if there are any.
#[accumulated_metric(hooks)]
pub(crate) fn currents_or_none(currents: Option<SynapticCurrentCounts<'_>>) -> PerLayer<Count> {
    currents.map(|currents| currents.per_layer(|count| Count(count.nonzero))).unwrap_or_default()
}

/// The reasons why a benchmark with this model and metric cannot be built.
fn problem<M: neurobench::metric::Metric>(model: impl Model, metric: M) -> String
where
    M::Output: MetricValue,
{
    Benchmark::builder().model(model).metric(metric).build().unwrap_err().to_string()
}

/// `fc1`, `relu1`, `fc2`, `relu2`, of two inputs and outputs each.
fn network() -> Network {
    Network::builder([2])
        .linear("fc1", array![[1.0, -1.0], [1.0, 1.0]], None)
        .relu("relu1")
        .linear("fc2", array![[1.0, 0.0], [0.0, -1.0]], None)
        .relu("relu2")
        .build()
        .unwrap()
}

fn data() -> InMemory {
    InMemory::new(array![[1.0_f32, 2.0], [2.0, 0.0]], array![0_i64, 0]).unwrap()
}

#[test]
fn a_hook_that_the_model_does_not_serve_is_an_error_at_build() {
    let relu = || {
        FnModel::new(vec![Layer::activation("relu", "relu", 2)], |inputs: &Tensor, _: &mut Probe| Ok(inputs.clone()))
    };
    assert_eq!(
        problem(relu(), PositiveSums::default()),
        "metric `positive_sums`: layer `relu` (relu) does not report its pre-activations"
    );
    assert_eq!(
        problem(identity(), ActivationSparsity::default()),
        "metric `activation_sparsity`: the model has no activation layers"
    );
    assert_eq!(
        problem(relu(), SynapticOperations::default()),
        "metric `synaptic_operations`: the model has no connection layers"
    );
    assert_eq!(problem(network(), Currents), "metric `currents`: the model has no layers with synaptic currents");
    let report = Benchmark::builder().model(network()).data(data()).metric(CurrentsOrNone).build().unwrap().run();
    assert_eq!(report.unwrap().get::<CurrentsOrNone>().unwrap().iter().count(), 0);
}

#[test]
fn a_function_reports_its_hook_points() {
    let layer = Layer::activation("relu", "relu", 2).with_hook_point(HookPoint::PreActivations);
    let model = FnModel::new(vec![layer], |inputs: &Tensor, probe: &mut Probe| {
        let sums = inputs.to_f32();
        for (sample, sums) in sums.outer_iter().enumerate() {
            let call = Call::new(sample, 0);
            probe.report(HookPoint::PreActivations, 0, call, sums.as_slice().unwrap_or_default());
            let outputs: Vec<f32> = sums.iter().map(|sum| sum.max(0.0)).collect();
            probe.activation(0, call, &outputs);
        }
        Ok(inputs.clone())
    });
    let data = InMemory::new(array![[1.0_f32, -2.0], [0.0, 4.0]], array![0_i64, 0]).unwrap();
    let benchmark = Benchmark::builder().model(model).data(data).metric(PositiveSums::default());
    let report = benchmark.metric(SpikeTotals::default()).build().unwrap().run().unwrap();
    assert_eq!(report.get::<PositiveSums>().unwrap().get("relu"), Some(&0.5));
    let totals = report.get::<SpikeTotals>().unwrap().get("relu").unwrap();
    assert_eq!((totals.spikes, totals.nonzero, totals.activations, totals.calls), (None, 2, 4, 2));
}

/// Spikes of a call, added up over the layers.
#[accumulated_metric(of = SpikeTotals)]
pub(crate) fn spikes_per_call(totals: &PerLayer<LayerSpikeTotals>) -> f64 {
    totals.values().map(|layer| layer.spikes.value() / layer.calls as f64).sum()
}

/// With a threshold of 1 and reset by subtraction, as in sinabs, 3.5 gives three spikes at once and 0.5 is left over.
#[test]
fn spikes_of_one_step_count_by_their_number() {
    let neuron = IntegratorConfig::new().r(1.0).v_threshold(1.0);
    let network = Network::builder([2]).time_steps(true).integrate_and_fire("if", 1.0, Simulator::Sinabs, neuron);
    let inputs = array![[[3.5_f32, 0.0], [0.0, 0.5]], [[0.25, 1.0], [0.25, 2.0]]];
    let data = InMemory::new(inputs, array![0_i64, 0]).unwrap();
    let benchmark = Benchmark::builder().model(network.build().unwrap()).data(data).batch_size(1).workers(2);
    let benchmark = benchmark.metric(SpikeTotals::default()).metric(SpikesPerCall::default());
    let report = benchmark.metric(ActivationSparsity::default()).build().unwrap().run().unwrap();
    let totals = report.get::<SpikeTotals>().unwrap().get("if").unwrap();
    assert_eq!((totals.spikes, totals.nonzero, totals.activations, totals.calls), (Some(6.0), 3, 8, 4));
    assert_eq!(*report.get::<SpikesPerCall>().unwrap(), 1.5);
    // Counted once in a step.
    assert_eq!(*report.get::<ActivationSparsity>().unwrap(), 5.0 / 8.0);
}

#[test]
fn metrics_of_layers_are_restricted_by_a_setting() {
    let benchmark = Benchmark::builder()
        .model(network())
        .data(data())
        .metric(SynapticOperations::default())
        .metric_named("synaptic_operations(layers=\"fc1\")")
        .metric(PositiveSums { layers: LayerSelection::all().with_depth(2..=2) })
        .metric(ZeroActivations::default())
        .metric_as("deep", ZeroActivations { layers: LayerSelection::all().with_kind("relu").with_depth(2..) })
        .build()
        .unwrap();
    let report = benchmark.run().unwrap();
    // fc1 has four weights: (1, 2) meets all, (2, 0) meets two. The relu leaves (0, 3) and (2, 2), each of which meets
    // one weight of fc2.
    assert_eq!(report.value("synaptic_operations").unwrap().get("effective_macs").unwrap().as_f64(), Some(4.5));
    let first = report.value("synaptic_operations(layers=\"fc1\")").unwrap();
    assert_eq!(first.get("effective_macs").unwrap().as_f64(), Some(3.0));
    assert_eq!(first.get("dense").unwrap().as_f64(), Some(4.0));
    // fc2 gives (0, -3) and (2, -2).
    let positive = report.get::<PositiveSums>().unwrap();
    assert_eq!(positive.iter().collect::<Vec<_>>(), [("relu2", &0.25)]);
    assert_eq!(report["deep"].get("relu2").unwrap().as_f64(), Some(0.75));
    assert_eq!(report["deep"].get("relu1"), None);
}

#[test]
fn a_selection_of_all_layers_is_no_setting() {
    let all = ZeroActivations { layers: LayerSelection::all().with_path("*") };
    let benchmark = Benchmark::builder().model(network()).data(data()).metric(all.clone());
    let benchmark = benchmark.metric(ActivationSparsity::default()).build().unwrap();
    // One state.
    assert_eq!(benchmark.cores(), 1);
    let report = benchmark.run().unwrap();
    assert!(report.get_with(&all).is_ok() && report.get_with(&ZeroActivations::default()).is_ok());
    let entry = &report.entries()[0];
    assert_eq!((entry.name(), entry.settings().len()), ("zero_activations", 0));
    let snapshot = benchmark.run_batches(&(0..1).into()).unwrap();
    assert!(!serde_json::to_string(&snapshot).unwrap().contains("\"layers\":\"*\""));
    assert!(snapshot.value(&all).is_ok());
}

#[test]
fn a_selection_without_layers_is_an_error_at_build() {
    let layers = || LayerSelection::all().with_path("conv*");
    assert_eq!(
        problem(network(), ZeroActivations { layers: layers() }),
        "metric `zero_activations(layers=\"conv*\")`: setting `layers` selects no layer: path `conv*` matches none of `relu1`, `relu2`"
    );
    let metric = SynapticOperations {
        core: OperationCounts { layers: layers().with_kind("linear").with_depth(..=1) },
        ..Default::default()
    };
    let error = problem(network(), metric);
    let end = "setting `layers` selects no layer: path `conv*`, kind `linear`, depth ..=1 matches none of `fc1`, `fc2`";
    assert!(error.ends_with(end), "{error}");
    let unknown = Benchmark::builder().model(network()).metric_named("neuron_activity(layers=3)").build().unwrap_err();
    assert!(unknown.to_string().contains("setting `layers`: expected a pattern of layer paths"), "{unknown}");
}

/// The energy reads two cores, which share the setting.
#[test]
fn cores_of_a_metric_share_a_selection() {
    let network = || {
        let builder = Network::builder([1]).time_steps(true).linear("fc1", array![[2.0]], None);
        let builder = builder.leaky("lif1", LeakyConfig::new(0.5)).linear("fc2", array![[2.0]], None);
        builder.leaky("lif2", LeakyConfig::new(0.5)).build().unwrap()
    };
    let data = InMemory::new(array![[[1.0_f32], [1.0]]], array![0_i64]).unwrap();
    let benchmark = Benchmark::builder().model(network()).data(data);
    let benchmark =
        benchmark.metric_named("energy(device=\"loihi\")").metric_named("energy(device=\"loihi\", layers=\"*1\")");
    let benchmark = benchmark.metric_named("energy(device=\"loihi\", layers=\"fc2\")").build().unwrap();
    let report = benchmark.run().unwrap();
    let energy = |at: usize| report.entries()[at].value().unwrap().get("energy").unwrap().as_f64().unwrap();
    // Both inputs and both spikes are operations; every neuron is updated in both steps.
    let (operation, update) = (27.1e-12, 81e-12);
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-20, "{found} {expected}");
    close(energy(0), 4.0 * operation + 4.0 * update);
    close(energy(1), 2.0 * operation + 2.0 * update);
    close(energy(2), 2.0 * operation);

    let mut apart = Energy::default();
    apart.core_0.layers = LayerSelection::all().with_path("fc1");
    let error = problem(network(), apart);
    assert_eq!(error, "metric `energy`: setting `layers`: the cores share it, but have \"fc1\" and \"*\"");
}

#[test]
fn states_of_selected_layers_merge() {
    let batches = [
        Batch::new(array![[1.0_f32, 2.0]], array![0_i64]),
        Batch::new(array![[0.5_f32, 0.0], [1.0, 1.0]], array![0_i64, 0]),
        Batch::new(array![[-1.0_f32, 0.25]], array![0_i64]),
    ];
    assert_merges(&SpikeTotals::default(), network(), &batches);
    assert_merges(&PositiveSums { layers: LayerSelection::all().with_path("relu2") }, network(), &batches);
    assert_merges(&InputSum, identity(), &batches);
    assert_merges(&NeuronActivity { layers: LayerSelection::all().with_kind("relu") }, network(), &batches);
}
