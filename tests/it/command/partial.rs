//! Snapshots of runs that fail.

use super::{benchmark, neurobench, text};

/// An npy file of this type and shape.
fn npy(descr: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(numbers);
    file
}

#[test]
fn a_failed_run_reports_its_error_even_if_completed_batches_cannot_be_saved() {
    let folder = benchmark("\"classification_accuracy\"");
    let layers = "[[layers]]\npath = \"0\"\nkind = \"flatten\"\n[[layers]]\npath = \"1\"\nkind = \"relu\"\n";
    let network = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\ntime_steps = true\n";
    std::fs::write(folder.path().join("network.toml"), format!("{network}{layers}")).unwrap();
    // The second batch of fifty has an input that is not a number, for which no class can be chosen.
    let mut inputs = vec![0.0_f32; 120];
    inputs[119] = f32::NAN;
    let numbers: Vec<u8> = inputs.iter().flat_map(|input| input.to_le_bytes()).collect();
    std::fs::write(folder.path().join("inputs.npy"), npy("<f4", "(60, 2)", &numbers)).unwrap();
    std::fs::write(folder.path().join("targets.npy"), npy("|u1", "(60,)", &[0; 60])).unwrap();
    let run = || {
        let output = neurobench(folder.path(), &["run", "benchmark.toml", "--workers", "1"]);
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let failure = |errors: &str| errors.lines().position(|line| line.starts_with("error: batch 1:")).is_some();

    let errors = run();
    let kept = "1 batch was completed and is saved in `small.results.partial.json`";
    assert!(errors.contains(kept) && failure(&errors), "{errors}");
    let partial = folder.path().join("small.results.partial.json");
    assert!(partial.is_file());

    // A new run that does not resume from the file leaves it in place.
    let second = folder.path().join("small.results.partial.2.json");
    std::fs::write(&partial, "of another run").unwrap();
    let errors = run();
    assert!(errors.contains("saved in `small.results.partial.2.json`: `--resume"), "{errors}");
    assert_eq!(std::fs::read_to_string(&partial).unwrap(), "of another run");
    // A run that is resumed from it contains it.
    let before = std::fs::read(&second).unwrap();
    std::fs::write(&partial, &before).unwrap();
    let resumed = "small.results.partial.json";
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--workers", "1", "--resume", resumed]);
    let errors = text(&output.stderr);
    assert!(errors.contains("1 batch was completed and is saved in `small.results.partial.json`"), "{errors}");
    assert_eq!(std::fs::read(&second).unwrap(), before);
    assert!(!folder.path().join("small.results.partial.3.json").exists());

    std::fs::remove_file(&partial).unwrap();
    std::fs::create_dir(&partial).unwrap();
    let errors = run();
    assert!(errors.contains("error: cannot write `small.results.partial.json`: it is a folder"), "{errors}");
    assert!(failure(&errors), "{errors}");
}
