//! Hostile network files.

use super::*;

#[test]
fn truncated_network_files_are_harmless() {
    let (place, weights) = (Place::new("cut"), weights());
    for length in 0..NETWORK.len() {
        let loaded = place.load(&NETWORK.as_bytes()[..length], &weights);
        // Without its layer, a tensor is unclaimed; only the layers after the last one with tensors can be missing.
        assert!(loaded.is_err() || length > NETWORK.find("reset = \"subtract").unwrap(), "{length} bytes");
    }
}

#[test]
fn missing_duplicate_and_moved_lines_are_harmless() {
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

/// Values of every type that a key may have.
const VALUES: [&str; 17] = [
    "0",
    "-1",
    "1",
    "2",
    "3",
    "67108865",
    "9223372036854775807",
    "0.5",
    "1e308",
    "inf",
    "nan",
    "true",
    "\"same\"",
    "[]",
    "[0]",
    "[1, 1]",
    "[4294967296, 4294967296]",
];

#[test]
fn extreme_values_of_keys_are_harmless() {
    let extreme = [
        "65536",
        "67108864",
        "4294967296",
        "-9223372036854775808",
        "9223372036854775808",
        "-0.0",
        "1e309",
        "5e-324",
        "-inf",
        "\"\"",
        "\"valid\"",
        "[3, 9223372036854775807]",
        "[65536, 65536]",
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
        for value in VALUES.into_iter().chain(extreme).chain([long.as_str()]) {
            let changed = format!("{key} = {value}");
            let mut lines = lines.clone();
            lines[number] = &changed;
            let _ = place.load(lines.join("\n").as_bytes(), &weights);
        }
    }
}

/// The networks recorded with PyTorch and snnTorch, which contain every kind of layer, with names and weights.
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

/// Checks that passes over zeros and over ones fail or return numbers.
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
fn every_kind_of_layer_is_rejected_or_runs_with_any_value_of_a_key() {
    let of_layers = ["1e-45", "1e39", "\"none\""];
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
            // Each key of a kind only once: the networks share many kinds.
            if ["format", "version", "weights", "path", "kind"].contains(&key)
                || !seen.insert((kind.to_owned(), key.to_owned()))
            {
                continue;
            }
            for value in VALUES.into_iter().chain(of_layers) {
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
fn consistent_sizes_that_do_not_match_the_weights_are_rejected() {
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
fn sizes_of_layers_without_tensors_are_checked_before_allocation() {
    let place = Place::new("stored_nowhere");
    let head = "format = \"neurobench-network\"\nversion = 1\ntime_steps = true\n";
    for layer in [
        "input_shape = [67108864]\n[[layers]]\npath = \"a\"\nkind = \"delay\"\nsteps = 2",
        "input_shape = [1]\n[[layers]]\npath = \"a\"\nkind = \"low_pass\"\nrate = 0.5\ninputs = [\"a\"]\ninput_shape = [1099511627776]",
    ] {
        assert!(place.load(format!("{head}{layer}\n").as_bytes(), b"").is_err(), "{layer}");
    }
}

/// Similar names are suggested, but two names of a megabyte must not be compared letter by letter.
#[test]
fn long_unknown_names_are_errors() {
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
fn cost_of_many_layers_is_proportional_to_their_text() {
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
fn unreadable_weights_are_an_error() {
    let (place, weights) = (Place::new("paths"), weights());
    for path in [".", "..", "n.toml", "absent", "w.safetensors/x", "\\u0000", "", "/"] {
        let network = NETWORK.replace("weights = \"w.safetensors\"", &format!("weights = \"{path}\""));
        fs::write(place.0.join("n.toml"), network).unwrap();
        fs::write(place.0.join("w.safetensors"), &weights).unwrap();
        assert!(Network::load(place.0.join("n.toml")).is_err(), "{path}");
    }
}
