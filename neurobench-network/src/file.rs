//! The declarative network file, as the page of the room describes it.

use std::fs;
use std::io::Error;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::NetworkError;
use crate::weights::Weights;
use crate::{Network, digest};
use neurobench_core::files::{self, FileKind, put};
use neurobench_core::names::hinted;

/// What `format` says in a network file.
const FORMAT: &str = "neurobench-network";
/// The version of the format that is read.
const VERSION: u64 = 1;

/// What every version of the format has.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

/// The whole file.
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

/// What a network computes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Double precision.
    F64,
}

/// Where a network's time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Time {
    /// Nowhere: each sample is run once, from rest.
    #[default]
    None,
    /// On the second axis: the steps of a sample follow each other, and each sample starts from rest.
    Steps,
    /// On the first axis: each sample is a step of a sequence, and state is carried from one to the next.
    Samples,
}

/// A network without its weights.
#[derive(Clone, Debug)]
pub struct Description {
    /// The shape of one sample at one step.
    pub input_shape: Vec<usize>,
    /// What it computes in.
    pub precision: Precision,
    /// Where its time is.
    pub time: Time,
    /// The path of the layer whose outputs are the network's; the last one's, if it is not said.
    pub output: Option<String>,
    /// Its layers, in the order in which they run.
    pub layers: Vec<LayerEntry>,
}

/// One layer of a description.
#[derive(Clone, Debug)]
pub struct LayerEntry {
    /// Its path, a name that no other layer has.
    pub path: String,
    /// Its kind, as `linear`.
    pub kind: String,
    /// Where its inputs come from; from the layer before, if it is not said.
    pub inputs: Option<Vec<String>>,
    /// The shape of its inputs, which must be said if they all come from later layers.
    pub input_shape: Option<Vec<usize>>,
    /// The keys of the kind.
    pub settings: toml::Table,
}

/// A network file and its weights as they were read.
struct Opened {
    description: Description,
    weights: Option<Vec<u8>>,
    weights_path: Option<PathBuf>,
    fingerprint: String,
}

/// Loads a network file and its weights.
pub(crate) fn load(path: &Path) -> Result<Network, NetworkError> {
    let Opened { description, weights, weights_path, fingerprint } = open(path)?;
    let tensors = weights.as_deref().map(Weights::parse).transpose();
    tensors
        .and_then(|tensors| Network::assemble(description, tensors.unwrap_or_default(), fingerprint))
        .map_err(|error| error.within(path, weights_path.as_deref()))
}

/// The network of a file, and what it is made of.
///
/// # Errors
///
/// As [`Network::load`].
pub fn load_described(path: &Path) -> Result<(Network, Description, Weights<'static>), NetworkError> {
    let Opened { description, weights, weights_path, fingerprint } = open(path)?;
    let tensors = weights.as_deref().map(Weights::parse).transpose().map(Option::unwrap_or_default);
    let network = tensors.and_then(|tensors| {
        let network = Network::assemble(description.clone(), tensors.clone(), fingerprint)?;
        Ok((network, description, tensors.into_owned()))
    });
    network.map_err(|error| error.within(path, weights_path.as_deref()))
}

