//! The tasks: their files, their networks with the published footprints and dense operations, and their page.
//!
//! The published weights are not in the repository. Weights of the same names, shapes and types are drawn here: neither the
//! footprint nor dense operations depend on their values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use neurobench::Value;
use neurobench::component::Params;
use neurobench::report::Report;
use neurobench::spec::{BenchmarkSpec, DataSpec};
use neurobench::tasks::{Task, find_task, tasks};
use toml::Table;

/// Bytes of tensors by name, with their type and shape, to be written as safetensors.
#[derive(Default)]
struct Weights {
    header: serde_json::Map<String, serde_json::Value>,
    bytes: Vec<u8>,
    state: u64,
}

impl Weights {
    fn add(&mut self, name: &str, dtype: &str, shape: &[u64], bytes: &[u8]) {
        let from = self.bytes.len();
        self.bytes.extend(bytes);
        let entry = serde_json::json!({ "dtype": dtype, "shape": shape, "data_offsets": [from, self.bytes.len()] });
        self.header.insert(name.to_owned(), entry);
    }

    /// Adds random numbers in a range: SplitMix64, seeded.
    fn random(&mut self, name: &str, shape: &[u64], low: f32, high: f32) {
        let numbers = (0..shape.iter().product()).flat_map(|_| {
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let unit = (bits >> 40) as f32 / (1 << 24) as f32;
            (low + (high - low) * unit).to_le_bytes()
        });
        let bytes: Vec<u8> = numbers.collect();
        self.add(name, "F32", shape, &bytes);
    }

    /// Adds the tensors of every layer of a network file that a PyTorch model stores.
    fn for_network(network: &Table, has_bias: bool, threshold: &str) -> Self {
        let mut weights = Self::default();
        for layer in network["layers"].as_array().unwrap() {
            let path = layer["path"].as_str().unwrap();
            let size = |key: &str| layer[key].as_integer().unwrap() as u64;
            let kind = layer["kind"].as_str().unwrap();
            let connection = match kind {
                "linear" => Some(vec![size("out_features"), size("in_features")]),
                "conv1d" => Some(vec![size("out_channels"), size("in_channels"), size("kernel_size")]),
                "conv2d" => {
                    let taps = size("kernel_size");
                    Some(vec![size("out_channels"), size("in_channels"), taps, taps])
                }
                _ => None,
            };
            if let Some(shape) = connection {
                let bound = 2.0 / (shape[1..].iter().product::<u64>() as f32).sqrt();
                weights.random(&format!("{path}.weight"), &shape, -bound, bound);
                if has_bias && !path.starts_with("snn.") {
                    weights.random(&format!("{path}.bias"), &shape[..1], -bound, bound);
                }
            }
            match kind {
                "batch_norm1d" => {
                    let features = [size("num_features")];
                    for (name, low, high) in [
                        ("weight", 0.5, 1.5),
                        ("bias", -0.5, 0.5),
                        ("running_mean", -0.5, 0.5),
                        ("running_var", 0.5, 1.5),
                    ] {
                        weights.random(&format!("{path}.{name}"), &features, low, high);
                    }
                    weights.add(&format!("{path}.num_batches_tracked"), "I64", &[], &7_i64.to_le_bytes());
                }
                "leaky" => {
                    let reset =
                        ["subtract", "zero", "none"].iter().position(|reset| Some(*reset) == layer["reset"].as_str());
                    let one =
                        if threshold == "I64" { 1_i64.to_le_bytes().to_vec() } else { 1_f32.to_le_bytes().to_vec() };
                    weights.add(&format!("{path}.threshold"), threshold, &[], &one);
                    weights.add(&format!("{path}.graded_spikes_factor"), "F32", &[], &1_f32.to_le_bytes());
                    weights.add(
                        &format!("{path}.reset_mechanism_val"),
                        "I64",
                        &[],
                        &(reset.unwrap() as i64).to_le_bytes(),
                    );
                    weights.add(&format!("{path}.beta"), "F32", &[], &0.9_f32.to_le_bytes());
                }
                "radlif" => {
                    for name in ["alpha", "beta", "a", "b"] {
                        weights.random(&format!("{path}.{name}"), &[1024], 0.0, 1.0);
                    }
                    weights.random(&format!("{path}.V.weight"), &[1024, 1024], -0.05, 0.05);
                }
                _ => {}
            }
        }
        weights
    }

    fn write(&self, file: &Path) {
        let header = serde_json::to_string(&self.header).unwrap();
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(&self.bytes);
        std::fs::write(file, bytes).unwrap();
    }
}

/// Writes random weights with the shapes of the published ones.
pub(crate) fn write_weights(task: &str, file: &Path) {
    let (_, network) = find_task(task).unwrap().files[1];
    let network: Table = toml::from_str(std::str::from_utf8(network).unwrap()).unwrap();
    let is_snn2 = task.contains("snn2");
    Weights::for_network(&network, !is_snn2, if is_snn2 { "I64" } else { "F32" }).write(file);
}

