//! Files written by this crate.

use super::*;

/// The files remain there for `record_nir.py --check`.
fn own(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nir");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}.nir"))
}

#[test]
fn graphs_round_trip() {
    for (name, graph) in [("primitives", primitives()), ("nested", nested())] {
        let file = own(name);
        graph.write(&file).unwrap();
        assert_eq!(Graph::read(&file).unwrap(), graph, "{name}");
    }
}

#[test]
fn graphs_that_python_cannot_create_round_trip() {
    let single = |value: f32| Parameter::F32(ArrayD::from_elem(vec![], value));
    let mut odd = graph(
        [
            ("one neuron without axes", Primitive::Threshold { threshold: single(1.5) }),
            ("no axes", input(&[])),
            ("empty", Primitive::Graph(Graph::default())),
            ("large", Primitive::Scale { scale: ramp(0.0, &[3, 700, 301]) }),
            ("unknown", Primitive::Flatten { start_dim: -2, end_dim: 5, input_type: None }),
        ],
        &[],
    );
    odd.metadata = metadata([
        ("nothing", Value::Map(Metadata::new())),
        ("no text", text("")),
        ("no texts", Value::Texts(vec![])),
        ("no integers", Value::Integers(arr1(&[]).into_dyn())),
        ("false", Value::Boolean(false)),
        ("infinite", Value::Float(f64::INFINITY)),
    ]);
    let file = odd.to_bytes().unwrap();
    assert_eq!(Graph::from_bytes(file).unwrap(), odd);
}

#[test]
fn a_graph_of_thousands_of_nodes_round_trips() {
    let names: Vec<String> = (0..5000).map(|index| format!("node number {index}")).collect();
    let edges: Vec<(&str, &str)> = names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    let chain = graph(names.iter().map(|name| (name.as_str(), Primitive::I { r: ramp(1.0, &[1]) })), &edges);
    assert_eq!(Graph::from_bytes(chain.to_bytes().unwrap()).unwrap(), chain);
    assert_eq!(chain.order().nodes, names);
}

#[test]
fn files_are_replaced_atomically() {
    let file = own("replaced");
    nested().write(&file).unwrap();
    let before = fs::read(&file).unwrap();
    let broken = graph([("input", input(&[1]))], &[("input", "nowhere")]);
    assert!(matches!(broken.write(&file), Err(NirError::InFile { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
    primitives().write(&file).unwrap();
    assert_eq!(Graph::read(&file).unwrap(), primitives());
    let beside = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let strangers: Vec<PathBuf> = beside.filter(|path| path.extension().is_none_or(|name| name != "nir")).collect();
    assert_eq!(strangers, Vec::<PathBuf>::new());
    assert!(matches!(nested().write("no such folder/x.nir"), Err(NirError::Write { .. })));
}
