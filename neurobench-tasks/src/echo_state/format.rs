//! Files of echo state networks.

use std::path::Path;

use neurobench_core::component::{FileKeys, Params, from_known};
use neurobench_core::files;
use neurobench_core::model::{Model, ModelFileError, ModelFormat};
use neurobench_core::model_format;
use neurobench_core::value::{Document, PathStep, TypeError, TypeProblem};

use crate::echo_state::{EchoStateConfig, EchoStateNetwork};

/// Files of echo state networks: their settings in TOML. Weights are drawn and fitted.
///
/// Such a file ends in `.esn`, and has no other keys than these settings:
///
/// ```toml
/// reservoir_size = 186
/// bias_scale = 0.68
/// input_scale = 0.85
/// connection_probability = 0.11
/// spectral_radius = 1.09
/// leak = 0.58
/// ridge = 1e-8
/// washout = 45
/// reservoirs = 30
/// ```
///
/// With inputs `u` and the state `r` of the reservoir, which is zero before the first sample of a sequence, a time step is
/// `v = (1, u)`, `r ← (1 - leak)·r + leak·tanh(W_in·v + W·r)`, `y = W_out·(v, r)`. `W_in` and `W` are drawn. `W_out`
/// minimizes `Σ (y - target)² + ridge·Σ W_out²` over the training samples of each sequence after the washout, so the data
/// set must have training samples, as `mackey_glass` has.
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

    fn keys(&self) -> Option<FileKeys> {
        Some(FileKeys::new::<EchoStateConfig>())
    }

    fn read(&self, file: &Path) -> Result<Box<dyn Model>, ModelFileError> {
        let problem = |problem: String| format!("`{}`: {problem}", file.display());
        let bytes = files::read(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
        let text = String::from_utf8(bytes).map_err(|_| problem("not text".to_owned()))?;
        let document = Document::parse(&text).map_err(|error| problem(error.to_string()))?;
        let keys: Params = document.value().and_then(|value| value.to_typed()).map_err(|error| {
            let line = document.place(&error).map(|place| format!("line {}: ", place.line())).unwrap_or_default();
            problem(format!("{line}{error}"))
        })?;
        let config: EchoStateConfig = from_known(&keys).map_err(|error| {
            let key = error.setting().filter(|key| keys.contains_key(*key));
            let line = key.and_then(|key| {
                let path = vec![PathStep::Key(key.to_owned())];
                document.place(&TypeError { path, problem: TypeProblem::Other(error.to_string()) })
            });
            let line = line.map(|place| format!("line {}: ", place.line())).unwrap_or_default();
            problem(format!("{line}{error}"))
        })?;
        let network = EchoStateNetwork::new(config).map_err(|error| problem(error.to_string()))?;
        Ok(Box::new(network.with_files([file.to_owned()])))
    }
}
