//! The metrics that a benchmark requests, each once.
//!
//! Several names for the same type and settings are one entry of the report with several names: the value is computed
//! once.

use std::any::TypeId;
use std::collections::HashMap;

use crate::bench::error::BuildError;
use crate::component::{Named, RegistryError};
use crate::metric::factory::Requested;
use crate::metric::plan::canonical;
use crate::metric::{Metrics, Plan};

/// One requested metric. Requests with equal settings are one metric with several names.
pub(crate) struct MetricRequest {
    /// At least one.
    pub(crate) names: Vec<String>,
    pub(crate) requested: Requested,
    /// Indices of its cores in the plan.
    pub(crate) cores: Vec<usize>,
}

/// Collects requests, and everything that is wrong with them.
#[derive(Default)]
pub(crate) struct MetricRequests {
    pub(crate) metrics: Vec<MetricRequest>,
    pub(crate) plan: Plan,
    pub(crate) errors: Vec<BuildError>,
    index: HashMap<(TypeId, String), usize>,
}

impl MetricRequests {
    /// The identity and the item of a constructed component; an error is kept for the end.
    pub(crate) fn accepted<I: ?Sized>(
        &mut self,
        constructed: Result<Named<I>, RegistryError>,
    ) -> Option<(String, Box<I>)> {
        match constructed {
            Ok(Named { identity, item }) => Some((identity, item)),
            Err(error) => {
                self.errors.push(error.into());
                None
            }
        }
    }

    /// Adds one request under a name.
    pub(crate) fn add(&mut self, name: String, requested: Result<Requested, RegistryError>) {
        let requested = match requested {
            Ok(requested) => requested,
            Err(error) => return self.errors.push(error.into()),
        };
        if self.metrics.iter().any(|metric| metric.names.contains(&name)) {
            return self.errors.push(BuildError::SameName(name));
        }
        let key = (requested.type_id, canonical(&requested.params));
        if let Some(at) = self.index.get(&key) {
            return self.metrics[*at].names.push(name);
        }
        match requested.metric.cores(&mut self.plan) {
            Ok(cores) => {
                self.index.insert(key, self.metrics.len());
                self.metrics.push(MetricRequest { names: vec![name], requested, cores });
            }
            Err(error) => {
                self.errors.push(RegistryError::settings::<Metrics>(requested.about.component.name, error).into());
            }
        }
    }
}
