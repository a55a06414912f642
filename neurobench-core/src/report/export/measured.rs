//! Measurements as tables, for formats that people read.

use crate::report::export::{Head, Table};
use crate::report::{MeasuredRun, Measurements, direction};
use crate::value::Value;

/// Name of a configuration, such as `time · digits · single-stream · batch 1`. Workers and copies are named if there are several.
pub(super) fn configuration(run: &MeasuredRun) -> String {
    let several = |count: usize, name: &str| (count != 1).then(|| format!("{count} {name}"));
    let start = ["time".to_owned(), run.model.clone(), run.scenario.to_string(), format!("batch {}", run.batch_size)];
    let parts = start.into_iter().chain(several(run.workers, "workers")).chain(several(run.copies, "copies"));
    parts.collect::<Vec<_>>().join(" · ")
}

/// A table for each configuration, with a row for each quantity: the median of the repeats and their range.
pub(super) fn tables(measurements: &Measurements) -> impl Iterator<Item = Table> {
    measurements.runs.iter().map(|run| {
        let numbers = ["median", "min", "max"].map(Head::number);
        let heads = [Head::text("quantity")].into_iter().chain(numbers).chain(["unit", "better"].map(Head::text));
        let mut table = Table::new(heads).title(configuration(run));
        for quantity in &run.quantities {
            let numbers = [quantity.median, quantity.min, quantity.max].map(Value::Float);
            let better = direction(quantity.higher_is_better).to_owned();
            let name = Value::Text(quantity.name.clone());
            let texts = [quantity.unit.clone(), better].map(Value::Text);
            table.push(std::iter::once(name).chain(numbers).chain(texts));
        }
        table.notes.push(conditions(run));
        table.notes.extend(run.invalid.iter().map(|reason| format!("INVALID: {reason}")));
        table.notes.extend(run.energy.iter().map(|energy| {
            let idle = energy.domains.iter().any(|domain| domain.idle_watts.is_some());
            let idle = if idle { "subtracted" } else { "included" };
            format!("measured energy of {} by {}; idle level {idle}", energy.boundary, energy.source)
        }));
        table.notes.extend(run.no_energy.iter().map(|reason| format!("no measured energy: {reason}")));
        table.notes.extend(run.notes.iter().cloned());
        table
    })
}

/// Verdict and limits of a measurement.
fn conditions(run: &MeasuredRun) -> String {
    let conditions = &run.conditions;
    let verdict = if run.valid { "VALID" } else { "INVALID" };
    format!(
        "{verdict}: medians and range of {} repeats of at least {} s, {} queries and {} samples, after {} s of warm-up",
        conditions.repeats,
        conditions.min_seconds,
        conditions.min_queries,
        conditions.min_samples,
        conditions.warmup_seconds
    )
}

/// Description of the machine.
pub(super) fn host(measurements: &Measurements) -> String {
    let host = &measurements.host;
    let cpu = host.cpu.as_deref().unwrap_or(&host.architecture);
    let (cores, os, instructions) = (host.cores, &host.os, &host.instruction_set);
    format!("host: {cpu}, {cores} processors, {os}, kernels for {instructions}, {}", host.library)
}
