//! The metrics of a benchmark, each once.

use std::any::TypeId;
use std::collections::HashMap;

use crate::bench::error::BuildError;
use crate::component::RegistryError;
use crate::metric::factory::Requested;
use crate::metric::plan::canonical;
use crate::metric::{Metrics, Plan};

/// One metric of a benchmark. Asked for twice with equal settings, it is one with two names.
pub(crate) struct Asked {
    /// At least one.
    pub(crate) names: Vec<String>,
    pub(crate) requested: Requested,
    /// Its cores' places in the plan.
    pub(crate) cores: Vec<usize>,
}

/// Gathers what was asked for, and everything that is wrong with it.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) asked: Vec<Asked>,
    pub(crate) plan: Plan,
    pub(crate) errors: Vec<BuildError>,
    index: HashMap<(TypeId, String), usize>,
}

impl Gathered {
    /// Takes in one request under a name.
    pub(crate) fn ask(&mut self, name: String, requested: Result<Requested, RegistryError>) {
        let requested = match requested {
            Ok(requested) => requested,
            Err(error) => return self.errors.push(error.into()),
        };
        if self.asked.iter().any(|asked| asked.names.contains(&name)) {
            return self.errors.push(BuildError::SameName(name));
        }
        let key = (requested.type_id, canonical(&requested.params));
        if let Some(at) = self.index.get(&key) {
            return self.asked[*at].names.push(name);
        }
        match requested.metric.cores(&mut self.plan) {
            Ok(cores) => {
                self.index.insert(key, self.asked.len());
                self.asked.push(Asked { names: vec![name], requested, cores });
            }
            Err(error) => {
                self.errors.push(RegistryError::settings::<Metrics>(requested.about.component.name, error).into());
            }
        }
    }
}
