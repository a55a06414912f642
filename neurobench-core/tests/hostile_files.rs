//! Network files and weights that are cut short, reordered, oversized or changed: an error or a network, never a panic,
//! and never more memory than the files justify.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;
mod memory;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use common::{Numbers, directory, outputs};
use memory::peak_of;
use ndarray::ArrayD;
use neurobench_core::model::{Layer, Model, Tensor};
use neurobench_core::network::{Network, NetworkError};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// A network with layers that store something and layers that do not.
const NETWORK: &str = r#"format = "neurobench-network"
version = 1
weights = "w.safetensors"
input_shape = [2, 6, 6]
time_steps = true

[[layers]]
path = "conv"
kind = "conv2d"
in_channels = 2
out_channels = 4
kernel_size = [3, 3]
stride = 1
padding = 1
dilation = 1
groups = 2

[[layers]]
path = "norm"
kind = "batch_norm2d"
num_features = 4
eps = 1e-5

[[layers]]
path = "pool"
kind = "max_pool2d"
kernel_size = 3
stride = 3
padding = 0

[[layers]]
path = "flatten"
kind = "flatten"

[[layers]]
path = "fc"
kind = "linear"
in_features = 16
out_features = 5

[[layers]]
path = "lif"
kind = "leaky"
reset = "subtract"
output = "spikes"

[[layers]]
path = "synaptic"
kind = "synaptic"
alpha = 0.5
beta = 0.25
threshold = 1.0
reset = "zero"

[[layers]]
path = "lapicque"
kind = "lapicque"
R = 5.0
C = 0.5
time_step = 1.0
threshold = 1.0
reset = "none"

[[layers]]
path = "drop"
kind = "dropout"
p = 0.5

[[layers]]
path = "out"
kind = "log_softmax"
"#;

/// A stored tensor: name, type, shape, bytes.
type Stored = (&'static str, Dtype, Vec<usize>, Vec<u8>);

fn tensors() -> Vec<Stored> {
    let floats = |name, shape: &[usize]| {
        let elements = shape.iter().product::<usize>() as u16;
        let bytes = (0..elements).flat_map(|index| (f32::from(index) / 64.0).to_le_bytes()).collect();
        (name, Dtype::F32, shape.to_vec(), bytes)
    };
    vec![
        floats("conv.weight", &[4, 1, 3, 3]),
        floats("conv.bias", &[4]),
        floats("norm.weight", &[4]),
        floats("norm.bias", &[4]),
        floats("norm.running_mean", &[4]),
        floats("norm.running_var", &[4]),
        ("norm.num_batches_tracked", Dtype::I64, vec![], vec![0; 8]),
        floats("fc.weight", &[5, 16]),
        floats("fc.bias", &[5]),
        floats("lif.beta", &[5]),
        ("lif.threshold", Dtype::F32, vec![], 1.0_f32.to_le_bytes().to_vec()),
    ]
}

fn weights() -> Vec<u8> {
    let tensors = tensors();
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

/// A safetensors file of this header and these bytes.
fn with_header(header: &str, bytes: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), bytes].concat()
}

/// The header of a safetensors file, and the bytes behind it.
fn taken_apart(weights: &[u8]) -> (serde_json::Value, &[u8]) {
    let (length, rest) = weights.split_first_chunk().unwrap();
    let (header, bytes) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
    (serde_json::from_slice(header).unwrap(), bytes)
}

/// A place for the two files.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Self {
        Self(directory(&format!("hostile_{test}")))
    }

    /// Loads a network, and checks what holds of every attempt.
    #[track_caller]
    fn load(&self, network: &[u8], weights: &[u8]) -> Result<Network, NetworkError> {
        fs::write(self.0.join("n.toml"), network).unwrap();
        fs::write(self.0.join("w.safetensors"), weights).unwrap();
        let (loaded, peak) = peak_of(|| Network::load(self.0.join("n.toml")));
        // A parsed file is larger than its text, but in proportion; buffers of the readers are there in any case.
        assert!(peak < (1 << 19) + 100 * (network.len() + weights.len()), "{peak} bytes");
        if let Err(error) = &loaded {
            let message = error.to_string();
            assert!(message.contains(self.0.to_str().unwrap()), "names no file: {message}");
            assert!(message.len() < 2000 + 4 * (network.len() + weights.len()), "{} bytes of message", message.len());
        }
        loaded
    }
}

