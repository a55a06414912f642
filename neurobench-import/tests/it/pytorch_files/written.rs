//! Written safetensors files.

use super::*;

#[test]
fn safetensors_files_match_those_of_pytorch() {
    let directory = directory("pytorch_safetensors");
    for name in READABLE {
        let path = directory.join("weights.safetensors");
        load(name).write_safetensors(&path).unwrap();
        let (written, expected) = (fs::read(&path).unwrap(), fs::read(data(&format!("{name}.safetensors"))).unwrap());
        assert_tensors(&load(name), &written);
        // The header may list tensors of the same width in any order; everything else has the same length.
        assert_eq!(written.len(), expected.len(), "{name}");
    }
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside the file");
    // The permissions are those of a new file.
    fs::write(directory.join("other"), "").unwrap();
    let permissions = |name| fs::metadata(directory.join(name)).unwrap().permissions();
    assert_eq!(permissions("weights.safetensors"), permissions("other"));
}

#[test]
fn write_errors_are_reported_and_leave_the_existing_file() {
    let directory = directory("pytorch_write");
    let path = directory.join("occupied");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("kept"), "kept").unwrap();
    let error = load("state_dict").write_safetensors(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot write {}: ", path.display())), "{error}");
    assert_eq!(fs::read_to_string(path.join("kept")).unwrap(), "kept");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);

    let path = directory.join("weights.safetensors");
    fs::write(&path, "before").unwrap();
    let pickle = dict(&[("__metadata__", tensor("0", 1, 0, &[1], &[1]))]);
    let error = StateDict::from_bytes(&archive(&pickle, &[("0", &[0; 4])])).unwrap().write_safetensors(&path);
    assert_eq!(
        error.unwrap_err().to_string(),
        "cannot be stored in a safetensors file: no tensor may be named `__metadata__`, which the format reserves"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
}

#[test]
fn a_network_runs_on_converted_weights() {
    let directory = directory("pytorch_network");
    load("state_dict").write_safetensors(directory.join("w.safetensors")).unwrap();
    let layers = [
        "path = \"0\"\nkind = \"linear\"\nin_features = 3\nout_features = 4",
        "path = \"1\"\nkind = \"batch_norm1d\"\nnum_features = 4",
        "path = \"2\"\nkind = \"linear\"\nin_features = 4\nout_features = 2",
    ];
    let layers: String = layers.iter().map(|layer| format!("[[layers]]\n{layer}\n")).collect();
    let head = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\ninput_shape = [3]\n";
    fs::write(directory.join("n.toml"), format!("{head}{layers}")).unwrap();
    let network = Network::load(directory.join("n.toml")).unwrap();
    // 12 + 4, four of 4, 8 numbers of four bytes, and a counter of eight.
    assert_eq!(network.layers().iter().map(neurobench::model::Layer::bytes).sum::<u64>(), 40 * 4 + 8);
}
