//! The distinct metrics that a benchmark requests.
//!
//! Requests for the same type and settings under several names become one entry of the report with several names. Its
//! value is computed once.

use std::any::TypeId;
use std::collections::HashMap;
use std::path::PathBuf;

use crate::bench::error::BuildError;
use crate::component::{Named, RegistryError};
use crate::metric::factory::Requested;
use crate::metric::plan::canonical;
use crate::metric::{Metrics, Plan};
use crate::names::loose;

/// One requested metric. Requests with the same type and settings are one metric with several names.
pub(crate) struct RequestedMetric {
    /// Names of the entry in the report; at least one.
    pub(crate) names: Vec<String>,
    /// Names under which it was asked for, in loose form.
    pub(crate) asked: Vec<String>,
    pub(crate) requested: Requested,
    /// Indices of the metric's cores in the plan.
    pub(crate) cores: Vec<usize>,
}

/// Collects requests and all errors in them.
#[derive(Default)]
pub(crate) struct MetricRequests {
    pub(crate) metrics: Vec<RequestedMetric>,
    pub(crate) plan: Plan,
    pub(crate) errors: Vec<BuildError>,
    /// Files that the settings of the processors name.
    pub(crate) input_files: Vec<PathBuf>,
    index: HashMap<(TypeId, String), usize>,
}

impl MetricRequests {
    /// Returns the identity and the item of a constructed component. Stores an error, to be reported with all others.
    pub(crate) fn accepted<I: ?Sized>(
        &mut self,
        constructed: Result<Named<I>, RegistryError>,
    ) -> Option<(String, Box<I>)> {
        match constructed {
            Ok(Named { identity, files, item }) => {
                self.input_files.extend(files);
                Some((identity, item))
            }
            Err(error) => {
                self.errors.push(error.into());
                None
            }
        }
    }

    /// Adds a metric under a name. If an equal metric was already requested, adds only the name to it.
    pub(crate) fn add(&mut self, name: String, requested: Result<Requested, RegistryError>) {
        let asked = name.clone();
        self.add_asked(name, &asked, requested);
    }

    /// Adds a metric under its name, which was asked for under another name, such as an alias. If the metric was already
    /// requested under another of its names, it has both.
    pub(crate) fn add_asked(&mut self, name: String, asked: &str, requested: Result<Requested, RegistryError>) {
        let requested = match requested {
            Ok(requested) => requested,
            Err(error) => return self.errors.push(error.into()),
        };
        let key = (requested.type_id, canonical(&requested.params));
        let equal = self.index.get(&key).copied();
        if let Some(taken) = self.metrics.iter().position(|metric| metric.names.contains(&name)) {
            let metric = &mut self.metrics[taken];
            if equal != Some(taken) || metric.asked.contains(&loose(asked)) {
                return self.errors.push(BuildError::SameName(name));
            }
            metric.asked.push(loose(asked));
            if loose(asked) != loose(&name) {
                metric.names.push(asked.to_owned());
            }
            return;
        }
        if let Some(at) = equal {
            self.metrics[at].asked.push(loose(asked));
            return self.metrics[at].names.push(name);
        }
        match requested.metric.cores(&mut self.plan) {
            Ok(cores) => {
                self.index.insert(key, self.metrics.len());
                self.metrics.push(RequestedMetric { names: vec![name], asked: vec![loose(asked)], requested, cores });
            }
            Err(error) => {
                self.errors.push(RegistryError::settings::<Metrics>(requested.about.component.name, error).into());
            }
        }
    }
}
