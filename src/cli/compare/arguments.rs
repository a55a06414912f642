//! Arguments of `neurobench compare`.

use std::path::PathBuf;

use crate::compare::{ComparisonSettings, GroupFiles};

/// Compare results over the same data: values, differences and, if per-sample values are kept, tests of pairs.
///
/// Results over different data, or with different definitions of a metric, are refused with a list of what differs.
#[derive(clap::Args)]
pub(in crate::cli) struct CompareArguments {
    /// Files of results; each is compared with the first.
    pub(super) files: Vec<PathBuf>,
    /// Compare groups of results, such as those of several seeds, by the means of their values; may be given several
    /// times.
    #[arg(long = "group", value_name = "NAME=FILE,FILE", value_parser = group)]
    pub(super) groups: Vec<GroupFiles>,
    #[command(flatten)]
    settings: SettingsArguments,
    /// Print the comparison as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, clap::Args)]
struct SettingsArguments {
    /// Confidence level of the intervals.
    #[arg(long, value_name = "LEVEL", default_value_t = ComparisonSettings::default().level)]
    level: f64,
    /// Number of random sign flips of the permutation test when enumerating all of them is infeasible.
    #[arg(long, value_name = "N", default_value_t = ComparisonSettings::default().permutations)]
    resamples: u64,
    /// Seed of the random sign flips.
    #[arg(long, value_name = "SEED", default_value_t = ComparisonSettings::default().seed)]
    seed: u64,
}

impl CompareArguments {
    pub(super) fn settings(&self) -> ComparisonSettings {
        let SettingsArguments { level, resamples, seed } = self.settings;
        ComparisonSettings { level, permutations: resamples, seed, ..ComparisonSettings::default() }
    }
}

/// Parses a group, as `NAME=a.json,b.json`.
fn group(text: &str) -> Result<GroupFiles, String> {
    let (name, files) = text.split_once('=').ok_or("write a group as `NAME=a.json,b.json`")?;
    let files: Vec<PathBuf> = files.split(',').map(PathBuf::from).collect();
    if name.is_empty() || files.iter().any(|file| file.as_os_str().is_empty()) {
        return Err("write a group as `NAME=a.json,b.json`".to_owned());
    }
    Ok(GroupFiles { name: name.to_owned(), files })
}
