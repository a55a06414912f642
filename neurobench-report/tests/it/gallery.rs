//! Figures with every kind of mark, from small numbers.

use neurobench_core::accumulate::Distribution;
use neurobench_core::figure::{Axis, Bars, BoxMark, Cells, Figure, Histogram, Line, LineStyle, Points, Raster};

/// Numbers between 0 and 1 that look random: the fractional parts of multiples of the golden ratio, times themselves.
fn numbers(count: usize, seed: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |at| {
        ((at + 7 * seed) as f64 * 0.618_033_988_749_895).fract() * ((at * seed) as f64 * 0.754_877_666).fract()
    })
}

fn box_of(layer: usize, count: usize) -> BoxMark {
    let values: Vec<f64> = numbers(count, layer + 2).map(|number| number / (layer + 1) as f64).collect();
    BoxMark::new(layer, Distribution::from_values(&values).unwrap()).points(values)
}

fn activity() -> Figure {
    let layers = ["conv1.lif", "conv2.lif", "readout"];
    Figure::new(Axis::categories("layer", layers), Axis::new("neuron activity").unit("non-zero outputs/step"))
        .title("Activity of neurons")
        .marks([box_of(0, 120), box_of(1, 64), box_of(2, 10)])
}

fn boxes_alone() -> Figure {
    let names = (0..9).map(|layer| format!("encoder.blocks.{layer}.attention.softmax.lif"));
    let boxes = (0..9).map(|layer| BoxMark::new(layer, box_of(layer, 50).summary));
    Figure::new(Axis::categories("layer", names), Axis::new("average activity").unit("non-zero outputs/step"))
        .marks(boxes)
}

fn bars() -> Figure {
    Figure::new(
        Axis::categories("layer", ["conv1", "conv2", "dense"]),
        Axis::new("operations").unit("operations/sample"),
    )
    .title("Operations by layer")
    .mark(Bars::new([120_000.0, 840_000.0, 31_000.0]).label("effective"))
    .mark(Bars::new([1_204_224.0, 2_408_448.0, 40_960.0]).label("dense"))
}

fn bars_on_a_logarithmic_axis() -> Figure {
    Figure::new(Axis::categories("layer", ["conv1", "conv2", "dense"]), Axis::new("energy").unit("J").log())
        .mark(Bars::new([Some(1.2e-9), Some(8.4e-6), None]).intervals([Some((1e-9, 2e-9)), Some((8e-6, 9e-6)), None]))
}

fn hundred_layers() -> Figure {
    let names = (0..100).map(|layer| format!("layer{layer}.lif"));
    Figure::new(Axis::categories("layer", names), Axis::new("spikes").unit("spikes/step"))
        .mark(Bars::new(numbers(100, 3)))
}

fn negative_bars() -> Figure {
    Figure::new(Axis::categories("output", ["0", "1", "2", "3"]), Axis::new("correlation").range(-1.0, 1.0)).mark(
        Bars::new([0.5, -0.25, 0.9, -0.7]).intervals([
            Some((0.4, 0.6)),
            Some((-0.4, -0.1)),
            Some((0.85, 0.93)),
            Some((-0.8, -0.6)),
        ]),
    )
}

fn latency() -> Figure {
    let edges: Vec<f64> = (0..41).map(|at| 1e-4 * 10_f64.powf(f64::from(at) / 20.0)).collect();
    let heights = (0..40).map(|at| (1000.0 * (-f64::from((at - 14) * (at - 14)) / 40.0).exp()).floor());
    Figure::new(Axis::new("latency").unit("s").log(), Axis::new("queries")).mark(Histogram::new(edges, heights))
}

fn percentiles() -> Figure {
    let ticks = [(1.0, "0 %"), (10.0, "90 %"), (100.0, "99 %"), (1000.0, "99.9 %")];
    Figure::new(Axis::new("percentile").log().ticks(ticks).range(1.0, 1000.0), Axis::new("latency").unit("ms"))
        .title("Latency by percentile")
        .mark(
            Line::new((0..31).map(|at| (10_f64.powf(f64::from(at) / 10.0), 1.0 + f64::from(at * at) / 100.0)))
                .label("batch 1"),
        )
        .mark(
            Line::new((0..31).map(|at| (10_f64.powf(f64::from(at) / 10.0), 2.0 + f64::from(at) / 20.0)))
                .label("batch 32"),
        )
}

fn curve() -> Figure {
    let points = [(0.0, 0.0), (0.0, 0.4), (0.1, 0.4), (0.1, 0.8), (0.5, 0.8), (0.5, 1.0), (1.0, 1.0)];
    Figure::new(Axis::new("false positive rate").range(0.0, 1.0), Axis::new("true positive rate").range(0.0, 1.0))
        .title("Receiver operating characteristic")
        .mark(Line::new([(0.0, 0.0), (1.0, 1.0)]).style(LineStyle::Dashed).label("chance"))
        .mark(Line::new(points).label("class 0 (area 0.86)"))
        .mark(Line::new(points.map(|(x, y)| (x, y * y))).style(LineStyle::Steps).label("class 1 (area 0.71)"))
}