#[test]
fn the_files_are_sound_before_they_are_changed() {
    let network = Place::new("sound").load(NETWORK.as_bytes(), &weights()).unwrap();
    let paths: Vec<&str> = network.layers().iter().map(Layer::path).collect();
    assert_eq!(paths.len(), 10);
    let stored: usize = tensors().iter().map(|(.., bytes)| bytes.len()).sum();
    // Constants that are keys count beside them.
    assert!(network.layers().iter().map(Layer::bytes).sum::<u64>() >= stored as u64);
}

// The network file.

#[test]
fn a_network_file_that_is_cut_short_is_harmless() {
    let (place, weights) = (Place::new("cut"), weights());
    for length in 0..NETWORK.len() {
        let loaded = place.load(&NETWORK.as_bytes()[..length], &weights);
        // Without a layer that stores something its tensors belong to none; the layers behind the last such can be missing.
        assert!(loaded.is_err() || length > NETWORK.find("reset = \"subtract").unwrap(), "{length} bytes");
    }
}

#[test]
fn lines_that_are_missing_doubled_or_elsewhere_are_harmless() {
    let (place, weights) = (Place::new("lines"), weights());
    let lines: Vec<&str> = NETWORK.lines().collect();
    let mut random = Numbers::new(1);
    for _ in 0..1000 {
        let mut lines = lines.clone();
        for _ in 0..=random.next() % 2 {
            let (from, to) = (random.next() as usize % lines.len(), random.next() as usize % lines.len());
            match random.next() % 3 {
                0 => drop(lines.remove(from)),
                1 => lines.insert(to, lines[from]),
                _ => lines.swap(from, to),
            }
        }
        let _ = place.load(lines.join("\n").as_bytes(), &weights);
    }
}

#[test]
fn changed_bytes_of_a_network_file_are_harmless() {
    let (place, weights) = (Place::new("bytes"), weights());
    let mut random = Numbers::new(2);
    for _ in 0..2000 {
        let mut network = NETWORK.as_bytes().to_vec();
        for _ in 0..=random.next() % 3 {
            let at = random.next() as usize % network.len();
            network[at] = match random.next() % 3 {
                0 => random.next() as u8,
                1 => network[at] ^ (1 << (random.next() % 8)),
                _ => b"0123456789-.e[]{}\"\\\n,=#"[random.next() as usize % 23],
            };
        }
        let _ = place.load(&network, &weights);
    }
}

#[test]
fn no_value_of_a_key_is_too_much() {
    let values = [
        "0",
        "-1",
        "1",
        "2",
        "3",
        "65536",
        "67108864",
        "67108865",
        "4294967296",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "0.5",
        "-0.0",
        "1e308",
        "1e309",
        "5e-324",
        "inf",
        "-inf",
        "nan",
        "true",
        "\"\"",
        "\"same\"",
        "\"valid\"",
        "[]",
        "[0]",
        "[1, 1]",
        "[3, 9223372036854775807]",
        "[65536, 65536]",
        "[4294967296, 4294967296]",
        "[4294967296, 4294967296, 0]",
        "[[1]]",
        "{}",
        "{ a = 1 }",
        "1979-05-27",
    ];
    let (place, weights) = (Place::new("values"), weights());
    let lines: Vec<&str> = NETWORK.lines().collect();
    let mut long = vec!["1".to_owned(); 4_000];
    long[0] = "[1".to_owned();
    let long = format!("{}]", long.join(", "));
    for (number, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        for value in values.into_iter().chain([long.as_str()]) {
            let changed = format!("{key} = {value}");
            let mut lines = lines.clone();
            lines[number] = &changed;
            let _ = place.load(lines.join("\n").as_bytes(), &weights);
        }
    }
}

/// The networks that PyTorch and snnTorch ran, layers of every kind among them: each with its name and its weights.
fn recorded() -> Vec<(String, String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/layers");
    let stored = fs::read(folder.join("layers.safetensors")).unwrap();
    let stored = safetensors::SafeTensors::deserialize(&stored).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let with_weights = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let prefix = format!("{name}/weights/");
        let own = stored
            .tensors()
            .into_iter()
            .filter_map(|(full, view)| Some((full.strip_prefix(&prefix)?.to_owned(), view)));
        let weights = safetensors::serialize(own, None).unwrap();
        (name, fs::read_to_string(file).unwrap(), weights)
    };
    files.into_iter().map(with_weights).collect()
}

