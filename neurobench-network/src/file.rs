//! Reading and writing of declarative network files, which `docs/network-files.md` describes.

use std::fs;
use std::io::Error;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Network;
use crate::error::NetworkError;
use crate::fingerprint::digest;
use crate::graph;
use crate::weights::{ExpectedTensor, Weights};
use neurobench_core::files::{self, FileKind, put};
use neurobench_core::value::{Document, Excerpt, PathStep, TypeError, Value};

/// Value of `format` in a network file.
const FORMAT: &str = "neurobench-network";
/// Version of the format.
const VERSION: u64 = 1;

/// The keys that every version of the format has.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

/// The keys of a network file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    weights: Option<PathBuf>,
    input_shape: Vec<usize>,
    #[serde(default)]
    dtype: Precision,
    #[serde(default)]
    time_steps: bool,
    #[serde(default)]
    carries_state: bool,
    output: Option<String>,
    #[serde(default)]
    layers: Vec<toml::Table>,
}

/// Precision of the computation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Double precision.
    F64,
}

/// The axis of the inputs that is time, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Time {
    /// No axis: each sample runs once, from rest.
    #[default]
    None,
    /// The second axis: each sample is a sequence of steps, which starts from rest.
    Steps,
    /// The first axis: each sample is a step of a sequence, and the state is carried from one to the next.
    Samples,
}

/// A network without its weights.
#[derive(Clone, Debug)]
pub struct Description {
    /// Shape of one sample at one step.
    pub input_shape: Vec<usize>,
    /// Type of the numbers that it computes in.
    pub precision: Precision,
    /// Time axis of its inputs.
    pub time: Time,
    /// Path of the layer whose outputs are the network's outputs; the default is the last layer.
    pub output: Option<String>,
    /// Layers, in the order of the run.
    pub layers: Vec<LayerEntry>,
}

/// One layer of a description.
#[derive(Clone, Debug)]
pub struct LayerEntry {
    /// Path of the layer.
    pub path: String,
    /// Kind of the layer.
    pub kind: String,
    /// Paths of the layers whose outputs are its inputs; the default is the layer before.
    pub inputs: Option<Vec<String>>,
    /// Shape of its inputs, which is required if they all come from later layers.
    pub input_shape: Option<Vec<usize>>,
    /// Keys that depend on the kind.
    pub settings: toml::Table,
}

/// A network file and its weights.
struct OpenedFiles {
    /// Text of the network file.
    text: String,
    description: Description,
    weights: Option<Vec<u8>>,
    weights_path: Option<PathBuf>,
    fingerprint: String,
}

/// Loads a network file and its weights.
pub(crate) fn load(path: &Path) -> Result<Network, NetworkError> {
    let OpenedFiles { text, description, weights, weights_path, fingerprint } = open(path)?;
    let tensors = weights.as_deref().map(Weights::parse).transpose();
    tensors
        .and_then(|tensors| Network::assemble(description, tensors.unwrap_or_default(), fingerprint))
        .map(|network| network.with_files(files(path, weights_path.as_deref())))
        .map_err(|error| located(&text, error).in_file(path, weights_path.as_deref()))
}

/// Loads a network file and returns the network with its description and weights.
pub fn load_described(path: &Path) -> Result<(Network, Description, Weights<'static>), NetworkError> {
    let OpenedFiles { text, description, weights, weights_path, fingerprint } = open(path)?;
    let tensors = weights.as_deref().map(Weights::parse).transpose().map(Option::unwrap_or_default);
    let network = tensors.and_then(|tensors| {
        let network = Network::assemble(description.clone(), tensors.clone(), fingerprint)?;
        let network = network.with_files(files(path, weights_path.as_deref()));
        Ok((network, description, tensors.into_owned()))
    });
    network.map_err(|error| located(&text, error).in_file(path, weights_path.as_deref()))
}

