//! What the command says when something is wrong: where, what, and what to do.

use std::path::Path;
use std::process::{Command, Output};

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/neurobench-import/tests/data");

/// A network that hands on what it is given, `[batch, 2]`.
const IDENTITY: &str = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n\
                        [[layers]]\npath = \"0\"\nkind = \"identity\"\n";

/// A benchmark of that network: five samples in batches of two.
const BENCHMARK: &str = "name = \"b\"\nmetrics = [\"classification_accuracy\"]\n[model]\nnetwork = \"n.toml\"\n\
                         [data]\ninputs = \"x.npy\"\ntargets = \"y.npy\"\nbatch_size = 2\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("n.toml", IDENTITY);
        folder.write("b.toml", BENCHMARK);
        folder.write("x.npy", npy("<f4", "(5, 2)", &floats(&[0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0])));
        folder.write("y.npy", npy("|u1", "(5,)", &[1, 0, 1, 0, 1]));
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        assert!(BENCHMARK.contains(from));
        self.write("b.toml", BENCHMARK.replacen(from, to, 1));
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(self.path()).args(arguments).output().unwrap()
    }

    /// All that it said when it failed.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_ne!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    }
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// An npy file of this type and shape.
fn npy(descr: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [&b"\x93NUMPY\x01\x00"[..], &length, header.as_bytes(), numbers].concat()
}

#[test]
fn errors_name_the_kind_that_a_wrong_file_looks_like() {
    let folder = Folder::new();
    assert!(folder.run(&["run", "b.toml"]).status.success());
    let checkpoint = format!("{DATA}/pytorch/checkpoint.pt");
    let graph = format!("{DATA}/nir/lif_norse.nir");
    let weights = format!("{DIGITS}/weights.safetensors");
    folder.write("x.csv", "0.5,1.5\n");
    for (file, kind) in [
        (checkpoint.as_str(), "a file from `torch.save` (.pt)"),
        (&graph, "HDF5, the format of NIR graphs (.nir)"),
        (&weights, "tensors (.safetensors)"),
        ("b.results.json", "the results of a run (.json)"),
        ("n.toml", "a network file (.toml)"),
        ("x.npy", "a NumPy array (.npy)"),
    ] {
        let error = folder.fails(&["run", file]);
        assert_eq!(error, format!("error: `{file}` is not a benchmark file; it looks like {kind}\n"));
    }
    let edits = [
        ("n.toml", "b.toml", "b.toml: not a network file; it looks like a benchmark file (.toml)"),
        ("n.toml", &checkpoint, "checkpoint.pt: not a network file; it looks like a file from `torch.save` (.pt)"),
        ("n.toml", "b.results.json", "not a network file; it looks like the results of a run (.json)"),
        ("x.npy", "x.csv", "no data format reads this file; it looks like text"),
        ("x.npy", "b.results.json", "it looks like the results of a run (.json)"),
        ("network = \"n.toml\"", "nir = \"n.toml\"\ndynamics = \"norse\"", "it looks like a network file (.toml)"),
        ("inputs = \"x.npy\"", "archive = \"x.npy\"\ninputs = \"x\"", "it looks like a NumPy array (.npy)"),
    ];
    for (from, to, message) in edits {
        folder.edit(from, to);
        let error = folder.fails(&["run", "b.toml", "--output", "out.json"]);
        assert!(error.contains(message), "{error}");
    }
    let error = folder.fails(&["compare", "x.npy", "b.results.json"]);
    assert!(
        error.contains("`x.npy` is not a file of results: ") && error.contains("it looks like a NumPy array"),
        "{error}"
    );
    folder.edit("n.toml", "n.toml");
    let error = folder.fails(&["run", "b.toml", "--output", "out.json", "--resume", "b.results.json"]);
    assert!(error.contains("is not a snapshot of a run") && error.contains("the results of a run"), "{error}");
    folder.write("a.pt", "0.5,1.5\n");
    assert!(folder.fails(&["inspect", "a.pt"]).contains("it looks like text"));
    folder.write("a.safetensors", std::fs::read(checkpoint).unwrap());
    assert!(folder.fails(&["inspect", "a.safetensors"]).contains("it looks like a file from `torch.save`"));
    let weighted = "weights = \"a.safetensors\"\ninput_shape";
    folder.write("n.toml", IDENTITY.replace("input_shape", weighted));
    assert!(folder.fails(&["inspect", "n.toml"]).contains("a.safetensors: not a safetensors file"));
    assert!(folder.fails(&["inspect", "n.toml"]).contains("it looks like a file from `torch.save`"));
}

