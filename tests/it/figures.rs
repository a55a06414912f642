//! Figures that metrics bring.

use ndarray::{Array1, Array2, array};
use neurobench::data::InMemory;
use neurobench::figure::{Axis, Bars, Figure, Mark, Plot};
use neurobench::metrics::{AverageActivity, ClassificationAccuracy, NeuronActivity};
use neurobench::network::Network;
use neurobench::prelude::*;
use neurobench::report::Results;

/// Number of predictions of either sign.
#[derive(Clone, Debug, Default, Serialize, Deserialize, MetricValue, Accumulator)]
struct Signs {
    #[merge(sum)]
    negative: u64,
    #[merge(sum)]
    positive: u64,
}

impl Finish for Signs {
    type Output = Self;

    fn finish(&self) -> Result<Self, MetricError> {
        Ok(self.clone())
    }
}

impl Plot for Signs {
    fn plot(&self) -> Figure {
        Figure::new(Axis::categories("sign", ["-", "+"]), Axis::value())
            .mark(Bars::new([self.negative as f64, self.positive as f64]))
    }
}

/// Counts predictions by sign.
#[accumulated_metric(unit = "predictions")]
fn signs_of_predictions(scores: Predictions<'_, Ix2>) -> Signs {
    let positive = scores.iter().filter(|score| **score > 0.0).count() as u64;
    Signs { negative: scores.len() as u64 - positive, positive }
}

fn report() -> neurobench::report::Report {
    let network = Network::builder([2])
        .linear("first", array![[1.0, -1.0], [0.0, 1.0]], None)
        .relu("relu")
        .linear("readout", array![[1.0, -1.0], [0.0, -1.0]], None)
        .build()
        .unwrap();
    let inputs: Array2<f32> = array![[1.0, 0.0], [1.0, 1.0], [0.5, 0.0]];
    let targets: Array1<i64> = array![0, 1, 1];
    Benchmark::builder()
        .model(network)
        .data(InMemory::new(inputs, targets).unwrap())
        .metric(ClassificationAccuracy)
        .metric(NeuronActivity::default())
        .metric(AverageActivity::default())
        .metric(SignsOfPredictions)
        .build()
        .unwrap()
        .run()
        .unwrap()
}

#[test]
fn a_metric_whose_value_has_a_plot_draws_itself_from_a_report_and_from_a_file() {
    let report = report();
    let results: Results = serde_json::from_str(&serde_json::to_string(&report.results()).unwrap()).unwrap();
    for (entry, result) in report.entries().iter().zip(&results.metrics) {
        assert_eq!(entry.figure(), result.figure().map(Result::unwrap), "{}", entry.name());
    }
    let figure = report.entries()[3].figure().unwrap();
    assert_eq!(figure.title.as_deref(), Some("signs of predictions"));
    assert_eq!((figure.y.label.as_str(), figure.y.unit.as_deref()), ("signs of predictions", Some("predictions")));
    // Outputs of the network: [1, 0], [-1, -1], [0.5, 0].
    assert_eq!(figure.marks, [Mark::Bars(Bars::new([4.0, 2.0]))]);
}

#[test]
fn the_activity_of_neurons_is_a_box_for_each_layer_with_the_neurons_as_points() {
    let report = report();
    let figure = report.get::<NeuronActivity>().unwrap().plot();
    assert_eq!(figure.x.categories, ["relu"]);
    let [Mark::Box(layer)] = figure.marks.as_slice() else { panic!("{:?}", figure.marks) };
    // Outputs of the layer: [1, 0], [0, 1], [0.5, 0].
    assert_eq!(layer.points, [2.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(layer.summary, *report.get::<AverageActivity>().unwrap().get("relu").unwrap());
}

#[test]
fn a_number_has_no_figure() {
    assert!(report().entries()[0].figure().is_none());
}