/// Returns the tensors that the layers of a network file ask for.
pub(crate) fn expected_tensors(path: &Path) -> Result<Vec<ExpectedTensor>, NetworkError> {
    let (description, _) = read_description(path)?;
    let mut weights = Weights::recording();
    let built = match description.precision {
        Precision::F32 => graph::assemble::<f32>(description, &mut weights).map(|_| ()),
        Precision::F64 => graph::assemble::<f64>(description, &mut weights).map(|_| ()),
    };
    built.map_err(|error| error.in_file(path, None))?;
    Ok(weights.into_expected())
}

/// Returns the key `weights` of a network file.
pub(crate) fn weights_file(path: &Path) -> Result<Option<PathBuf>, NetworkError> {
    Ok(read_description(path)?.1)
}

fn read_description(path: &Path) -> Result<(Description, Option<PathBuf>), NetworkError> {
    let network = read(path)?;
    parse(&String::from_utf8_lossy(&network)).map_err(|error| check_kind(error, path).in_file(path, None))
}

/// The network file and its weights file.
fn files(path: &Path, weights: Option<&Path>) -> Vec<PathBuf> {
    std::iter::once(path).chain(weights).map(Path::to_owned).collect()
}

fn open(path: &Path) -> Result<OpenedFiles, NetworkError> {
    let network = read(path)?;
    let fingerprint = |weights: &[u8]| digest([network.as_slice(), weights]);
    let text = std::str::from_utf8(&network).map_err(|error| {
        let line = 1 + network[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        NetworkError::Syntax { problem: format!("line {line}: not UTF-8 text") }
    });
    let parsed = text.and_then(|text| Ok((text, parse(text)?)));
    let (text, (description, weights_path)) = parsed.map_err(|error| check_kind(error, path).in_file(path, None))?;
    // `join` keeps an absolute path.
    let weights_path = weights_path.map(|weights| path.parent().unwrap_or(Path::new("")).join(weights));
    let weights = weights_path.as_deref().map(read).transpose()?;
    let fingerprint = fingerprint(weights.as_deref().unwrap_or_default());
    Ok(OpenedFiles { text: text.to_owned(), description, weights, weights_path, fingerprint })
}

/// Replaces the error if the file is of another kind.
fn check_kind(error: NetworkError, path: &Path) -> NetworkError {
    match FileKind::detect(path) {
        Some(found) if !matches!(found, FileKind::Network | FileKind::Text | FileKind::Empty) => {
            NetworkError::Kind { found }
        }
        _ => error,
    }
}

/// Writes the tensors to a `.safetensors` file next to the network file, then the network file.
pub(crate) fn write(path: &Path, description: &Description, weights: &Weights<'_>) -> Result<(), NetworkError> {
    let put = |file: &Path, bytes: &[u8]| {
        put(file, bytes).map_err(|problem| NetworkError::Write { file: file.to_owned(), problem })
    };
    let weights_path = weights_path_for(path);
    // A dangling link counts as existing, too.
    let weights_existed = weights_path.symlink_metadata().is_ok();
    let name = match (weights.serialize()?, weights_path.file_name().map(|name| name.to_str())) {
        (None, _) => None,
        (Some(_), _) if weights_path == path => {
            let problem =
                Error::other("the weights file would have the same name; use another extension, such as `.toml`");
            return Err(NetworkError::Write { file: path.to_owned(), problem });
        }
        (Some(bytes), Some(Some(name))) => {
            put(&weights_path, &bytes)?;
            Some(name)
        }
        (Some(_), _) => return Err(NetworkError::FileName { file: path.to_owned() }),
    };
    put(path, text(description, name).as_bytes()).inspect_err(|_| {
        // Weights without a network would be in the way of the next attempt. The first error is reported in any case.
        if name.is_some() && !weights_existed {
            let _ = fs::remove_file(&weights_path);
        }
    })
}

/// Path of the weights file that is written with a network file.
fn weights_path_for(path: &Path) -> PathBuf {
    path.with_extension("safetensors")
}

/// Text of a network file.
pub(crate) fn text(description: &Description, weights: Option<&str>) -> String {
    let Description { input_shape, precision, time, output, layers } = description;
    let mut text = format!("format = \"{FORMAT}\"\nversion = {VERSION}\n");
    let mut line = |key: &str, value: toml::Value| text.push_str(&format!("{key} = {value}\n"));
    if let Some(weights) = weights {
        line("weights", weights.into());
    }
    line("input_shape", integers(input_shape));
    if *precision == Precision::F64 {
        line("dtype", "f64".into());
    }
    match time {
        Time::None => {}
        Time::Steps => line("time_steps", true.into()),
        Time::Samples => line("carries_state", true.into()),
    }
    if let Some(output) = output {
        line("output", output.as_str().into());
    }
    for LayerEntry { path, kind, inputs, input_shape, settings } in layers {
        text.push_str("\n[[layers]]\n");
        let mut line = |key: &str, value: &toml::Value| text.push_str(&format!("{key} = {value}\n"));
        line("path", &path.as_str().into());
        line("kind", &kind.as_str().into());
        if let Some(inputs) = inputs {
            line("inputs", &inputs.clone().into());
        }
        if let Some(shape) = input_shape {
            line("input_shape", &integers(shape));
        }
        settings.iter().for_each(|(key, value)| line(key, value));
    }
    text
}

/// Converts a length to the value of a key. Lengths beyond `i64` are far larger than any layer can be.
pub fn integer(length: usize) -> toml::Value {
    toml::Value::Integer(i64::try_from(length).unwrap_or(i64::MAX))
}

/// Converts several lengths.
pub fn integers(lengths: &[usize]) -> toml::Value {
    toml::Value::Array(lengths.iter().copied().map(integer).collect())
}

fn read(file: &Path) -> Result<Vec<u8>, NetworkError> {
    files::read(file).map_err(|problem| NetworkError::Read { file: file.to_owned(), problem })
}

/// Parses a network file and returns the description and the path of the weights.
fn parse(text: &str) -> Result<(Description, Option<PathBuf>), NetworkError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let content = |error: TypeError| {
        let place = document.place(&error).unwrap_or_else(|| Excerpt::new(text, 0..0));
        NetworkError::Syntax { problem: error.to_string() }.at(Some(place))
    };
    let root = document.value().map_err(content)?;
    // First check the format and the version: a later version may have other keys.
    let header: Header = root.to_typed().map_err(content)?;
    if header.format != FORMAT {
        return Err(NetworkError::Format { found: header.format, expected: FORMAT });
    }
    if header.version != VERSION {
        return Err(NetworkError::Version { found: header.version, supported: VERSION });
    }
    let file: NetworkFile = root.to_typed().map_err(content)?;
    let layer = |(index, table)| {
        let place = || document.place_of_key(&[PathStep::Key("layers".to_owned()), PathStep::Index(index)]);
        layer(index + 1, table).map_err(|error| error.at(place()))
    };
    let layers = file.layers.into_iter().enumerate().map(layer);
    let layers = layers.collect::<Result<_, _>>()?;
    let time = match (file.time_steps, file.carries_state) {
        (false, false) => Time::None,
        (true, false) => Time::Steps,
        (false, true) => Time::Samples,
        (true, true) => return Err(NetworkError::TwoTimes),
    };
    let NetworkFile { input_shape, dtype, output, weights, .. } = file;
    Ok((Description { input_shape, precision: dtype, time, output, layers }, weights))
}