#[cfg(unix)]
#[test]
fn endless_files_are_not_read() {
    let folder = Folder::new();
    for arguments in [
        &["run", "/dev/zero"][..],
        &["run", "b.toml", "--resume", "/dev/zero"],
        &["compare", "/dev/zero", "b.results.json"],
        &["inspect", "zero.safetensors"],
    ] {
        let _ = std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.safetensors"));
        let error = folder.fails(arguments);
        assert!(error.starts_with("error: cannot read `") && error.ends_with(": not a regular file\n"), "{error}");
    }
}

#[test]
fn undefined_numbers_are_reported_beside_the_defined_ones() {
    let folder = Folder::new();
    folder.write("x.npy", npy("<f4", "(5, 3)", &floats(&[1., 0., 0., 0., 1., 0., 1., 0., 0., 1., 0., 0., 0., 1., 0.])));
    folder.write("y.npy", npy("|u1", "(5,)", &[0, 0, 0, 2, 0]));
    folder.write("n.toml", IDENTITY.replace("[2]", "[3]"));
    let metrics =
        "metrics = [\"recall(average=none)\", \"auroc_by_class\"]\nintervals = { replicates = 200 }\nper_sample = true";
    folder.edit("metrics = [\"classification_accuracy\"]", metrics);
    // What has no value makes a run fail, as ever.
    let told = folder.fails(&["run", "b.toml", "--output", "a.json"]);
    for line in [
        r#"recall(average="none") · 1: undefined: class 1 is never the target, a division by zero; set `zero_division` to choose a value"#,
        "auroc_by_class · 1: undefined: there are no positive samples for class 1",
    ] {
        assert!(told.lines().any(|own| own == line), "{told}");
    }
    let row = |start: &str| told.lines().find(|line| line.contains(start)).unwrap_or_default().to_owned();
    assert!(row("none\") · 0").contains(" ok "), "{told}");
    assert!(row("none\") · 1").contains(" – ") && row("none\") · 1").contains(" undefined "), "{told}");
    assert!(
        row(" auroc_by_class ").contains(", undefined, ") && row(" auroc_by_class ").contains(" partial "),
        "{told}"
    );
    // The others can be compared.
    folder.fails(&["run", "b.toml", "--output", "b.json"]);
    let compared = folder.run(&["compare", "a.json", "b.json"]);
    assert!(compared.status.success());
    let compared = String::from_utf8(compared.stdout).unwrap();
    assert!(compared.contains("none\") · 0") && !compared.contains("none\") · 1"), "{compared}");
}

