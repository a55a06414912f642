//! Files of echo state networks.

use std::path::Path;

use neurobench_core::files;
use neurobench_core::model::{Model, ModelFileError, ModelFormat};
use neurobench_core::model_format;
use neurobench_core::value::Document;

use crate::echo_state::{EchoStateConfig, EchoStateNetwork};

/// Files of echo state networks: their settings in TOML. Weights are drawn and fitted.
#[model_format(type = EchoStateFormat, cite = "https://doi.org/10.1016/j.neunet.2007.04.016")]
pub fn echo_state_network() -> impl ModelFormat {
    EchoStateFiles
}

struct EchoStateFiles;

impl ModelFormat for EchoStateFiles {
    fn extensions(&self) -> &'static [&'static str] {
        &["esn"]
    }

    fn description(&self) -> &'static str {
        "settings of an echo state network (.esn)"
    }

    fn read(&self, file: &Path) -> Result<Box<dyn Model>, ModelFileError> {
        let problem = |problem: String| format!("`{}`: {problem}", file.display());
        let bytes = files::read(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
        let text = String::from_utf8(bytes).map_err(|_| problem("not text".to_owned()))?;
        let document = Document::parse(&text).map_err(|error| problem(error.to_string()))?;
        let config: EchoStateConfig = document.value().and_then(|value| value.to_typed()).map_err(|error| {
            let line = document.place(&error).map(|place| format!("line {}: ", place.line())).unwrap_or_default();
            problem(format!("{line}{error}"))
        })?;
        let network = EchoStateNetwork::new(config).map_err(|error| problem(error.to_string()))?;
        Ok(Box::new(network.with_files([file.to_owned()])))
    }
}
