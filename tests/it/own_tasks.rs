//! Tasks of a user's own: the files that `neurobench tasks NAME --write DIR` writes, and what a run reports about them.

use std::path::Path;
use std::process::{Command, Output};

use neurobench::Value;
use neurobench::component::Params;
use neurobench::report::Results;
use neurobench::spec::BenchmarkSpec;
use neurobench::tasks::{find_task, tasks};

use crate::speech_commands::write_clips;
use crate::tasks::write_weights;

/// Runs the command in a folder.
fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = neurobench(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = neurobench(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} does not contain {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn the_files_of_every_task_are_written_as_the_program_contains_them() {
    let folder = tempfile::tempdir().unwrap();
    for task in tasks() {
        let text = succeeds(folder.path(), &["tasks", task.name, "--write", &format!("copies/{}", task.name)]);
        let mut lines = text.lines();
        for (name, bytes) in task.files {
            let path = format!("copies/{}/{name}", task.name);
            assert_eq!(lines.next(), Some(format!("written: {path}").as_str()));
            assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), *bytes, "{}: {name}", task.name);
        }
        let run = lines.next().unwrap();
        assert!(run.starts_with(&format!("run it: neurobench run copies/{0}/{0}.toml", task.name)), "{run}");
        let spec = task.spec().unwrap().task.unwrap();
        assert_eq!(run.contains("--data PATH"), spec.data.is_some(), "{run}");
        assert_eq!(run.contains("--model CHECKPOINT"), spec.weights.is_some(), "{run}");
    }
}

#[test]
fn the_written_copy_of_a_task_gives_the_bits_of_the_task() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(folder.path(), &["tasks", "mackey_glass", "--write", "copy"]);
    let file = folder.path().join("copy/mackey_glass.toml");
    replace(&file, "batch_size", "tau = [17]\nrepeats = 1\nbatch_size");
    succeeds(folder.path(), &["run", "copy/mackey_glass.toml"]);
    let written = std::fs::read(folder.path().join("mackey_glass.results.json")).unwrap();
    let mut written: Results = serde_json::from_slice(&written).unwrap();

    let contained = tempfile::tempdir().unwrap();
    let file = find_task("mackey_glass").unwrap().unpack(contained.path()).unwrap();
    let mut spec = BenchmarkSpec::read(file).unwrap();
    let settings = [("tau", Value::List(vec![Value::Integer(17)])), ("repeats", Value::Integer(1))];
    let settings: Params = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    spec.data.as_mut().unwrap().settings.extend(settings);
    let mut contained = spec.builder().unwrap().build().unwrap().run().unwrap().results();
    contained.benchmark = Some(spec.name.clone());
    contained.leaderboard = spec.task.as_ref().and_then(|task| task.leaderboard(&contained));
    // Only the command records the command.
    assert!(written.provenance.take().is_some());
    written.timing = contained.timing;
    assert_eq!(written, contained);
}

#[test]
fn files_of_the_user_are_not_overwritten_by_those_of_a_task() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("network.esn");
    std::fs::write(&mine, "mine").unwrap();
    let error = fails(folder.path(), &["tasks", "mackey_glass", "--write", "."]);
    assert!(error.contains("network.esn` exists and is not overwritten"), "{error}");
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "mine");
    // Nothing else is written, either.
    assert!(!folder.path().join("mackey_glass.toml").exists());
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = fails(folder.path(), &["tasks", "mackey_glass", "--write", "file"]);
    assert!(error.contains("`file`"), "{error}");
}

/// The blocks of a language on the page about tasks of your own.
fn blocks(language: &str) -> Vec<&'static str> {
    const PAGE: &str = include_str!("../../docs/own-tasks.md");
    let start = format!("```{language}\n");
    PAGE.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_worked_example_on_the_page_prints_what_the_page_shows() {
    let folder = tempfile::tempdir().unwrap();
    let [benchmark, network] = blocks("toml").try_into().unwrap();
    let mut printed = String::new();
    for block in blocks("console") {
        let mut lines = block.lines();
        let command = lines.next().unwrap().strip_prefix("$ neurobench ").unwrap();
        let arguments: Vec<&str> = command.split(' ').collect();
        printed = match arguments.as_slice() {
            ["tasks", ..] => {
                let printed = succeeds(folder.path(), &arguments);
                assert_eq!(printed.lines().collect::<Vec<_>>(), lines.collect::<Vec<_>>());
                printed
            }
            _ => {
                let place = folder.path().join("forecasts");
                std::fs::write(place.join("mackey_glass.toml"), benchmark).unwrap();
                std::fs::write(place.join("network.esn"), network).unwrap();
                succeeds(folder.path(), &arguments)
            }
        };
        if arguments[0] == "run" {
            let [leaderboard] = blocks("text").try_into().unwrap();
            assert!(printed.contains(leaderboard), "the page does not show\n{printed}");
            assert!(folder.path().join("small_reservoir.results.json").exists());
        }
    }
    assert!(!printed.is_empty());
}