/// That passes over zeros and over ones fail or give numbers.
fn runs(network: &Network) -> Result<(), String> {
    let steps: &[usize] = if network.has_time_steps() { &[2, 3] } else { &[3] };
    let shape: Vec<usize> = steps.iter().chain(network.input_shape()).copied().collect();
    for number in [0.0_f32, 1.0] {
        let finite = match outputs(network, &ArrayD::from_elem(shape.clone(), number).into()) {
            Ok(Tensor::F32(outputs)) => outputs.iter().all(|output| output.is_finite()),
            Ok(Tensor::F64(outputs)) => outputs.iter().all(|output| output.is_finite()),
            Ok(outputs) => return Err(format!("gives {:?}", outputs.dtype())),
            Err(_) => true,
        };
        if !finite {
            return Err(format!("gives no finite numbers for inputs of {number}"));
        }
    }
    Ok(())
}

#[test]
fn layers_of_every_kind_are_refused_or_run_whatever_a_key_says() {
    let values = [
        "0",
        "-1",
        "1",
        "2",
        "3",
        "67108865",
        "9223372036854775807",
        "0.5",
        "1e-45",
        "1e39",
        "1e308",
        "inf",
        "nan",
        "true",
        "\"same\"",
        "\"none\"",
        "[]",
        "[0]",
        "[1, 1]",
        "[4294967296, 4294967296]",
    ];
    let place = directory("hostile_kinds");
    let (mut seen, mut ran, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    for (name, text, weights) in recorded() {
        fs::write(place.join(format!("{name}.safetensors")), weights).unwrap();
        let file = place.join(format!("{name}.toml"));
        let lines: Vec<&str> = text.lines().collect();
        let mut kind = "";
        for (number, line) in lines.iter().enumerate() {
            let Some((key, value)) = line.split_once(" = ") else { continue };
            if key == "kind" {
                kind = value;
            }
            // A key of a kind once: the networks have many kinds in common.
            if ["format", "version", "weights", "path", "kind"].contains(&key)
                || !seen.insert((kind.to_owned(), key.to_owned()))
            {
                continue;
            }
            for value in values {
                let changed = format!("{key} = {value}");
                let mut lines = lines.clone();
                lines[number] = &changed;
                fs::write(&file, lines.join("\n")).unwrap();
                let Ok(network) = Network::load(&file) else { continue };
                ran += 1;
                if let Err(problem) = runs(&network) {
                    wrong.push(format!("{name}: {kind} with {changed} {problem}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 100, "{ran} networks ran");
}

#[test]
fn sizes_that_agree_with_each_other_but_not_with_the_weights_are_refused() {
    let place = Place::new("sizes");
    let head = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\n";
    for size in [1 << 20, 1 << 28, 1 << 40, i64::MAX] {
        for layer in [
            format!(
                "input_shape = [{size}]\n[[layers]]\npath = \"a\"\nkind = \"linear\"\nin_features = {size}\nout_features = {size}"
            ),
            format!(
                "input_shape = [{size}, 4]\n[[layers]]\npath = \"a\"\nkind = \"conv1d\"\nin_channels = {size}\n\
                 out_channels = {size}\nkernel_size = {size}\npadding = {size}"
            ),
            format!("input_shape = [{size}]\n[[layers]]\npath = \"a\"\nkind = \"batch_norm1d\"\nnum_features = {size}"),
        ] {
            let loaded = place.load(format!("{head}{layer}\n").as_bytes(), &with_header("{}", &[]));
            assert!(loaded.is_err(), "{layer}");
        }
    }
}

#[test]
fn sizes_of_layers_that_store_nothing_are_checked_before_memory_is_taken() {
    let place = Place::new("stored_nowhere");
    let head = "format = \"neurobench-network\"\nversion = 1\ntime_steps = true\n";
    for layer in [
        "input_shape = [67108864]\n[[layers]]\npath = \"a\"\nkind = \"delay\"\nsteps = 2",
        "input_shape = [1]\n[[layers]]\npath = \"a\"\nkind = \"low_pass\"\nrate = 0.5\ninputs = [\"a\"]\ninput_shape = [1099511627776]",
    ] {
        assert!(place.load(format!("{head}{layer}\n").as_bytes(), b"").is_err(), "{layer}");
    }
}

/// What is near a name is looked for, and two names of a megabyte are not compared letter by letter.
#[test]
fn long_names_that_nothing_has_are_errors_all_the_same() {
    let place = Place::new("names");
    let (one, other) = ("a".repeat(1 << 20), "b".repeat(1 << 20));
    let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n[[layers]]\n";
    for layer in [
        format!("path = \"{one}\"\nkind = \"relu\"\ninputs = [\"{other}\"]"),
        format!("path = \"a\"\nkind = \"{one}\""),
        format!("path = \"a\"\nkind = \"relu\"\n{one} = 1"),
    ] {
        assert!(place.load(format!("{head}{layer}\n").as_bytes(), b"").is_err());
    }
}

#[test]
fn deep_nesting_ends_in_an_error() {
    let (place, weights) = (Place::new("nesting"), weights());
    const DEPTH: usize = 20_000;
    for value in [
        "[".repeat(DEPTH),
        format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        "{ a = ".repeat(DEPTH),
        format!("{}1{}", "{ a = ".repeat(DEPTH), " }".repeat(DEPTH)),
        format!("1\n{}a = 1", "a.".repeat(DEPTH)),
        format!("1\n[{}a]", "a.".repeat(DEPTH)),
        "\"".repeat(DEPTH),
    ] {
        let loaded = place.load(NETWORK.replace("p = 0.5", &format!("p = {value}")).as_bytes(), &weights);
        assert!(loaded.is_err(), "{}", &value[..20]);
    }
}

#[test]
fn many_layers_are_no_worse_than_their_text() {
    let place = Place::new("many");
    let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n";
    let layers = |same: bool| -> String {
        let layer =
            |index: usize| format!("[[layers]]\npath = \"{}\"\nkind = \"relu\"\n", if same { 0 } else { index });
        (0..1000).map(layer).collect()
    };
    let network = place.load(format!("{head}{}", layers(false)).as_bytes(), b"").unwrap();
    assert_eq!(network.layers().len(), 1000);
    assert!(place.load(format!("{head}{}", layers(true)).as_bytes(), b"").is_err());
}

#[test]
fn a_path_of_the_weights_that_cannot_be_read_is_an_error() {
    let (place, weights) = (Place::new("paths"), weights());
    for path in [".", "..", "n.toml", "absent", "w.safetensors/x", "\\u0000", "", "/"] {
        let network = NETWORK.replace("weights = \"w.safetensors\"", &format!("weights = \"{path}\""));
        fs::write(place.0.join("n.toml"), network).unwrap();
        fs::write(place.0.join("w.safetensors"), &weights).unwrap();
        assert!(Network::load(place.0.join("n.toml")).is_err(), "{path}");
    }
}

// The weights.

#[test]
fn weights_that_are_cut_short_or_too_long_are_refused() {
    let (place, weights) = (Place::new("short"), weights());
    for length in 0..weights.len() {
        assert!(place.load(NETWORK.as_bytes(), &weights[..length]).is_err(), "{length} bytes");
    }
    assert!(place.load(NETWORK.as_bytes(), &[weights.as_slice(), b"\0"].concat()).is_err());
    assert!(place.load(NETWORK.as_bytes(), &[weights.as_slice(), &weights].concat()).is_err());
}

#[test]
fn the_order_of_tensors_does_not_matter() {
    let (place, weights) = (Place::new("order"), weights());
    let (_, bytes) = taken_apart(&weights);
    let text = std::str::from_utf8(&weights[8..weights.len() - bytes.len()]).unwrap().trim_end();
    let mut entries: Vec<&str> = text[1..text.len() - 2].split("},").collect();
    entries.reverse();
    let reversed = with_header(&format!("{{{}}}}}", entries.join("},")), bytes);
    assert_ne!(reversed, weights);
    let (network, other) = (place.load(NETWORK.as_bytes(), &weights), place.load(NETWORK.as_bytes(), &reversed));
    let (network, other) = (network.unwrap(), other.unwrap());
    for (layer, other) in network.layers().iter().zip(other.layers()) {
        assert_eq!(layer.parameters(), other.parameters());
    }
}

#[test]
fn changed_bytes_of_weights_are_harmless() {
    let (place, weights) = (Place::new("changed"), weights());
    let mut random = Numbers::new(3);
    let header = weights.len() - taken_apart(&weights).1.len();
    for case in 0..2000 {
        let mut changed = weights.clone();
        for _ in 0..=random.next() % 3 {
            // Most of it in the header, where it matters.
            let at = random.next() as usize % if case % 4 == 0 { changed.len() } else { header };
            changed[at] = match random.next() % 3 {
                0 => random.next() as u8,
                1 => changed[at] ^ (1 << (random.next() % 8)),
                _ => b"0123456789-.e[]{}\"\\ ,:"[random.next() as usize % 22],
            };
        }
        let _ = place.load(NETWORK.as_bytes(), &changed);
    }
}

#[test]
fn headers_that_lie_are_refused() {
    let (place, weights) = (Place::new("lies"), weights());
    let (header, bytes) = taken_apart(&weights);
    for length in [0, 1, 7, weights.len() as u64 - 8, weights.len() as u64 - 7, 100_000_001, 1 << 40, u64::MAX] {
        let lying = [&length.to_le_bytes(), &weights[8..]].concat();
        assert!(place.load(NETWORK.as_bytes(), &lying).is_err(), "a header of {length} bytes");
    }
    let size = bytes.len();
    let max = u64::MAX;
    for offsets in [
        serde_json::json!([0, 0]),
        serde_json::json!([size, size]),
        serde_json::json!([0, size]),
        serde_json::json!([4, 0]),
        serde_json::json!([0, max]),
        serde_json::json!([max - 3, max]),
        serde_json::json!([max, max]),
        serde_json::json!([-4, 12]),
        serde_json::json!([0.5, 16]),
        serde_json::json!([0]),
        serde_json::json!("0"),
    ] {
        let mut lying = header.clone();
        lying["conv.bias"]["data_offsets"] = offsets.clone();
        assert!(place.load(NETWORK.as_bytes(), &with_header(&lying.to_string(), bytes)).is_err(), "{offsets}");
    }
    for shape in [
        serde_json::json!([]),
        serde_json::json!([0]),
        serde_json::json!([5]),
        serde_json::json!([2, 2]),
        serde_json::json!([max]),
        serde_json::json!([1_u64 << 62]),
        serde_json::json!([1_u64 << 32, 1_u64 << 32]),
        serde_json::json!([1_u64 << 32, 1_u64 << 32, 0]),
        serde_json::json!(vec![1; 10_000]),
        serde_json::json!([-4]),
        serde_json::json!("4"),
    ] {
        let mut lying = header.clone();
        lying["conv.bias"]["shape"] = shape.clone();
        assert!(place.load(NETWORK.as_bytes(), &with_header(&lying.to_string(), bytes)).is_err(), "{shape}");
    }
    for dtype in ["F64", "F16", "BF16", "I32", "U32", "BOOL", "F4", "C64", "", "f32"] {
        let mut lying = header.clone();
        lying["conv.bias"]["dtype"] = serde_json::json!(dtype);
        assert!(place.load(NETWORK.as_bytes(), &with_header(&lying.to_string(), bytes)).is_err(), "{dtype}");
    }
}

#[test]
fn headers_of_any_json_are_harmless() {
    let place = Place::new("json");
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    for header in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{\"a\":null}".to_owned(),
        "{\"__metadata__\":{\"a\":1}}".to_owned(),
        deep("[", "]"),
        format!("{{\"a\":{}}}", deep("{\"a\":", "}")),
        format!("{{\"__metadata__\":{}}}", deep("[", "]")),
        format!("{{\"a\":{{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,0]}}}}", deep("[", "]")),
    ] {
        assert!(place.load(NETWORK.as_bytes(), &with_header(&header, &[])).is_err());
    }
    // Many tensors that no layer has.
    let entry = |index: usize| format!("\"t{index}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
    let entries: Vec<String> = (0..5000).map(entry).collect();
    assert!(place.load(NETWORK.as_bytes(), &with_header(&format!("{{{}}}", entries.join(",")), &[])).is_err());
}

#[test]
fn numbers_that_are_not_finite_are_refused_wherever_they_are() {
    let (place, weights) = (Place::new("finite"), weights());
    let bytes = taken_apart(&weights).1.len();
    let start = weights.len() - bytes;
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in (start..weights.len()).step_by(4) {
            let mut changed = weights.clone();
            changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
            // The counter of batch normalisation is an integer that nothing uses; it comes first, being the widest.
            assert_eq!(place.load(NETWORK.as_bytes(), &changed).is_ok(), at < start + 8, "byte {at}");
        }
    }
}
