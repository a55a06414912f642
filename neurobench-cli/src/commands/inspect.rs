//! `neurobench inspect`.

use std::path::{Path, PathBuf};

use comfy_table::CellAlignment;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Serialize;

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::model_file::{FileFormat, SteppingArguments, construct, no_setting};
use crate::print::print;
use crate::table::plain;
use neurobench_core::files::{self, FileKind};
use neurobench_core::model::{FanOut, Layer, Model, ModelStructure, StoredTensor, TensorRole};
use neurobench_core::names::shown;
use neurobench_import::pytorch::{NamedTensor, StateDict};

/// Print the layers or tensors of a model file.
#[derive(clap::Args)]
struct InspectArguments {
    /// Network, NIR graph, or file of tensors.
    ///
    /// Network file (.toml), NIR graph (.nir), file of another linked model format, or tensors (.safetensors, .pt, .pth).
    model: PathBuf,
    #[command(flatten)]
    stepping: SteppingArguments,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

subcommand!(InspectArguments);

impl Subcommand for InspectArguments {
    const NAME: &'static str = "inspect";
    const POSITION: u32 = 5;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench inspect network.toml", "List the layers of a network"),
        ("neurobench inspect weights.safetensors --json", "List tensors as JSON"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        inspect(&self.model, &self.stepping, self.json)
    }
}

fn inspect(file: &Path, stepping: &SteppingArguments, json: bool) -> Result<Exit, CommandError> {
    let format = FileFormat::from_extension(file)?;
    let settings = stepping.settings()?;
    if let (Some(name), FileFormat::Pytorch | FileFormat::Safetensors) = (settings.keys().next(), &format) {
        return Err(no_setting(name).into());
    }
    let text = match format {
        FileFormat::Model(format) => {
            let read = construct(format, settings)?.read(file).map_err(|error| -> CommandError { error })?;
            model(&*read, json)?
        }
        FileFormat::Pytorch => tensors(&InspectedTensors::from_pytorch(&StateDict::load(file)?), json)?,
        FileFormat::Safetensors => {
            let read = |problem: &dyn std::fmt::Display| format!("cannot read `{}`: {problem}", file.display());
            let bytes = files::read(file).map_err(|problem| read(&problem))?;
            let looks = || FileKind::hint(file, &[FileKind::Safetensors]);
            let parsed = SafeTensors::deserialize(&bytes).map_err(|problem| read(&format!("{problem}{}", looks())))?;
            tensors(&InspectedTensors::from_safetensors(&parsed), json)?
        }
    };
    print(&text)?;
    Ok(Exit::Success)
}

fn model(model: &dyn Model, json: bool) -> Result<String, CommandError> {
    let structure = model.structure();
    let inspected = Inspected::from_model(model, &structure);
    Ok(if json { serde_json::to_string_pretty(&inspected)? + "\n" } else { inspected.table() })
}

fn tensors(inspected: &InspectedTensors, json: bool) -> Result<String, CommandError> {
    Ok(if json { serde_json::to_string_pretty(inspected)? + "\n" } else { inspected.table() })
}

/// Tensors without their numbers.
#[derive(Serialize)]
struct InspectedTensors {
    tensors: Vec<InspectedTensor>,
    /// Further content of the file.
    skipped: Vec<InspectedSkipped>,
    bytes: usize,
}

#[derive(Serialize)]
struct InspectedTensor {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    bytes: usize,
}

#[derive(Serialize)]
struct InspectedSkipped {
    name: String,
    what: &'static str,
}

impl InspectedTensors {
    fn from_pytorch(tensors: &StateDict) -> Self {
        let skipped = tensors.skipped().iter();
        let skipped = skipped.map(|skipped| InspectedSkipped { name: skipped.name.clone(), what: skipped.what });
        let inspected = |tensor: &NamedTensor| InspectedTensor {
            name: tensor.name.clone(),
            dtype: format!("{:?}", tensor.dtype).to_lowercase(),
            shape: tensor.shape.clone(),
            bytes: tensor.bytes.len(),
        };
        Self::new(tensors.tensors().iter().map(inspected).collect(), skipped.collect())
    }

    fn from_safetensors(tensors: &SafeTensors<'_>) -> Self {
        let inspected = |(name, tensor): (&str, TensorView<'_>)| InspectedTensor {
            name: name.to_owned(),
            dtype: tensor.dtype().to_string().to_lowercase(),
            shape: tensor.shape().to_vec(),
            bytes: tensor.data().len(),
        };
        let mut tensors: Vec<_> = tensors.iter().map(inspected).collect();
        tensors.sort_by(|one, other| one.name.cmp(&other.name));
        Self::new(tensors, Vec::new())
    }

    fn new(tensors: Vec<InspectedTensor>, skipped: Vec<InspectedSkipped>) -> Self {
        Self { bytes: tensors.iter().map(|tensor| tensor.bytes).sum(), tensors, skipped }
    }