fn points() -> Figure {
    let points = [(1.1e6, 0.91), (2.3e6, 0.935), (8.8e6, 0.948), (5.0e6, 0.92), (1.2e6, 0.905)];
    let x = points.map(|(x, _)| Some((0.95 * x, 1.05 * x)));
    let y = points.map(|(_, y)| Some((y - 0.006, y + 0.006)));
    let names = ["digits-small", "digits", "digits-large", "digits-dense", "a <script>alert(1)</script>"];
    Figure::new(
        Axis::new("synaptic operations").unit("operations/sample").log(),
        Axis::new("classification accuracy").unit("fraction"),
    )
    .mark(Line::new([points[0], points[1], points[2]]).style(LineStyle::Steps).label("Pareto front"))
    .mark(Points::new(points).names(names).x_intervals(x).y_intervals(y).label("runs"))
}

fn sized_points() -> Figure {
    let points: Vec<(f64, f64)> =
        (0..10).map(|bin| (f64::from(bin) / 10.0 + 0.05, (f64::from(bin) / 9.5).powi(2).min(1.0))).collect();
    Figure::new(
        Axis::new("confidence").unit("fraction").range(0.0, 1.0),
        Axis::new("accuracy").unit("fraction").range(0.0, 1.0),
    )
    .title("Reliability")
    .mark(Line::new([(0.0, 0.0), (1.0, 1.0)]).style(LineStyle::Dashed).label("calibrated"))
    .mark(Line::new(points.clone()))
    .mark(Points::new(points).sizes((0..10).map(|bin| f64::from(bin * bin))))
}

fn many_points() -> Figure {
    let x: Vec<f64> = numbers(5000, 3).collect();
    Figure::new(Axis::new("truth"), Axis::new("forecast"))
        .mark(Points::new(x.iter().copied().zip(numbers(5000, 5).map(|number| number - 0.3))))
}

fn confusion() -> Figure {
    let rows = vec![vec![50.0, 2.0, 0.0], vec![7.0, 141.0, 3.0], vec![0.0, 12.0, 1288.0]];
    let shades = rows.iter().map(|row| row.iter().map(|count| count / row.iter().sum::<f64>()).collect::<Vec<f64>>());
    Figure::new(Axis::categories("predicted class", ["0", "1", "2"]), Axis::categories("target class", ["0", "1", "2"]))
        .title("Confusion")
        .mark(Cells::new("samples", rows.clone()).shades(shades))
}

fn large_matrix() -> Figure {
    let names = || (0..40).map(|class| class.to_string());
    let row = |row: i32| {
        (0..40).map(|column: i32| if row == column { 90.0 } else { f64::from((row * 7 + column * 3) % 11) }).collect()
    };
    Figure::new(Axis::categories("predicted class", names()), Axis::categories("target class", names()))
        .mark(Cells::new("samples", (0..40).map(row)))
}

fn raster() -> Figure {
    let first = (0..100).flat_map(|time| {
        (0..32)
            .filter(move |neuron| (time * 13 + neuron * 29 + time * neuron) % 11 == 0)
            .map(move |neuron| (f64::from(time), f64::from(neuron)))
    });
    let second = (0..100).flat_map(|time| {
        (0..10)
            .filter(move |neuron| (time * 17 + neuron * 5 + time * neuron) % 7 == 0)
            .map(move |neuron| (f64::from(time), 34.0 + f64::from(neuron)))
    });
    Figure::new(Axis::new("time step"), Axis::new("neuron"))
        .mark(Raster::new(first).label("hidden"))
        .mark(Raster::new(second).label("output"))
}

fn forecast() -> Figure {
    let truth = |at: i32| (f64::from(at), (f64::from(at) / 9.0).sin() + 0.4 * (f64::from(at) / 4.0).cos());
    Figure::new(Axis::new("sample"), Axis::new("value").range(-1.0, 1.6))
        .mark(Line::new((0..120).map(truth)).label("target"))
        .mark(
            Line::new((0..120).map(|at| (truth(at).0, truth(at).1 + 0.1 * (f64::from(at) / 3.0).sin())))
                .label("prediction"),
        )
}

/// Names and figures.
pub(crate) fn figures() -> Vec<(&'static str, Figure)> {
    vec![
        ("activity", activity()),
        ("boxes", boxes_alone()),
        ("bars", bars()),
        ("log_bars", bars_on_a_logarithmic_axis()),
        ("hundred_layers", hundred_layers()),
        ("negative_bars", negative_bars()),
        ("histogram", latency()),
        ("percentiles", percentiles()),
        ("curve", curve()),
        ("points", points()),
        ("sized_points", sized_points()),
        ("many_points", many_points()),
        ("confusion", confusion()),
        ("large_matrix", large_matrix()),
        ("raster", raster()),
        ("forecast", forecast()),
    ]
}
