//! `neurobench time` as a user runs it, and `compare` on its results.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use neurobench::report::{MeasuredRun, Results, Scenario};

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
const PAGE: &str = include_str!("../../docs/timing.md");

/// Limits that a test reaches at once.
const QUICK: [&str; 8] = ["--min-duration", "0.01", "--min-queries", "5", "--min-samples", "5", "--warmup", "0.01"];

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The words of a text whose lines are broken.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder with the files of the digits.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["benchmark.toml", "network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
        fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
    }
    folder
}

/// Measures quickly, and expects this exit code.
#[track_caller]
fn time(folder: &Path, arguments: &[&str], code: i32) -> String {
    let all: Vec<&str> = ["time"].iter().chain(arguments).chain(&QUICK).copied().collect();
    let output = neurobench(folder, &all);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{stdout}{stderr}");
    stdout + &stderr
}

fn results(folder: &Path, file: &str) -> Results {
    serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap()
}

fn rows_of(folder: &Path, file: &str) -> Vec<MeasuredRun> {
    results(folder, file).measurements.unwrap().runs
}

#[test]
fn a_benchmark_is_measured_and_its_results_are_no_metrics() {
    let folder = folder();
    let printed = time(folder.path(), &["benchmark.toml", "--repeats", "2", "--price", "0.36"], 0);
    assert!(printed.contains("digits, single-stream, batch size 1, 1 worker, 1 copy"), "{printed}");
    assert!(printed.contains("VALID") && printed.contains("results: digits.time.json"), "{printed}");
    let results = results(folder.path(), "digits.time.json");
    assert_eq!((results.metrics.len(), results.samples, results.benchmark.as_deref()), (0, 360, Some("digits")));
    assert!(results.data.is_some() && results.model.is_some() && results.timing.total_seconds >= 0.02);
    let measured = results.measurements.unwrap();
    assert!(measured.host.cores > 0 && !measured.host.instruction_set.is_empty());
    let [run] = &measured.runs[..] else { panic!("{:?}", measured.runs) };
    assert!(run.valid && run.digest == results.model && run.scenario == Scenario::SingleStream);
    let median = |name: &str| run.quantity(name).unwrap_or_else(|| panic!("no {name}")).median;
    let latencies = ["p0", "p50", "p90", "p95", "p99", "p99.9", "p100"].map(|name| median(&format!("latency_{name}")));
    assert!(latencies.is_sorted() && latencies[0] > 0.0, "{latencies:?}");
    assert!(["preprocess_time", "forward_time", "postprocess_time"].iter().all(|name| median(name) > 0.0));
    let throughput = run.quantity("throughput").unwrap();
    let costs = &run.quantity("cost_per_million").unwrap().values;
    for (throughput, cost) in throughput.values.iter().zip(costs) {
        assert!((cost * 3600.0 * throughput / 0.36e6 - 1.0).abs() < 1e-9);
    }
    let count: u64 = run.latencies.iter().map(|(_, count)| count).sum();
    assert_eq!(count as f64, run.quantity("queries").unwrap().values.iter().sum::<f64>());
    if cfg!(target_os = "linux") {
        assert!(median("peak_memory") > 1e6 && median("cpu_time") >= 0.0);
    }
}