fn open(path: &Path) -> Result<Opened, NetworkError> {
    let network = read(path)?;
    let text = std::str::from_utf8(&network).map_err(|error| {
        let line = 1 + network[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        NetworkError::Syntax { line, problem: "not UTF-8 text".to_owned() }
    });
    let (description, weights_path) = text.and_then(parse).map_err(|error| of_kind(error, path).within(path, None))?;
    // A path that is absolute stays as it is.
    let weights_path = weights_path.map(|weights| path.parent().unwrap_or(Path::new("")).join(weights));
    let weights = weights_path.as_deref().map(read).transpose()?;
    let fingerprint = digest([network.as_slice(), weights.as_deref().unwrap_or_default()]);
    Ok(Opened { description, weights, weights_path, fingerprint })
}

/// What is wrong with what should be a network file: of one of another kind, that it is.
fn of_kind(error: NetworkError, path: &Path) -> NetworkError {
    match FileKind::detect(path) {
        Some(found) if !matches!(found, FileKind::Network | FileKind::Text | FileKind::Empty) => {
            NetworkError::Kind { found }
        }
        _ => error,
    }
}

/// Writes a network file, and what it stores as `.safetensors` beside it, first.
pub(crate) fn write(path: &Path, description: &Description, weights: &Weights<'_>) -> Result<(), NetworkError> {
    let put = |file: &Path, bytes: &[u8]| {
        put(file, bytes).map_err(|problem| NetworkError::Write { file: file.to_owned(), problem })
    };
    let weights_path = weights_beside(path);
    // A link that leads nowhere is there, too.
    let weights_were_there = weights_path.symlink_metadata().is_ok();
    let name = match (weights.serialize()?, weights_path.file_name().map(|name| name.to_str())) {
        (None, _) => None,
        (Some(_), _) if weights_path == path => {
            let problem = Error::other("its weights would take its place; give it another extension, such as `.toml`");
            return Err(NetworkError::Write { file: path.to_owned(), problem });
        }
        (Some(bytes), Some(Some(name))) => {
            put(&weights_path, &bytes)?;
            Some(name)
        }
        (Some(_), _) => return Err(NetworkError::FileName { file: path.to_owned() }),
    };
    put(path, text(description, name).as_bytes()).inspect_err(|_| {
        // Weights of no network would be in the way of the next attempt. That it failed is told in any case.
        if name.is_some() && !weights_were_there {
            let _ = fs::remove_file(&weights_path);
        }
    })
}

/// The weights file of a network file that is written.
fn weights_beside(path: &Path) -> PathBuf {
    path.with_extension("safetensors")
}

/// A description as a file has it.
fn text(description: &Description, weights: Option<&str>) -> String {
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

/// A length as a key's value. One that no such value holds is far beyond what any layer can be.
#[must_use]
pub fn integer(length: usize) -> toml::Value {
    toml::Value::Integer(i64::try_from(length).unwrap_or(i64::MAX))
}

/// Several lengths as a key's value.
#[must_use]
pub fn integers(lengths: &[usize]) -> toml::Value {
    toml::Value::Array(lengths.iter().copied().map(integer).collect())
}

fn read(file: &Path) -> Result<Vec<u8>, NetworkError> {
    files::read(file).map_err(|problem| NetworkError::Read { file: file.to_owned(), problem })
}

/// The description and the path of the weights.
fn parse(text: &str) -> Result<(Description, Option<PathBuf>), NetworkError> {
    // First what tells whether the rest can be understood: a later version may have other keys.
    let header: Header = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    if header.format != FORMAT {
        return Err(NetworkError::Format { found: header.format, expected: FORMAT });
    }
    if header.version != VERSION {
        return Err(NetworkError::Version { found: header.version, supported: VERSION });
    }
    let file: NetworkFile = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    let layers = file.layers.into_iter().enumerate().map(|(index, table)| layer(index + 1, table));
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
        Some(_) => Err(NetworkError::Unnamed { number, problem: format!("`{key}` must be text, and not empty") }),
        None => Err(NetworkError::Unnamed { number, problem: format!("`{key}` is missing") }),
    };
    let (path, kind) = (text("path")?, text("kind")?);
    let inputs = listed(&mut settings, number, "inputs", "a list of the paths of layers")?;
    let input_shape = listed(&mut settings, number, "input_shape", "a list of lengths")?;
    Ok(LayerEntry { path, kind, inputs, input_shape, settings })
}

/// The list of this key, if it is there.
fn listed<T: DeserializeOwned>(
    settings: &mut toml::Table,
    number: usize,
    key: &str,
    expected: &str,
) -> Result<Option<Vec<T>>, NetworkError> {
    let Some(list) = settings.remove(key) else { return Ok(None) };
    let problem = |_| NetworkError::Unnamed { number, problem: format!("`{key}` must be {expected}") };
    list.try_into().map(Some).map_err(problem)
}

fn syntax(text: &str, error: &toml::de::Error) -> NetworkError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    NetworkError::Syntax { line, problem: hinted(&error.message().replace('\n', "; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    const HEAD: &str = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [4]\n";

    #[test]
    fn a_file_of_another_format_or_version_is_refused_before_its_keys_are_read() {
        let text = "format = \"other\"\nversion = 1\nbogus = 1";
        assert_eq!(problem(text), "`format` is \"other\", not \"neurobench-network\"");
        let text = "format = \"neurobench-network\"\nversion = 2\nbogus = 1";
        assert_eq!(problem(text), "version 2 of the format is not known; this release reads version 1");
        assert!(problem("").contains("missing field `format`"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let text = format!("{HEAD}steps = true\n");
        assert!(problem(&text).starts_with("line 4: unknown field `steps`"), "{}", problem(&text));
    }

    #[test]
    fn a_layer_needs_a_path_and_a_kind() {
        let text = format!("{HEAD}[[layers]]\nkind = \"relu\"\n");
        assert_eq!(problem(&text), "layer number 1 (counted from 1): `path` is missing");
        let text = format!("{HEAD}[[layers]]\npath = \"0\"\nkind = 3\n");
        assert_eq!(problem(&text), "layer number 1 (counted from 1): `kind` must be text, and not empty");
    }
}