#[test]
fn errors_of_a_sample_name_its_place_in_the_data() {
    let folder = Folder::new();
    let numbers = |bad: f32| floats(&[0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, bad, 0.0, 1.0]);
    // The model takes no such input, and it is not the model that failed.
    folder.write("x.npy", npy("<f4", "(5, 2)", &numbers(f32::NAN)));
    let error = folder.fails(&["run", "b.toml", "--workers", "1"]);
    let place = "error: batch 1: sample 3 of `x.npy`: the inputs contain NaN at [1]; every number must be finite\n";
    assert!(error.starts_with(place), "{error}");
    // What to do next is told last.
    let last = "1 batch was completed and is saved in `b.results.partial.json`: `--resume b.results.partial.json` continues from \
                there, as long as model, data, processors and batch size stay the same; if one of them must change, start a new run";
    assert_eq!(error.lines().last(), Some(last), "{error}");

    folder.write("x.npy", npy("<f4", "(5, 2)", &numbers(0.5)));
    folder.write("y.npy", npy("<f4", "(5,)", &floats(&[1.0, 0.0, 1.0, 0.0, 0.5])));
    let error = folder.fails(&["run", "b.toml"]);
    let place = "failed in batch 2: sample 4 of `y.npy`: targets: 0.5 is not a class";
    assert!(error.contains(place), "{error}");

    folder.write("y.npy", npy("|u1", "(5,)", &[1, 0, 1, 7, 1]));
    for metric in ["classification_accuracy", "accuracy", "f1_score"] {
        folder.edit("classification_accuracy", metric);
        let error = folder.fails(&["run", "b.toml"]);
        assert!(error.contains("sample 3 of `y.npy`: targets: 7 is not one of 2 classes"), "{error}");
    }
    folder.edit("classification_accuracy", "top_k");
    let error = folder.fails(&["run", "b.toml"]);
    assert!(error.contains("failed in batch 1: sample 3 of `y.npy`: targets: 7 is not one of 2 classes"), "{error}");

    // What is wrong with all of them is about none of them.
    for (columns, hint) in [(1, "save `targets[:, 0]`"), (2, "for one-hot rows save `targets.argmax(axis=1)`")] {
        folder.write("y.npy", npy("|u1", &format!("(5, {columns})"), &vec![0; 5 * columns]));
        let error = folder.fails(&["run", "b.toml"]);
        assert!(
            error.contains(&format!("failed in batch 0: predictions: shape [2, 2] with targets [2, {columns}]")),
            "{error}"
        );
        assert!(error.contains(hint), "{error}");
    }
    let names = "it holds Python strings; `numpy.unique(names, return_inverse=True)` turns names into classes";
    folder.write("y.npy", npy("<U1", "(5,)", &[0; 20]));
    assert!(folder.fails(&["run", "b.toml"]).contains(names));
    // Ragged events are an array of arrays.
    folder.write("y.npy", npy("|O", "(5,)", &[0; 40]));
    let error = folder.fails(&["run", "b.toml"]);
    assert!(error.contains("it holds Python objects, which are not read; for numbers of different lengths"), "{error}");
}

#[test]
fn errors_of_shapes_name_the_processor_that_changed_them() {
    let folder = Folder::new();
    let steps = IDENTITY.replace("input_shape", "time_steps = true\ninput_shape");
    folder.write("n.toml", &steps);
    let error = folder.fails(&["run", "b.toml"]);
    let wanted = "batch 0: the inputs have shape [2, 2], but the model takes [batch, step, 2]; the preprocessor \
                  `repeat_over_time` adds time steps";
    assert!(error.contains(wanted), "{error}");
    let repeated =
        "metrics = [\"classification_accuracy\", \"top_k\"]\npreprocessors = [\"repeat_over_time(steps=3)\"]";
    folder.edit("metrics = [\"classification_accuracy\"]", repeated);
    let error = folder.fails(&["run", "b.toml"]);
    assert!(error.contains("the postprocessor `choose_max_count` turns [batch, step, class] into classes"), "{error}");
    assert!(error.contains("the postprocessor `aggregate` sums [batch, step, class] over the steps"), "{error}");
    folder.edit(
        "metrics = [\"classification_accuracy\"]",
        &format!("postprocessors = [\"choose_max_count\"]\n{repeated}"),
    );
    let error = folder.fails(&["run", "b.toml"]);
    assert!(
        error.contains("top_k_accuracy: failed in batch 0: predictions: shape [2] with targets [2]; expected scores"),
        "{error}"
    );
    assert!(error.contains("`aggregate` keeps the scores of every class"), "{error}");
    folder.write("n.toml", IDENTITY);
    folder.edit("metrics", "postprocessors = [\"choose_max_count\"]\nmetrics");
    let error = folder.fails(&["run", "b.toml"]);
    let wanted = "batch 0: processor `choose_max_count`: found shape [2, 2], expected [batch, step, class]; \
                  outputs without steps need no such postprocessor";
    assert!(error.contains(wanted), "{error}");
}