#[test]
fn measurements_are_printed_in_every_format_and_name_the_files_that_were_read() {
    let folder = folder();
    let command = ["time", "benchmark.toml", "--repeats", "2", "--format", "csv", "--output", "a.json"];
    let output = neurobench(folder.path(), &[&command[..], &QUICK].concat());
    let (csv, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && stderr.contains("results: a.json"), "{csv}{stderr}");
    let results = results(folder.path(), "a.json");
    let run = &results.measurements.as_ref().unwrap().runs[0];
    let p99 = run.quantity("latency_p99").unwrap();
    let name = "time · digits · single-stream · batch 1 · latency_p99";
    for (path, value) in [("", p99.median), ("min", p99.min), ("max", p99.max)] {
        let line = csv.lines().find(|line| line.starts_with(&format!("{name},{path},"))).unwrap();
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells.len(), cells[2].parse(), cells[5]), (9, Ok(value), "s"), "{line}");
        assert_eq!(cells[6..], ["false", "ok", ""], "{line}");
    }
    let provenance = results.provenance.unwrap();
    assert_eq!(provenance.command[..3], ["neurobench", "time", "benchmark.toml"]);
    assert_eq!(provenance.seeds["time.seed"], 0);
    let files: Vec<&str> = provenance.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["benchmark.toml", "inputs.npy", "network.toml", "targets.npy", "weights.safetensors"]);
    assert!(provenance.files.iter().all(|file| file.digest.starts_with("sha256:")));

    let printed = |format: &str| text(&neurobench(folder.path(), &["report", "a.json", "--format", format]).stdout);
    assert!(printed("table").contains("digits, single-stream, batch size 1"), "{}", printed("table"));
    assert!(printed("markdown").contains("## time · digits · single-stream · batch 1\n\n| quantity |"));
    assert!(printed("markdown").contains("\n| latency\\_p99 | "));
    assert!(printed("latex").contains("\nlatency\\_p99 & "), "{}", printed("latex"));
    let objects = printed("jsonl");
    let objects = objects.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let found = objects.into_iter().find(|object| object["metric"] == name && object["path"] == serde_json::json!([]));
    assert_eq!(found.unwrap()["value"].as_f64(), Some(p99.median));
}

#[test]
fn measurements_that_are_not_valid_are_not_ok_in_any_format() {
    let folder = folder();
    time(folder.path(), &["benchmark.toml", "--repeats", "1", "--max-queries", "3", "--output", "a.json"], 3);
    let printed = |format: &str| text(&neurobench(folder.path(), &["report", "a.json", "--format", format]).stdout);
    let csv = printed("csv");
    assert!(
        csv.lines().skip(1).all(|line| line.contains(",invalid,") && line.contains("3 queries, minimum 5")),
        "{csv}"
    );
    for format in ["markdown", "latex", "table"] {
        assert!(words(&printed(format)).contains("INVALID: repeat 1: 3 queries, minimum 5"), "{}", printed(format));
    }
}

#[test]
fn a_sweep_has_a_row_for_each_combination_and_fits_80_columns() {
    let folder = folder();
    fs::copy(folder.path().join("network.toml"), folder.path().join("another_network_with_a_long_name.toml")).unwrap();
    let sweep = ["--scenario", "multi-stream,offline", "--batch-size", "2,8", "--workers", "1,2", "--copies", "1,2"];
    let models = ["network.toml", "another_network_with_a_long_name.toml", "--data", "benchmark.toml"];
    let arguments: Vec<&str> =
        models.iter().chain(&sweep).chain(&["--repeats", "1", "--output", "a.json"]).copied().collect();
    let printed = time(folder.path(), &arguments, 0);
    let rows = rows_of(folder.path(), "a.json");
    assert_eq!(rows.len(), 32);
    let settings =
        |run: &MeasuredRun| (run.model.clone(), run.scenario.name(), run.batch_size, run.workers, run.copies);
    assert_eq!(settings(&rows[1]), ("network.toml".to_owned(), "multi-stream", 2, 1, 2));
    assert_eq!(settings(&rows[31]), ("another_network_with_a_long_name.toml".to_owned(), "offline", 8, 2, 2));
    let widest = printed.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(widest.chars().count() <= 80, "{widest}");
}

