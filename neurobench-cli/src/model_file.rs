//! Arguments that `inspect` and `convert` share, and the format of a file by its extension.

use std::path::Path;

use neurobench_core::Value;
use neurobench_core::component::{ItemKind, Params, Registration, Spec, TakesSettings as _};
use neurobench_core::model::{ModelFormats, model_formats};
use neurobench_core::names::listed;
use neurobench_network::Dynamics;

use crate::CommandError;

/// Rule and time step of a NIR graph, which contains neither, and of other formats that have these settings.
#[derive(clap::Args)]
pub(crate) struct SteppingArguments {
    /// Simulator whose steps a graph takes.
    ///
    /// For NIR graphs: norse, snntorch, spinnaker2, lava, nengo, sinabs, rockpool or spyx. The default is in the metadata of the
    /// graph.
    #[arg(long, value_name = "NAME")]
    dynamics: Option<Dynamics>,
    /// Time step of a graph in seconds.
    ///
    /// For NIR graphs. The default is in the metadata of the graph.
    #[arg(long, value_name = "SECONDS")]
    dt: Option<f64>,
}

impl SteppingArguments {
    /// The arguments as settings of a model format.
    pub(crate) fn settings(&self) -> Result<Params, CommandError> {
        let mut settings = Params::new();
        if let Some(dynamics) = self.dynamics {
            settings.insert("dynamics".to_owned(), Value::from_serialize(&dynamics)?);
        }
        if let Some(dt) = self.dt {
            settings.insert("dt".to_owned(), Value::Float(dt));
        }
        Ok(settings)
    }
}

type Format = <ModelFormats as ItemKind>::Item;

/// Format of a file.
pub(crate) enum FileFormat {
    /// Model of a registered format.
    Model(&'static Registration<ModelFormats>),
    /// Tensors of `torch.save`.
    Pytorch,
    /// Tensors.
    Safetensors,
}

impl FileFormat {
    /// Format of a file by its extension.
    pub(crate) fn from_extension(file: &Path) -> Result<Self, CommandError> {
        let extension = extension(file);
        match extension.as_str() {
            "pt" | "pth" => return Ok(Self::Pytorch),
            "safetensors" => return Ok(Self::Safetensors),
            _ => {}
        }
        let formats = with_defaults();
        if let Some((entry, _)) = formats.iter().find(|(_, format)| format.extensions().contains(&extension.as_str())) {
            return Ok(Self::Model(entry));
        }
        let known = formats.iter().map(|(_, format)| format.description());
        let known = listed(known.chain(["a PyTorch checkpoint (.pt, .pth)", "tensors (.safetensors)"]));
        Err(format!("`{}` has none of the extensions of known files: {known}", file.display()).into())
    }
}

/// Registered format that converts between files with the extensions of these.
pub(crate) fn converter(from: &Path, to: &Path) -> Option<&'static Registration<ModelFormats>> {
    let pair = (extension(from), extension(to));
    let converts = |format: &Format| format.conversions().contains(&(pair.0.as_str(), pair.1.as_str()));
    with_defaults().into_iter().find(|(_, format)| converts(&**format)).map(|(entry, _)| entry)
}

/// Every conversion that is linked into the program, for messages.
pub(crate) fn conversions() -> String {
    let registered = with_defaults().into_iter().flat_map(|(_, format)| format.conversions().to_vec());
    let pairs = registered.map(|(from, to)| format!("from .{from} to .{to}"));
    listed(["from .pt or .pth to .safetensors".to_owned()].into_iter().chain(pairs))
}

/// Constructs a format with settings from the command line.
pub(crate) fn construct(entry: &Registration<ModelFormats>, settings: Params) -> Result<Box<Format>, CommandError> {
    let params = entry.constructor.params();
    match settings.keys().find(|name| !params.iter().any(|param| param.name == name.as_str())) {
        Some(name) => Err(no_setting(name).into()),
        None => Ok(model_formats().construct(&Spec::new(entry.name.to_owned(), settings))?.item),
    }
}

/// Reports that the format of a file does not have a setting, and the formats that do.
pub(crate) fn no_setting(name: &str) -> String {
    let has = |entry: &Registration<ModelFormats>| entry.constructor.params().iter().any(|param| param.name == name);
    let formats = with_defaults();
    let having = formats.iter().filter(|(entry, _)| has(entry)).map(|(_, format)| format.description());
    format!("`--{name}` is only for files of these formats: {}", listed(having))
}

/// Every registered format with its default settings. The extension cannot decide for a format with required settings.
fn with_defaults() -> Vec<(&'static Registration<ModelFormats>, Box<Format>)> {
    let entries = model_formats().iter().filter(|entry| !entry.is_variant());
    entries.filter_map(|entry| Some((entry, entry.constructor.construct(&Params::new()).ok()?.item))).collect()
}

fn extension(file: &Path) -> String {
    file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}
