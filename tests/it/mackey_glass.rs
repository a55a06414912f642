//! The Mackey-Glass tasks against NumPy and PyTorch.
//!
//! `python/fixtures/mackey_glass.py` and `python/training/mackey_glass_lstm.py` recorded `tests/data/mackey_glass`.

use neurobench::data::{Dataset, InMemory};
use neurobench::datasets::series::mackey_glass;
use neurobench::metrics::{ActivationSparsity, Smape};
use neurobench::model::{Autonomous, Model, Needs, Probe, SequenceStart, Tensor};
use neurobench::network::Network;
use neurobench::spec::BenchmarkSpec;
use neurobench::tasks::echo_state::{EchoStateConfig, EchoStateNetwork};
use neurobench::tasks::find_task;
use serde_json::Value;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mackey_glass");

/// Rows of a recorded matrix.
fn recorded(name: &str) -> Vec<Vec<f64>> {
    let file = format!("{RECORDED}/{name}.npy");
    let data = InMemory::from_npy(&file, &file).unwrap();
    let (rows, _) = data.batch(0..data.samples()).unwrap();
    rows.to_f64().outer_iter().map(|row| row.iter().copied().collect()).collect()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    tensor.to_f64().iter().copied().collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The first forecasts of a model in a repeat of a series.
fn forecasts(model: impl Model, tau: u32, sequence: u64, count: usize) -> Vec<f64> {
    let data = mackey_glass(vec![tau], 30, 75).unwrap();
    let model = Autonomous::new(model);
    let mut session = model.session();
    let training = || data.training(sequence).map_err(|error| error.to_string().into());
    session.start_sequence(&SequenceStart::new(sequence, &training)).unwrap();
    let first = sequence as usize * 750;
    let (inputs, _) = data.batch(first..first + count).unwrap();
    let mut outputs = Tensor::default();
    session.forward(&inputs, &mut Probe::new(Needs::NONE, model.layers()), &mut outputs).unwrap();
    numbers(&outputs)
}

#[test]
fn the_series_are_those_of_numpy() {
    let data = mackey_glass((17..=30).collect(), 30, 75).unwrap();
    for (series, expected) in recorded("series").into_iter().enumerate() {
        // Repeats 0 and 29 begin at samples 0 and 1087: their samples are all of the series.
        let mut found = vec![f64::NAN; 1087 + 1500];
        for (repeat, start) in [(0, 0), (29, 1087)] {
            let sequence = series * 30 + repeat;
            let (training, _) = data.training(sequence as u64).unwrap().unwrap();
            found[start..start + 750].copy_from_slice(&numbers(&training));
            let (inputs, _) = data.batch(sequence * 750..(sequence + 1) * 750).unwrap();
            found[start + 750..start + 1500].copy_from_slice(&numbers(&inputs));
        }
        let found: Vec<f64> = found.into_iter().step_by(50).collect();
        let difference = largest_difference(&found, &expected);
        // The operations are the same, in the same order, so that chaos has nothing to amplify.
        assert!(difference == 0.0, "tau {}: {difference}", 17 + series);
    }
}

/// Another solver of the readout, in the script, moves the forecasts by 9.5e-11 at most: rounding, which grows with the condition
/// of the features and then with the chaos of one Lyapunov time.
#[test]
fn forecasts_of_the_echo_state_network_are_those_of_numpy() {
    let (_, settings) = find_task("mackey_glass").unwrap().files[1];
    let config: EchoStateConfig = toml::from_slice(settings).unwrap();
    for ((tau, repeat), expected) in [(17, 0), (30, 29)].into_iter().zip(recorded("forecasts")) {
        let found = forecasts(EchoStateNetwork::new(config.clone()).unwrap(), tau, repeat, 75);
        let difference = largest_difference(&found, &expected);
        println!("tau {tau}, repeat {repeat}: {difference:.1e}");
        assert!(difference < 1e-9, "tau {tau}, repeat {repeat}: {difference}");
    }
}

/// The costs do not depend on the series: those that the page of tasks shows are those of one forecast.
#[test]
fn costs_on_the_page_of_tasks_are_those_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = find_task("mackey_glass").unwrap().unpack(folder.path()).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("batch_size", "tau = [17]\nrepeats = 1\nbatch_size")).unwrap();
    let spec = BenchmarkSpec::read(&file).unwrap();
    let report = spec.builder().unwrap().build().unwrap().run().unwrap();
    let task = spec.task.unwrap();
    let mut compared = 0;
    let row = task.row(&report.results());
    for (column, (value, shown)) in task.leaderboard.iter().zip(row.into_iter().zip(&task.reproduced)) {
        // The error depends on the series and on the repeat.
        if column.value == "smape" {
            continue;
        }
        let (value, shown) = (value.unwrap().as_f64().unwrap(), shown.as_f64().unwrap());
        // The page has four digits of the quotient, and all of the others.
        let shown_digits = if column.value == "connection_sparsity" { 5e-5 } else { 0.0 };
        assert!((value - shown).abs() <= shown_digits, "{}: {value}, {shown}", column.name);
        compared += 1;
    }
    assert_eq!(compared, 6);
}

/// Sums in another order differ by some 1e-16, which chaos multiplies by e in each Lyapunov time: 1.8e-15 over one.
#[test]
fn forecasts_of_the_lstm_are_those_of_pytorch() {
    let folder = tempfile::tempdir().unwrap();
    let task = find_task("mackey_glass_lstm").unwrap();
    let file = task.unpack(folder.path()).unwrap();
    for (repeat, expected) in (0..).zip(recorded("lstm_forecasts")) {
        let found = forecasts(Network::load(folder.path().join("network.toml")).unwrap(), 17, repeat, 75);
        let difference = largest_difference(&found, &expected);
        println!("repeat {repeat}: {difference:.1e}");
        assert!(difference < 1e-13, "repeat {repeat}: {difference}");
    }

    // The whole first repeat, as the task runs it.
    let text = std::fs::read_to_string(&file).unwrap().replace("tau = [17]", "tau = [17]\nrepeats = 1");
    std::fs::write(&file, text).unwrap();
    let report = BenchmarkSpec::read(&file).unwrap().builder().unwrap().build().unwrap().run().unwrap();
    let reference: Value = serde_json::from_slice(&std::fs::read(format!("{RECORDED}/lstm.json")).unwrap()).unwrap();
    let (smape, expected) = (*report.get::<Smape>().unwrap(), reference["smape"][0].as_f64().unwrap());
    // Ten Lyapunov times: a factor of 2e4.
    assert!((smape - expected).abs() < 1e-9 * expected, "{smape} {expected}");
    let outputs = 750 * 100;
    let active = reference["active_of_first_repeat"].as_u64().unwrap();
    assert_eq!(*report.get::<ActivationSparsity>().unwrap(), (outputs - active) as f64 / outputs as f64);
}