#[test]
fn every_scenario_runs_on_a_model_file_with_an_array_of_inputs() {
    let folder = folder();
    let network = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [8, 8]\n\
                   [[layers]]\npath = \"0\"\nkind = \"flatten\"\n[[layers]]\npath = \"1\"\nkind = \"relu\"\n";
    fs::write(folder.path().join("small.toml"), network).unwrap();
    let scenarios = ["--scenario", "single-stream,multi-stream,offline", "--repeats", "1"];
    let arguments: Vec<&str> = ["small.toml", "--data", "inputs.npy"].iter().chain(&scenarios).copied().collect();
    time(folder.path(), &arguments, 0);
    let rows = rows_of(folder.path(), "small.time.json");
    let found: Vec<(&str, usize)> = rows.iter().map(|run| (run.scenario.name(), run.batch_size)).collect();
    assert_eq!(found, [("single-stream", 1), ("multi-stream", 8), ("offline", 64)]);
    let server = ["--scenario", "server", "--rate", "500", "--latency-bound", "60", "--min-queries", "700"];
    let all: Vec<&str> = ["time", "benchmark.toml", "--repeats", "1", "--min-duration", "0.01", "--warmup", "0"]
        .iter()
        .chain(&server)
        .copied()
        .collect();
    let output = neurobench(folder.path(), &all);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout) + &text(&output.stderr));
    let [run] = &rows_of(folder.path(), "digits.time.json")[..] else { panic!("one row") };
    assert_eq!(run.scenario, Scenario::Server { rate: 500.0 });
    assert!(run.quantity("latency_p99_estimate").is_some() && run.valid);
}

#[test]
fn a_run_that_is_too_short_is_not_valid_and_has_its_own_exit_code() {
    let folder = folder();
    let printed = time(folder.path(), &["benchmark.toml", "--repeats", "1", "--max-queries", "3"], 3);
    assert!(printed.contains("INVALID: repeat 1: 3 queries, minimum 5"), "{printed}");
    let [run] = &rows_of(folder.path(), "digits.time.json")[..] else { panic!("one row") };
    assert!(!run.valid && run.quantity("latency_p90_estimate").is_none());
}

#[test]
fn mistakes_are_reported_before_anything_is_measured() {
    let folder = folder();
    fs::write(folder.path().join("a.json"), "[]").unwrap();
    for (arguments, part) in [
        (&["network.toml"][..], "`network.toml` needs data: add `--data FILE`"),
        (&["weights.safetensors", "--data", "inputs.npy"], "contains tensors without a network"),
        (&["benchmark.toml", "--scenario", "server"], "the server scenario needs `--rate`"),
        (&["benchmark.toml", "--batch-size", "4"], "one sample per query, so that its batch size is 1, not 4"),
        (&["benchmark.toml", "--workers", "2"], "which 2 workers cannot share"),
        (&["benchmark.toml", "--scenario", "offline", "--batch-size", "400"], "fewer than the batch size 400"),
        (&["benchmark.toml", "--output", "a.json"], "it already exists; use `--force` to overwrite it"),
        (&["benchmark.toml", "--output", "inputs.npy", "--force"], "the benchmark reads it"),
        (&["nothing"], "no file and no task `nothing`"),
        (&["network.toml", "--data", "inputs.npy", "--model", "a.pt"], "`--model` is for benchmark files and tasks"),
        (&["benchmark.toml", "--energy", "--powercap", "none"], "there is no folder `none`"),
    ] {
        let printed = time(folder.path(), arguments, 2);
        assert!(printed.contains(part), "{arguments:?}: {printed}");
    }
    assert!(!folder.path().join("digits.time.json").exists());
    let usage = neurobench(folder.path(), &["time", "benchmark.toml", "--repeats", "0"]);
    assert_eq!(usage.status.code(), Some(2));
}

/// A fake of `/sys/class/powercap` with one package.
fn powercap(folder: &Path) {
    let domain = folder.join("powercap/intel-rapl:0");
    fs::create_dir_all(&domain).unwrap();
    for (file, content) in [("name", "package-0"), ("energy_uj", "5000000"), ("max_energy_range_uj", "262143328850")] {
        fs::write(domain.join(file), content).unwrap();
    }
}