/// Writes an array of NumPy.
fn write_npy(file: &Path, dtype: &str, shape: &[usize], bytes: &[u8]) {
    let shape: Vec<String> = shape.iter().map(|length| format!("{length},")).collect();
    let mut header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({}), }}", shape.concat());
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut all = b"\x93NUMPY\x01\x00".to_vec();
    all.extend((header.len() as u16).to_le_bytes());
    all.extend(header.as_bytes());
    all.extend(bytes);
    std::fs::write(file, all).unwrap();
}

fn sparse(index: usize) -> f32 {
    if index * 7919 % 101 < 5 { 1.0 } else { 0.0 }
}

fn wave(index: usize) -> f32 {
    ((index * 7919 % 2003) as f32 / 1001.5 - 1.0) * 0.3
}

/// Writes inputs of the shape that the data set of a task gives, and targets.
fn write_data(task: &str, folder: &Path) {
    let floats = |shape: &[usize], number: fn(usize) -> f32| {
        let bytes: Vec<u8> = (0..shape.iter().product()).flat_map(|index| number(index).to_le_bytes()).collect();
        write_npy(&folder.join("inputs.npy"), "<f4", shape, &bytes);
    };
    let mut samples = 2;
    match task {
        "speech_commands" | "speech_commands_ann" => floats(&[2, 1, 16_000], wave),
        "mswc_ann" | "mswc_snn" => floats(&[2, 1, 48_000], wave),
        "wisdm" => floats(&[2, 40, 6], wave),
        "eeg_motor_imagery" => floats(&[2, 10, 62], wave),
        "dvs_gesture" => {
            // Two events on each of a hundred pixels, so that the filter keeps the second ones.
            let events = (0..200_i64).flat_map(|event| [event * 1000, event * 13 % 128, event / 20, event % 2]);
            let bytes: Vec<u8> = events.flat_map(i64::to_le_bytes).collect();
            write_npy(&folder.join("inputs.npy"), "<i8", &[1, 200, 4], &bytes);
            samples = 1;
        }
        reaching => {
            samples = 60;
            floats(&[samples, 1, if reaching.ends_with("loco") { 192 } else { 96 }], sparse);
        }
    }
    if task.starts_with("primate_reaching") {
        let bytes: Vec<u8> = (0..2 * samples).flat_map(|index| wave(index).to_le_bytes()).collect();
        write_npy(&folder.join("targets.npy"), "<f4", &[samples, 2], &bytes);
    } else {
        let bytes: Vec<u8> = (0..samples as i64).flat_map(i64::to_le_bytes).collect();
        write_npy(&folder.join("targets.npy"), "<i8", &[samples], &bytes);
    }
}

/// A task in a folder with random weights.
fn unpacked(task: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = find_task(task).unwrap().unpack(folder.path()).unwrap();
    write_weights(task, &folder.path().join("weights.safetensors"));
    (folder, file)
}

/// Runs the file of a task on inputs of the same shape.
fn run(task: &str) -> (BenchmarkSpec, Report) {
    let (folder, file) = unpacked(task);
    write_data(task, folder.path());
    let mut spec = BenchmarkSpec::read(&file).unwrap();
    let paths = ["inputs", "targets"].map(|name| {
        let path = folder.path().join(format!("{name}.npy"));
        (name.to_owned(), Value::Text(path.to_str().unwrap().to_owned()))
    });
    let data: &mut DataSpec = spec.data.as_mut().unwrap();
    data.settings = Params::from_iter(paths);
    let report = spec.builder().unwrap().workers(2).build().unwrap().run();
    let report = report.unwrap_or_else(|error| panic!("{task}: {error}"));
    (spec, report)
}

/// Tasks with weights that are published elsewhere.
fn baselines() -> Vec<&'static str> {
    let needs_weights = |task: &&Task| task.spec().unwrap().task.unwrap().weights.is_some();
    tasks().into_iter().filter(needs_weights).map(|task| task.name).collect()
}

#[test]
fn every_file_names_a_data_set_with_settings_that_it_takes_and_says_what_is_missing() {
    for name in baselines() {
        let (_folder, file) = unpacked(name);
        let spec = BenchmarkSpec::read(&file).unwrap();
        let task = spec.task.as_ref().unwrap();
        let Err(error) = spec.builder() else { panic!("{name} has no data") };
        let error = error.to_string();
        assert!(error.contains("not found") && error.contains(&task.data.as_ref().unwrap().url), "{name}: {error}");
    }
}

