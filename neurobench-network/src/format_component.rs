//! Network files as a model format.

use std::path::Path;

use neurobench_core::model::{Model, ModelFileError, ModelFormat};
use neurobench_core::model_format;

use crate::Network;

/// Network files: layers in TOML, with weights in a `.safetensors` file beside it.
#[model_format(type = NetworkFormat, crate = neurobench_core)]
pub fn network() -> impl ModelFormat {
    NetworkFiles
}

struct NetworkFiles;

impl ModelFormat for NetworkFiles {
    fn extensions(&self) -> &'static [&'static str] {
        &["toml"]
    }

    fn description(&self) -> &'static str {
        "a network file (.toml)"
    }

    fn read(&self, file: &Path) -> Result<Box<dyn Model>, ModelFileError> {
        Ok(Box::new(Network::load(file)?))
    }
}
