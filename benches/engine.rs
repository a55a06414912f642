//! Time of the engine itself, with a model and metrics that do nothing; the cost of a probe call; the digits end to end.
//!
//! ```text
//! cargo bench --bench engine
//! ```
//!
//! Times are for one batch, one probe call, one sample. The alternatives stand in the same groups: a loop that only calls
//! the model, a probe that is off, a forward pass without metrics.

use std::hint::black_box;
use std::ops::Range;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array1;
use neurobench::data::{DataError, Dataset, InMemory};
use neurobench::metric::Needs;
use neurobench::model::{Call, ModelError, Probe, Session};
use neurobench::network::Network;
use neurobench::prelude::*;
use neurobench::process::{Aggregate, ChooseMaxCount, Preprocessor, RepeatOverTime, Scale, repeat_over_time, scale};

/// Does nothing for a batch.
struct NullModel;

impl Model for NullModel {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(NullSession)
    }
}

struct NullSession;

impl Session for NullSession {
    fn forward(&mut self, _: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        if outputs.samples() != 1 {
            *outputs = Array1::<i64>::zeros(1).into();
        }
        Ok(())
    }
}

/// Gives the smallest batch there is.
struct NullData;

const BATCHES: usize = 10_000;

impl Dataset for NullData {
    fn samples(&self) -> usize {
        BATCHES
    }

    fn batch(&self, _: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        Ok((Array1::<i64>::zeros(1).into(), Array1::<i64>::zeros(1).into()))
    }
}

/// Does nothing for a batch; every `which` is a core of its own.
#[accumulated_metric]
pub fn nothing(_state: &mut Count, #[param(default = 0)] which: u64) {
    black_box(which);
}

fn overhead(c: &mut Criterion) {
    let mut group = c.benchmark_group("engine_per_batch");
    group.throughput(Throughput::Elements(BATCHES as u64));
    group.bench_function("loop without an engine", |b| {
        b.iter(|| {
            let (mut session, mut probe, mut outputs) =
                (NullModel.session(), Probe::new(Needs::NONE, &[]), Tensor::default());
            for place in 0..BATCHES {
                let (inputs, targets) = NullData.batch(place..place + 1).unwrap_or_default();
                let done = session.forward(&inputs, &mut probe, &mut outputs);
                let _ = black_box((done, targets));
            }
        });
    });
    for workers in [1, 2] {
        for metrics in [1, 11] {
            let mut builder = Benchmark::builder().model(NullModel).data(NullData).batch_size(1).workers(workers);
            for which in 0..metrics {
                builder = builder.metric(Nothing { which });
            }
            let Ok(benchmark) = builder.build() else { panic!("the benchmark is not built") };
            let id = BenchmarkId::new(format!("{workers} workers"), format!("{metrics} metrics"));
            group.bench_function(id, |b| b.iter(|| black_box(benchmark.run().is_ok())));
        }
    }
    group.finish();
}

fn probe_calls(c: &mut Criterion) {
    let counts = Needs::ACTIVATION_COUNTS;
    let depths = [
        ("off", Needs::NONE),
        ("counts", counts),
        ("neurons", counts.union(Needs::NEURON_COUNTS)),
        ("traces", counts.union(Needs::ACTIVATION_TRACES)),
    ];
    let mut group = c.benchmark_group("probe_call");
    for neurons in [256, 4096] {
        let layers = [Layer::neuron("lif", "leaky", neurons)];
        let values: Vec<f32> = (0..neurons).map(|at| f32::from(u8::from(at % 10 == 0))).collect();
        for (depth, needs) in depths {
            for counted in [false, true] {
                let mut probe = Probe::new(needs, &layers);
                let mut calls = 0;
                let who = if counted { "kernel counts" } else { "probe counts" };
                group.bench_function(BenchmarkId::new(format!("{depth}, {who}"), neurons), |b| {
                    b.iter(|| {
                        if counted {
                            probe.activation_counted(0, Call::default(), black_box(26), black_box(&values));
                        } else {
                            probe.activation(0, Call::default(), black_box(&values));
                        }
                        calls += 1;
                        if calls % 64 == 0 {
                            probe.clear();
                        }
                    });
                });
            }
        }
    }
    group.finish();
}

fn digits(c: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
    let network = Network::load(format!("{folder}/network.toml"));
    let data = InMemory::from_npy(format!("{folder}/inputs.npy"), format!("{folder}/targets.npy"));
    let (Ok(network), Ok(data)) = (network, data) else { panic!("the digits cannot be read") };
    let prepared = data.batch(0..360).map_err(|error| error.to_string()).and_then(|(inputs, targets)| {
        let scaled = scale(1.0 / 16.0).process(inputs, targets).map_err(|error| error.to_string())?;
        repeat_over_time(25).process(scaled.0, scaled.1).map_err(|error| error.to_string())
    });
    let Ok((inputs, _)) = prepared else { panic!("the digits cannot be prepared") };

    let mut group = c.benchmark_group("digits_per_sample");
    group.throughput(Throughput::Elements(360));
    group.bench_function("forward pass alone", |b| {
        let (mut session, mut probe, mut outputs) =
            (network.session(), Probe::new(Needs::NONE, network.layers()), Tensor::default());
        b.iter(|| black_box(session.forward(&inputs, &mut probe, &mut outputs).is_ok()));
    });
    for workers in [1, 2] {
        let builder = || {
            Benchmark::builder()
                .model(&network)
                .data(&data)
                .workers(workers)
                .preprocess(Scale { factor: 1.0 / 16.0 })
                .preprocess(RepeatOverTime { steps: 25 })
        };
        let one = builder().postprocess(ChooseMaxCount).metric_named("classification_accuracy");
        let mut all = builder().postprocess(Aggregate);
        for metric in [
            "footprint",
            "parameter_count",
            "connection_sparsity",
            "classification_accuracy",
            "activation_sparsity",
            "activation_sparsity_by_layer",
            "synaptic_operations",
            "membrane_updates",
            "average_activity",
        ] {
            all = all.metric_named(metric);
        }
        for (name, builder) in [("accuracy alone", one), ("all metrics", all)] {
            let Ok(benchmark) = builder.build() else { panic!("the benchmark is not built") };
            group.bench_function(BenchmarkId::new(format!("{workers} workers"), name), |b| {
                b.iter(|| black_box(benchmark.run().is_ok()));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = engine;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2));
    targets = overhead, probe_calls, digits
}
criterion_main!(engine);