#[test]
fn energy_is_measured_by_counters_and_by_the_log_of_a_meter() {
    let folder = folder();
    powercap(folder.path());
    let counters = ["benchmark.toml", "--repeats", "2", "--energy", "--powercap", "powercap", "--idle", "0.01"];
    let printed = time(folder.path(), &counters, 0);
    let energy = "measured energy of package-0 by powercap; idle level subtracted: package-0 0 W";
    assert!(words(&printed).contains(energy), "{printed}");
    let [run] = &rows_of(folder.path(), "digits.time.json")[..] else { panic!("one row") };
    // Nothing raises the counter of the fake.
    let energy = run.energy.as_ref().unwrap();
    assert_eq!((energy.domains[0].joules.as_slice(), energy.domains[0].idle_watts), (&[0.0, 0.0][..], Some(0.0)));
    assert_eq!(run.quantity("measured_energy").map(|energy| energy.values.len()), Some(2));

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let log = format!("seconds,watts\n{},10\n{},10\n", now - 1000, now + 1000);
    fs::write(folder.path().join("meter.csv"), log).unwrap();
    let meter = ["benchmark.toml", "--repeats", "1", "--meter", "meter.csv", "--idle", "0", "--output", "b.json"];
    let printed = time(folder.path(), &meter, 0);
    assert!(words(&printed).contains("behind the meter by meter.csv; the idle level is included"), "{printed}");
    let [run] = &rows_of(folder.path(), "b.json")[..] else { panic!("one row") };
    let domain = &run.energy.as_ref().unwrap().domains[0];
    assert!((domain.joules[0] / domain.seconds[0] - 10.0).abs() < 1e-6, "{domain:?}");
    let per_sample = domain.joules[0] / run.quantity("samples").unwrap().median;
    assert!((run.quantity("measured_energy").unwrap().median / per_sample - 1.0).abs() < 1e-12);

    // The rest of the measurement is kept if the log ends before the run, and the command fails.
    fs::write(folder.path().join("meter.csv"), "seconds,watts\n1,10\n2,10\n").unwrap();
    let meter = ["benchmark.toml", "--repeats", "1", "--meter", "meter.csv", "--idle", "0", "--output", "c.json"];
    let printed = time(folder.path(), &meter, 1);
    assert!(words(&printed).contains("no measured energy: `meter.csv` covers 1 s to 2 s of unix time"), "{printed}");
    let [run] = &rows_of(folder.path(), "c.json")[..] else { panic!("one row") };
    assert!(run.valid && run.energy.is_none() && run.no_energy.is_some() && run.quantity("measured_energy").is_none());
}

#[test]
fn measurements_are_compared_by_their_repeats_and_hosts_that_differ_are_noted() {
    let folder = folder();
    time(folder.path(), &["benchmark.toml", "--output", "a.json"], 0);
    let mut other = results(folder.path(), "a.json");
    let measured = other.measurements.as_mut().unwrap();
    measured.host.cores += 1;
    for quantity in &mut measured.runs[0].quantities {
        quantity.values.iter_mut().for_each(|value| *value *= 2.0);
        quantity.median *= 2.0;
    }
    fs::write(folder.path().join("b.json"), serde_json::to_string(&other).unwrap()).unwrap();
    let output = neurobench(folder.path(), &["compare", "a.json", "b.json"]);
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{printed}{}", text(&output.stderr));
    for part in ["measurements of b.json against the first", "throughput", "+100.0 %", "measured on different hosts"] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
    let output = neurobench(folder.path(), &["compare", "a.json", "b.json", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let compared = json["runs"]["measurements"].as_array().unwrap();
    let find = |name: &str| compared.iter().find(|found| found["quantity"] == name).unwrap();
    assert_eq!(find("throughput")["test"]["test"], "welch_t");
    assert!(find("throughput")["test"]["p_holm"].as_f64() >= find("throughput")["test"]["p_value"].as_f64());
    assert!(find("forward_time").get("test").is_none());
    assert!(json["runs"]["values"].as_array().unwrap().is_empty());
}

#[test]
fn the_commands_of_the_page_run() {
    let folder = folder();
    let commands: Vec<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("$ neurobench ")).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let output = neurobench(folder.path(), &command.split_whitespace().collect::<Vec<_>>());
        assert!(output.status.success(), "{command}: {}{}", text(&output.stdout), text(&output.stderr));
    }
}

#[test]
fn the_page_describes_every_flag() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&neurobench(folder.path(), &["time", "--help"]).stdout);
    let flags = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let flags = flags.map(|flag| flag.trim_end_matches(|letter: char| !letter.is_alphanumeric()));
    for flag in flags.filter(|flag| !flag.is_empty() && *flag != "help") {
        assert!(PAGE.contains(&format!("`--{flag}")), "docs/timing.md does not describe --{flag}");
    }
}