fn layer(number: usize, mut settings: toml::Table) -> Result<LayerEntry, NetworkError> {
    let mut text = |key: &str| match settings.remove(key) {
        Some(toml::Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => {
            Err(NetworkError::Unnamed { number, problem: format!("`{key}` must be a string that is not empty") })
        }
        None => Err(NetworkError::Unnamed { number, problem: format!("`{key}` is missing") }),
    };
    let (path, kind) = (text("path")?, text("kind")?);
    let inputs = take_list(&mut settings, number, "inputs", "a list of the paths of layers")?;
    let input_shape = take_list(&mut settings, number, "input_shape", "a list of lengths")?;
    Ok(LayerEntry { path, kind, inputs, input_shape, settings })
}

/// Removes a list from the settings, if the key exists.
fn take_list<T: DeserializeOwned>(
    settings: &mut toml::Table,
    number: usize,
    key: &str,
    expected: &str,
) -> Result<Option<Vec<T>>, NetworkError> {
    let Some(list) = settings.remove(key) else { return Ok(None) };
    let problem = |_| NetworkError::Unnamed { number, problem: format!("`{key}` must be {expected}") };
    list.try_into().map(Some).map_err(problem)
}

/// Text that is not TOML.
fn syntax(text: &str, error: &toml::de::Error) -> NetworkError {
    let place = Excerpt::new(text, error.span().unwrap_or_default());
    NetworkError::Syntax { problem: error.message().replace('\n', "; ") }.at(Some(place))
}

/// Adds the place of the layer or its key to an error about a layer.
fn located(text: &str, error: NetworkError) -> NetworkError {
    let place = error.layer().and_then(|(layer, key)| {
        let document = Document::parse(text).ok()?;
        let Value::Map(entries) = document.value().ok()? else { return None };
        let Value::List(layers) = entries.into_iter().find(|(name, _)| name == "layers")?.1 else { return None };
        let is_named = |table: &Value| matches!(table.get("path"), Some(Value::Text(path)) if path == layer);
        // Of two layers with the same path, the later one is wrong.
        let index = layers.iter().rposition(is_named)?;
        let place =
            |key: &str| [PathStep::Key("layers".to_owned()), PathStep::Index(index), PathStep::Key(key.to_owned())];
        match key.filter(|key| layers[index].get(key).is_some()) {
            // A setting may be unknown, so that its key is wrong and its value may be right.
            Some(key) if matches!(error, NetworkError::Setting { .. }) => document.place_of_key(&place(key)),
            key => document.place_of_value(&place(key.unwrap_or("path"))),
        }
    });
    error.at(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    const HEAD: &str = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [4]\n";

    #[test]
    fn format_and_version_are_checked_before_other_keys() {
        let text = "format = \"other\"\nversion = 1\nbogus = 1";
        assert_eq!(problem(text), "`format` must be \"neurobench-network\", found \"other\"");
        let text = "format = \"neurobench-network\"\nversion = 2\nbogus = 1";
        assert_eq!(problem(text), "unsupported format version 2: this release reads version 1");
        assert!(problem("").contains("missing key `format`"));
    }

    #[test]
    fn unknown_keys_are_reported_with_their_line() {
        let text = format!("{HEAD}steps = true\n");
        assert!(problem(&text).starts_with("4:1: unknown key `steps`; expected one of"), "{}", problem(&text));
        assert!(problem(&text).ends_with("\n  |\n4 | steps = true\n  | ^^^^^"), "{}", problem(&text));
    }

    #[test]
    fn a_layer_needs_a_path_and_a_kind() {
        let text = format!("{HEAD}[[layers]]\nkind = \"relu\"\n");
        let place = "  |\n4 | [[layers]]\n  | ^^^^^^^^^^";
        assert_eq!(problem(&text), format!("4:1: layer number 1 (counted from 1): `path` is missing\n{place}"));
        let text = format!("{HEAD}[[layers]]\npath = \"0\"\nkind = 3\n");
        let expected = "4:1: layer number 1 (counted from 1): `kind` must be a string that is not empty\n";
        assert!(problem(&text).starts_with(expected), "{}", problem(&text));
    }
}