#[test]
fn misspelled_names_and_words_have_a_hint() {
    let folder = Folder::new();
    for (from, to, message) in [
        ("batch_size", "batchsize", "did you mean `batch_size`?"),
        ("\"classification_accuracy\"", "\"precision(average=marco)\"", "did you mean `macro`?"),
        ("\"classification_accuracy\"", "\"energy(device=lohi)\"", "did you mean `loihi`?"),
        ("metrics", "preprocessors = [\"scael(factor=1)\"]\nmetrics", "did you mean `scale`?"),
        ("metrics", "preprocessors = [\"scale(facto=1)\"]\nmetrics", "did you mean `factor`?"),
        ("metrics", "postprocessors = [\"agregate\"]\nmetrics", "did you mean `aggregate`?"),
        ("network = \"n.toml\"", "nir = \"x.nir\"\ndynamics = \"nrose\"", "did you mean `norse`?"),
        ("[data]", "[intervals]\nmethod = \"atuo\"\n[data]", "did you mean `auto`?"),
        ("[data]", "[devices.d]\nmca = 1\n[data]", "[devices.d]: unknown key `mca`"),
        ("[data]", "[devices.d]\nmca = 1\n[data]", "did you mean `mac`?"),
    ] {
        folder.edit(from, to);
        let error = folder.fails(&["run", "b.toml"]);
        assert!(error.contains(message), "{to}: {error}");
    }
    let device = "mac = 1e-12\nac = 1e-12\nprecision = \"int8\"\nsource = \"none\"";
    folder.edit("[data]", &format!("[devices.my_chip]\n{device}\n[data]"));
    let error = folder.fails(&["run", "b.toml", "--metric", "energy(device=my_chp)"]);
    assert_eq!(error, "error: metric `energy`: no device `my_chp`; did you mean `my_chip`?\n");
    folder.edit("metrics", "metrics");
    let error = folder.fails(&["run", "b.toml", "--intervals=repliactes=500"]);
    assert!(error.contains("did you mean `replicates`?"), "{error}");
    for (from, to, hint) in [("identity", "idenity", "`identity`"), ("input_shape", "input_shap", "`input_shape`")] {
        folder.write("n.toml", IDENTITY.replace(from, to));
        let error = folder.fails(&["inspect", "n.toml"]);
        assert!(error.contains(&format!("did you mean {hint}?")), "{error}");
    }
    folder.write("n.toml", IDENTITY.replace("identity", "leaky") + "reset = \"sbutract\"\n");
    let error = folder.fails(&["inspect", "n.toml"]);
    assert!(error.contains("did you mean `subtract`?"), "{error}");
}

#[test]
fn duplicate_metrics_are_reported_in_terms_of_the_file() {
    let folder = Folder::new();
    folder.edit("[\"classification_accuracy\"]", "[\"footprint\", \"footprint\", \"footprnt\"]");
    let error = folder.fails(&["run", "b.toml"]);
    assert!(error.contains("2 mistakes:\n"), "{error}");
    assert!(error.contains("as in { name = \"footprint\", as = \"another\" }"), "{error}");
    assert!(!error.contains("metric_as"), "{error}");
    folder.edit("metrics = [\"classification_accuracy\"]", "");
    let error = folder.fails(&["run", "b.toml"]);
    assert!(error.contains("metrics = [\"footprint\"]") && !error.contains(".metric("), "{error}");
}

#[test]
fn the_batch_size_of_the_command_line_wins() {
    let folder = Folder::new();
    let output = folder.run(&["run", "b.toml", "--batch-size", "5"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("b: 5 samples in 1 batch, "));
    assert!(folder.fails(&["run", "b.toml", "--batch-size", "0"]).contains("a batch has at least one sample"));
}

#[test]
fn a_conversion_reports_all_missing_options_at_once() {
    let folder = Folder::new();
    let graph = format!("{DATA}/nir/lif_norse.nir");
    for command in [&["convert", &graph, "a.toml"][..], &["inspect", &graph]] {
        let error = folder.fails(command);
        assert!(error.contains("lif_norse.nir: 2 things are missing:\n"), "{error}");
        assert!(error.contains("set `dt` in seconds") && error.contains("set `dynamics`"), "{error}");
    }
    let error = folder.fails(&["convert", &format!("{DIGITS}/network.toml"), "a.nir"]);
    assert!(error.contains("set `dt`\n") && error.contains("`--lose WHAT` allows it"), "{error}");
    assert!(!folder.path().join("a.nir").exists());
}