#[test]
fn keys_of_echo_state_networks_are_described_and_a_mistake_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = succeeds(folder.path(), &["describe", "echo_state_network"]);
    for key in [
        "key of the file: reservoir_size: usize, required, in 1..=10_000  Number of units in the reservoir.",
        "key of the file: leak: f64, required, in 0.0..=1.0",
        "key of the file: washout: usize = 0 ",
    ] {
        assert!(text.contains(key), "{key}: {text}");
    }
    let json = succeeds(folder.path(), &["describe", "--json", "echo_state_network"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["file_keys"].as_array().unwrap().len(), 11);

    succeeds(folder.path(), &["tasks", "mackey_glass", "--write", "copy"]);
    let network = folder.path().join("copy/network.esn");
    let written = std::fs::read_to_string(&network).unwrap();
    for (line, problem) in [
        ("leak = 2", "`copy/network.esn`: line 7: setting `leak` must be in `0.0..=1.0`, not 2"),
        ("leek = 0.5", "line 7: no setting `leek`; it has inputs, reservoir_size,"),
        ("leak = \"a\"", "line 7: setting `leak`: expected a number, found text \"a\""),
        ("", "`copy/network.esn`: setting `leak` is missing; it has no default"),
    ] {
        std::fs::write(&network, written.replace("leak = 0.58", line)).unwrap();
        let error = fails(folder.path(), &["run", "copy/mackey_glass.toml"]);
        assert!(error.contains(problem), "{line}: {error}");
    }
}

/// Checkpoints of another network, and of the network with a tensor that is renamed.
#[test]
fn a_checkpoint_that_does_not_fit_is_compared_with_the_tensors_of_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_weights("speech_commands_ann", &path.join("fits.safetensors"));
    // The name of a tensor in the header, and a shape.
    let weights = std::fs::read(path.join("fits.safetensors")).unwrap();
    let changed = |from: &[u8], to: &[u8]| {
        let at = weights.windows(from.len()).position(|window| window == from).unwrap();
        [&weights[..at], to, &weights[at + from.len()..]].concat()
    };
    std::fs::write(path.join("renamed.safetensors"), changed(b"\"conv2.weight\"", b"\"conv_.weight\"")).unwrap();
    std::fs::write(path.join("damaged.safetensors"), &weights[..100]).unwrap();
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/neurobench-import/tests/data/pytorch/state_dict.pt");
    std::fs::copy(other, path.join("other.pt")).unwrap();
    succeeds(path, &["tasks", "speech_commands_ann", "--write", "copy"]);

    for (task, model) in [
        ("speech_commands_ann", "the model of the task `speech_commands_ann`"),
        ("copy/speech_commands_ann.toml", "the model `copy/network.toml`"),
    ] {
        let error = |checkpoint: &str| fails(path, &["run", task, "--data", ".", "--model", checkpoint]);
        let found = error("other.pt");
        let problem = "layer `conv1`: tensor `conv1.weight` is missing";
        assert!(found.contains(&format!("the checkpoint `other.pt` does not fit {model}: {problem}")), "{found}");
        for line in [
            "  conv1.weight f32 [32, 1, 80]; the checkpoint has none\n",
            "  bn1.num_batches_tracked i64 [], optional; the checkpoint has none; did you mean `1.num_batches_tracked`?\n",
            "  fc1.bias f32 [35], optional; the checkpoint has none\n",
            "no layer takes these tensors of the checkpoint:\n  0.bias f32 [4]\n  0.weight f32 [4, 3]\n",
        ] {
            assert!(found.contains(line), "{line}: {found}");
        }
        let found = error("renamed.safetensors");
        for line in [
            "the checkpoint `renamed.safetensors` does not fit",
            "  conv1.weight f32 [32, 1, 80]\n",
            "  conv2.weight f32 [32, 32, 3]; the checkpoint has none; did you mean `conv_.weight`?\n",
        ] {
            assert!(found.contains(line), "{line}: {found}");
        }
        let found = error("damaged.safetensors");
        assert!(found.contains("`damaged.safetensors`: not a safetensors file, or damaged"), "{found}");
        let found = error("nowhere.safetensors");
        assert!(found.contains("cannot read `nowhere.safetensors`"), "{found}");
        // No message names a temporary folder.
        for checkpoint in
            ["other.pt", "renamed.safetensors", "damaged.safetensors", "nowhere.safetensors", "nowhere.pt"]
        {
            let found = error(checkpoint);
            assert!(!found.contains("weights.safetensors") && !found.contains("/.tmp"), "{checkpoint}: {found}");
        }
    }
    let found = fails(path, &["run", "mackey_glass", "--model", "other.pt"]);
    assert!(found.contains("the model of the task `mackey_glass` is not one"), "{found}");
    // Without a checkpoint, the message names the one that is published.
    let found = fails(path, &["run", "copy/speech_commands_ann.toml"]);
    assert!(found.contains("cannot read copy/weights.safetensors"), "{found}");
    assert!(found.contains("`--model FILE` takes the checkpoint m5_ann (Apache-2.0), from https://"), "{found}");
}

