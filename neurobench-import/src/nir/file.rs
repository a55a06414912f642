//! NIR graphs as a model format.

use std::fmt;
use std::path::{Path, PathBuf};

use neurobench_core::model::{Model, ModelFileError, ModelFormat};
use neurobench_core::model_format;
use neurobench_network::{Dynamics, Network, NetworkBuilder, Simulator};

use crate::nir::{Graph, Lifting, Loss, NirError, Stepping};

/// NIR graphs in HDF5 files. A graph has neither a time step nor a rule for stepping: `dynamics` and `dt` are required unless the
/// metadata of the graph state them.
#[model_format(type = NirFormat, crate = neurobench_core)]
pub fn nir(
    /// Rule for stepping: that of a simulator (`norse`, `snntorch`, `spinnaker2`, `lava`, `nengo`, `sinabs`, `rockpool`, `spyx`), or
    /// a table that spells it out.
    #[param(default = None)]
    dynamics: Option<Dynamics>,
    /// Time step in seconds.
    #[param(default = None)]
    dt: Option<f64>,
    /// True if samples are the steps of a sequence and state is carried from one to the next. By default each sample has steps.
    #[param(default = false)]
    carries_state: bool,
) -> impl ModelFormat {
    NirFiles { stepping: Stepping { dynamics, dt }, carries_state }
}

struct NirFiles {
    stepping: Stepping,
    carries_state: bool,
}

impl ModelFormat for NirFiles {
    fn extensions(&self) -> &'static [&'static str] {
        &["nir"]
    }

    fn description(&self) -> &'static str {
        "a NIR graph (.nir)"
    }

    fn read(&self, file: &Path) -> Result<Box<dyn Model>, ModelFileError> {
        Ok(Box::new(read_network(file, &self.stepping, self.carries_state)?))
    }

    fn conversions(&self) -> &'static [(&'static str, &'static str)] {
        &[("nir", "toml"), ("toml", "nir")]
    }

    fn convert(&self, from: &Path, to: &Path, allowed_losses: &[String]) -> Result<(), ModelFileError> {
        let losses = allowed_losses.iter().map(|name| name.parse()).collect::<Result<Vec<Loss>, _>>()?;
        if from.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("nir")) {
            return self.convert_to_network(from, to, &losses);
        }
        if self.stepping.dynamics.is_some() {
            return Err("`dynamics` is for NIR graphs; a network file has it in each layer".into());
        }
        Ok(lift(from, Lifting { dt: self.stepping.dt, allowed_losses: losses })?.write(to)?)
    }
}

impl NirFiles {
    fn convert_to_network(&self, from: &Path, to: &Path, losses: &[Loss]) -> Result<(), ModelFileError> {
        let weights = to.with_extension("safetensors");
        // A link to a file that does not exist is an existing file, too.
        if weights.symlink_metadata().is_ok() {
            let weights = weights.display();
            return Err(format!("`{weights}` already exists; remove it, or name another file").into());
        }
        let graph = Graph::read(from)?;
        let lost = graph.check_losses(losses).err();
        let network = graph.to_network_or_problems(&self.stepping, lost.into_iter().collect());
        Ok(network.map_err(|problems| NirProblems { file: from.to_owned(), problems })?.write(to)?)
    }
}

/// The graph of a network file, or everything that must be given for there to be one.
fn lift(file: &Path, mut lifting: Lifting) -> Result<Graph, ModelFileError> {
    let mut problems = Vec::new();
    let mut graph = Graph::from_network_file(file, &lifting);
    if let Err(NirError::NoLayerTimeStep { layer }) = graph {
        problems.push(NirError::NoLayerTimeStep { layer });
        lifting.dt = Some(1.0);
        graph = Graph::from_network_file(file, &lifting);
    }
    match graph {
        Ok(graph) if problems.is_empty() => return Ok(graph),
        Err(NirError::Network(error)) => return Err(error.into()),
        // Any other error may be due to the supposed time step alone.
        Err(error) if problems.is_empty() || matches!(error, NirError::Lossy { .. }) => problems.push(error),
        _ => {}
    }
    Err(NirProblems { file: file.to_owned(), problems }.into())
}

/// Reads a NIR file as a network.
///
/// With `carries_state`, samples are the steps of a sequence; else each sample has steps.
///
/// # Errors
///
/// A file that cannot be read; everything that must be given for there to be a network, at once.
pub fn read_network(file: &Path, stepping: &Stepping, carries_state: bool) -> Result<Network, ModelFileError> {
    let built = Graph::read(file)?.to_network_or_problems(stepping, Vec::new());
    let mut builder = built.map_err(|problems| NirProblems { file: file.to_owned(), problems })?;
    if carries_state {
        builder = builder.carrying_state();
    }
    let network = builder.build().map_err(|problem| format!("{}: {problem}", file.display()))?;
    Ok(network.with_files([file.to_owned()]))
}

/// Everything that is wrong with the graph of a file, or with a network that becomes one.
#[derive(Debug)]
pub struct NirProblems {
    /// The file.
    pub file: PathBuf,
    /// Its problems.
    pub problems: Vec<NirError>,
}

impl NirProblems {
    /// Text with the description of each problem that `describe` returns.
    pub fn text(&self, describe: impl Fn(&NirError) -> String) -> String {
        let file = self.file.display();
        match self.problems.as_slice() {
            [only] => format!("{file}: {}", describe(only)),
            several => {
                several.iter().fold(format!("{file}: {} things are missing:", several.len()), |text, problem| {
                    text + "\n  - " + &describe(problem)
                })
            }
        }
    }
}

impl fmt::Display for NirProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(ToString::to_string))
    }
}

impl std::error::Error for NirProblems {}

impl Graph {
    /// Turns the graph into a network, as [`to_network`](Self::to_network) does, and finds everything that is missing, one after the
    /// other, as if what was found before were given.
    ///
    /// # Errors
    ///
    /// These problems, after those that are passed in.
    pub fn to_network_or_problems(
        &self,
        stepping: &Stepping,
        mut problems: Vec<NirError>,
    ) -> Result<NetworkBuilder, Vec<NirError>> {
        let (mut supposed, mut supposes) = (*stepping, false);
        loop {
            let error = match self.to_network(&supposed) {
                Ok(network) if problems.is_empty() => return Ok(network),
                Ok(_) => return Err(problems),
                Err(error) => error,
            };
            match error {
                NirError::NoTimeStep { .. } if supposed.dt.is_none() => supposed.dt = Some(1.0),
                NirError::NoDynamics { .. } if supposed.dynamics.is_none() => {
                    supposed.dynamics = Some(Simulator::Norse.into());
                }
                // The supposition alone may be what is wrong.
                _ if supposes => return Err(problems),
                error => {
                    problems.push(error);
                    return Err(problems);
                }
            }
            problems.push(error);
            supposes = true;
        }
    }
}