    fn table(&self) -> String {
        let mut table = plain(["tensor", "dtype", "shape", "bytes"]);
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for InspectedTensor { name, dtype, shape, bytes } in &self.tensors {
            table.add_row([shown(name), dtype.clone(), format!("{shape:?}"), bytes.to_string()]);
        }
        table.add_row(["total".to_owned(), String::new(), String::new(), self.bytes.to_string()]);
        let s = if self.tensors.len() == 1 { "" } else { "s" };
        let mut text = format!("{} tensor{s}\n{table}\n", self.tensors.len());
        for InspectedSkipped { name, what } in &self.skipped {
            text.push_str(&format!("not a tensor: `{}`, {what}\n", shown(name)));
        }
        text
    }
}

/// A model without its numbers. Unknown parts of its structure are `null`.
#[derive(Serialize)]
struct Inspected<'a> {
    fingerprint: Option<String>,
    /// Shape of one sample, at one time step if there are steps; so are all shapes here.
    input_shape: Option<&'a [usize]>,
    output_shape: Option<&'a [usize]>,
    time_steps: bool,
    carries_state: bool,
    dtype: Option<String>,
    /// Path of the layer whose outputs are those of the model.
    output: Option<&'a str>,
    layers: Vec<InspectedLayer<'a>>,
    totals: Amounts,
}

#[derive(Serialize)]
struct InspectedLayer<'a> {
    path: &'a str,
    kind: &'a str,
    output_shape: Option<&'a [usize]>,
    #[serde(flatten)]
    amounts: Amounts,
}

/// Amounts that a layer stores and computes. The last three are zero for layers without weights between inputs and outputs.
#[derive(Clone, Copy, Default, Serialize)]
struct Amounts {
    parameters: u64,
    bytes: u64,
    weights: u64,
    nonzero_weights: u64,
    /// Synaptic operations of one sample, or of one sample at one step if there are time steps, if all inputs and all weights are
    /// counted.
    dense_operations: u64,
}

impl Amounts {
    fn from_layer(layer: &Layer) -> Self {
        let weights = || layer.parameters().iter().filter(|tensor| tensor.role == TensorRole::Weight);
        Self {
            parameters: layer.parameter_count(),
            bytes: layer.bytes(),
            weights: weights().map(StoredTensor::elements).sum(),
            nonzero_weights: weights().map(|tensor| tensor.elements() - tensor.zeros).sum(),
            dense_operations: layer.fan_out().map_or(0, FanOut::dense),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            parameters: self.parameters + other.parameters,
            bytes: self.bytes + other.bytes,
            weights: self.weights + other.weights,
            nonzero_weights: self.nonzero_weights + other.nonzero_weights,
            dense_operations: self.dense_operations + other.dense_operations,
        }
    }

    /// Formats the amounts as cells of a table; amounts that do not apply are empty.
    fn cells(self) -> [String; 4] {
        let Self { parameters, bytes, weights, nonzero_weights, dense_operations } = self;
        let unless_none = |text: String, none: bool| if none { String::new() } else { text };
        [
            parameters.to_string(),
            bytes.to_string(),
            unless_none(format!("{nonzero_weights}/{weights}"), weights == 0),
            unless_none(dense_operations.to_string(), dense_operations == 0),
        ]
    }
}

impl<'a> Inspected<'a> {
    fn from_model(model: &'a dyn Model, structure: &'a ModelStructure) -> Self {
        let shapes = structure.layer_shapes.iter().map(|shape| Some(shape.as_slice()));
        let layers: Vec<_> = model
            .layers()
            .iter()
            .zip(shapes.chain(std::iter::repeat(None)))
            .map(|(layer, output_shape)| InspectedLayer {
                path: layer.path(),
                kind: layer.type_name(),
                output_shape,
                amounts: Amounts::from_layer(layer),
            })
            .collect();
        Self {
            fingerprint: model.fingerprint(),
            input_shape: structure.input_shape.as_deref(),
            output_shape: structure.output_shape.as_deref(),
            time_steps: structure.has_time_steps,
            carries_state: model.carries_state(),
            dtype: structure.dtype.map(|dtype| format!("{dtype:?}").to_lowercase()),
            output: structure.output.as_deref(),
            totals: layers.iter().map(|layer| layer.amounts).fold(Amounts::default(), Amounts::plus),
            layers,
        }
    }

    fn table(&self) -> String {
        let dense = if self.time_steps { "dense operations/step" } else { "dense operations/sample" };
        let mut table = plain(["layer", "kind", "outputs", "parameters", "bytes", "connections", dense]);
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let shape = |shape: Option<&[usize]>| shape.map_or_else(String::new, |shape| format!("{shape:?}"));
        for InspectedLayer { path, kind, output_shape, amounts } in &self.layers {
            let named = [shown(path), (*kind).to_owned(), shape(*output_shape)];
            table.add_row(named.into_iter().chain(amounts.cells()));
        }
        let total = ["total".to_owned(), String::new(), shape(self.output_shape)];
        table.add_row(total.into_iter().chain(self.totals.cells()));
        let layers = self.layers.len();
        let s = if layers == 1 { "" } else { "s" };
        let mut text = format!("{layers} layer{s}");
        if let Some(shape) = self.input_shape {
            text += &format!(" for inputs of shape {shape:?}");
        }
        text += match (self.time_steps, self.carries_state) {
            (true, _) => ", over time steps",
            (_, true) => ", with state carried from sample to sample",
            _ => "",
        };
        if let Some(dtype) = &self.dtype {
            text += &format!(", in {dtype}");
        }
        if let Some(output) = self.output {
            text += &format!("; output: {output}");
        }
        format!("{text}\n{table}\n")
    }
}