#[test]
fn every_leaderboard_has_a_value_of_the_run_and_a_published_one_in_each_column() {
    for name in baselines() {
        let (spec, report) = run(name);
        let task = spec.task.unwrap();
        let row = task.row(&report.results());
        for (column, value) in task.leaderboard.iter().zip(&row) {
            assert!(value.is_ok(), "{name}, {}: {value:?}", column.name);
        }
        for (column, (reproduced, value)) in task.leaderboard.iter().zip(task.reproduced.iter().zip(&row)) {
            let value = value.as_ref().unwrap();
            let same = match reproduced {
                Value::Text(_) => continue,
                number => number.as_f64() == value.as_f64(),
            };
            assert!(same, "{name}, {}: the file has {reproduced:?}, the run {value:?}", column.name);
        }
        assert_eq!(task.reproduced.len(), task.leaderboard.len(), "{name}");
        for published in &task.published {
            assert_eq!(published.values.len(), task.leaderboard.len(), "{name}, {}", published.model);
        }
    }
}

/// Footprint in bytes and dense operations per sample, as NeuroBench published or recorded them.
#[test]
fn footprints_and_dense_operations_are_the_published_ones() {
    // Where the number of steps depends on the data: operations in all steps of the inputs of `write_data`.
    let expected = BTreeMap::from([
        ("dvs_gesture", (304_828, 150.0 * 5_941_376.0)),
        ("eeg_motor_imagery", (197_188, 10.0 * 48_896.0)),
        ("mswc_ann", (6_028_096, 25_919_488.0)),
        // Without 800 bytes of a bias that only prototypes have, and without connections of neurons to themselves.
        ("mswc_snn", (13_549_584, 200.0 * (20_480.0 + 3.0 * 1_048_576.0 - 2048.0 + 204_800.0))),
        ("primate_reaching_ann2d", (20_824, 4704.0 * 11.0 / 60.0)),
        ("primate_reaching_ann2d_loco", (33_496, 7776.0 * 11.0 / 60.0)),
        ("primate_reaching_ann3d", (94_552, 23_136.0)),
        ("primate_reaching_ann3d_loco", (180_952, 44_640.0)),
        ("primate_reaching_snn2", (19_648, 4900.0)),
        ("primate_reaching_snn2_loco", (38_848, 9700.0)),
        ("speech_commands", (583_900, 200.0 * 145_152.0)),
        ("speech_commands_ann", (109_228, 1_880_256.0)),
        ("wisdm", (230_648, 8_431_360.0)),
    ]);
    for (name, (footprint, dense)) in expected {
        let (_, report) = run(name);
        let results = report.results();
        assert_eq!(results.get("footprint").unwrap().as_u64(), Some(footprint), "{name}");
        let found = results.get("synaptic_operations.dense").unwrap().as_f64().unwrap();
        assert!((found - dense).abs() <= 1e-12 * dense, "{name}: {found} instead of {dense}");
    }
}

#[test]
fn the_networks_of_both_monkeys_differ_only_in_the_number_of_channels() {
    for name in ["primate_reaching_ann2d", "primate_reaching_ann3d", "primate_reaching_snn2"] {
        let network = |name: &str| String::from_utf8(find_task(name).unwrap().files[1].1.to_vec()).unwrap();
        let of_indy = network(name).replace("96", "192").replace("672", "1344").replace("indy", "loco");
        assert_eq!(of_indy, network(&format!("{name}_loco")), "{name}");
    }
}

#[test]
fn the_command_runs_a_task_from_wav_files_to_the_leaderboard() {
    let folder = tempfile::tempdir().unwrap();
    let (data, weights) = (folder.path().join("data"), folder.path().join("checkpoint.safetensors"));
    std::fs::create_dir(&data).unwrap();
    crate::speech_commands::write_clips(&data);
    write_weights("speech_commands_ann", &weights);
    let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    command.args(["run", "speech_commands_ann", "--data"]).arg(&data).arg("--model").arg(&weights);
    let output = command.current_dir(folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for expected in ["M5 ANN, published", "109228", "1880256", "0.865"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

/// The checkpoint is that of another network, so that the error shows that it was read.
#[test]
fn a_checkpoint_of_pytorch_is_read_with_and_without_extension() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = concat!(env!("CARGO_MANIFEST_DIR"), "/neurobench-import/tests/data/pytorch/state_dict.pt");
    std::fs::copy(checkpoint, folder.path().join("m5_ann")).unwrap();
    for file in [checkpoint, "m5_ann"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
        command.args(["run", "speech_commands_ann", "--data", ".", "--model", file]);
        let output = command.current_dir(folder.path()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            error.contains(&format!(
                "the checkpoint `{file}` does not fit the model of the task `speech_commands_ann`: layer `conv1`: tensor \
                 `conv1.weight` is missing"
            )),
            "{file}: {error}"
        );
    }
}

#[test]
fn the_page_of_tasks_is_current() {
    let printed = Command::new(env!("CARGO_BIN_EXE_neurobench")).args(["tasks", "--markdown"]).output().unwrap();
    assert!(printed.status.success());
    let printed = String::from_utf8(printed.stdout).unwrap();
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tasks.md")).unwrap_or_default();
    let differs = printed.lines().zip(committed.lines()).find(|(printed, committed)| printed != committed);
    assert!(
        printed == committed,
        "docs/tasks.md is not what the tasks say, first in {differs:?}: run `cargo run -- tasks --markdown > docs/tasks.md`"
    );
}