#[test]
fn a_written_copy_takes_data_and_a_checkpoint_as_the_task_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_weights("speech_commands_ann", &path.join("checkpoint.safetensors"));
    std::fs::create_dir(path.join("words")).unwrap();
    write_clips(&path.join("words"));
    succeeds(path, &["tasks", "speech_commands_ann", "--write", "copy"]);
    let results = |task: &str| -> Results {
        let data = ["run", task, "--data", "words", "--model", "checkpoint.safetensors"];
        succeeds(path, &data);
        let written = std::fs::read(path.join("speech_commands_ann.results.json")).unwrap();
        serde_json::from_slice(&written).unwrap()
    };
    let (contained, mut written) = (results("speech_commands_ann"), results("copy/speech_commands_ann.toml"));
    let files = written.provenance.as_ref().unwrap().files.iter();
    assert!(files.clone().any(|file| file.path == "checkpoint.safetensors"));
    assert!(files.clone().all(|file| !file.path.contains("/.tmp")), "{:?}", files.collect::<Vec<_>>());
    written.timing = contained.timing;
    written.provenance.clone_from(&contained.provenance);
    assert_eq!(written, contained);
    // No results replace the files that a run reads.
    for read in ["checkpoint.safetensors", "copy/network.toml", "copy/speech_commands_ann.toml"] {
        let run = ["run", "copy/speech_commands_ann.toml", "--data", "words", "--model", "checkpoint.safetensors"];
        let error = fails(path, &[run.as_slice(), &["--output", read, "--force"]].concat());
        assert!(error.contains(read), "{read}: {error}");
    }

    for (data, problem) in [
        ("nowhere", "nowhere: not found; it is a part of Speech Commands v0.02, which http://"),
        ("copy", "copy/testing_list.txt: not found; it is a part of"),
        ("checkpoint.safetensors", "checkpoint.safetensors: a file, but a folder is needed; it is a part of"),
    ] {
        let run = ["run", "speech_commands_ann", "--data", data, "--model", "checkpoint.safetensors"];
        let error = fails(path, &run);
        assert!(error.starts_with("error: speech_commands_ann: [data]: data set `speech_commands`: "), "{error}");
        assert!(error.contains(problem) && !error.contains("/.tmp/speech"), "{error}");
    }
}

#[test]
fn a_forecast_of_a_model_without_state_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/digits");
    for file in ["benchmark.toml", "network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
        std::fs::copy(digits.join(file), folder.path().join(file)).unwrap();
    }
    replace(&folder.path().join("benchmark.toml"), "[model]", "[model]\nautonomous = true");
    let error = fails(folder.path(), &["run", "benchmark.toml"]);
    assert!(error.contains("benchmark.toml: [model]: `autonomous` needs a model that carries its state"), "{error}");
}
