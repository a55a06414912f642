//! Measurements of time and energy, which depend on the machine.

use maud::{Markup, html as markup};
use neurobench_core::names::shown;
use neurobench_core::report::export::NamedRun;
use neurobench_core::report::{MeasuredEnergy, MeasuredRun, Measurements, Quantity};
use neurobench_core::value::Value;

use crate::html::table::{Cell, list, table};

/// Measurements of each run that has any.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let measured: Vec<(&str, &Measurements)> =
        runs.iter().filter_map(|run| Some((run.name, run.results.measurements.as_ref()?))).collect();
    (!measured.is_empty()).then(|| {
        markup! {
            p.muted {
                "Measured on one machine: other machines give other numbers. Measurements are no metrics, and measured energy is not "
                "compared with estimates."
            }
            @for (run, measurements) in &measured {
                @if runs.len() > 1 { h3 { (shown(run)) } }
                (measurements_part(measurements))
            }
        }
    })
}

fn measurements_part(measurements: &Measurements) -> Markup {
    let host = &measurements.host;
    let cpu = host.cpu.as_ref().map(|cpu| format!("{cpu}, ")).unwrap_or_default();
    let cores = if host.cores == 1 { "core" } else { "cores" };
    markup! {
        p {
            (shown(&format!("{cpu}{} {cores}, {} {}, instructions {}", host.cores, host.os, host.architecture, host.instruction_set)))
        }
        @if measurements.runs.len() > 1 { (overview(&measurements.runs)) }
        @for run in &measurements.runs { (configuration_part(run, measurements.runs.len() > 1)) }
    }
}

/// Returns the configuration of a measurement as one line.
fn configuration(run: &MeasuredRun) -> String {
    let plural = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    format!(
        "{}, {}, batches of {}, {}, {}",
        run.model,
        run.scenario.name(),
        run.batch_size,
        plural(run.workers, "worker", "workers"),
        plural(run.copies, "copy", "copies"),
    )
}

/// A row for each configuration, with the medians of its quantities.
fn overview(runs: &[MeasuredRun]) -> Markup {
    let mut quantities: Vec<&Quantity> = Vec::new();
    for quantity in runs.iter().flat_map(|run| &run.quantities) {
        if !quantities.iter().any(|known| known.name == quantity.name) {
            quantities.push(quantity);
        }
    }
    let mut heads = vec![Cell::text("configuration"), Cell::text("valid")];
    heads.extend(
        quantities.iter().map(|quantity| Cell::number(format!("{} ({})", words(&quantity.name), quantity.unit))),
    );
    let row = |run: &MeasuredRun| {
        let median = |quantity: &&Quantity| {
            let found = run.quantity(&quantity.name);
            Cell::number(found.map(|found| number(found.median)).unwrap_or_default())
        };
        let first = [Cell::text(configuration(run)), validity(run)];
        first.into_iter().chain(quantities.iter().map(median)).collect()
    };
    table("Medians of the repeats", &heads, &runs.iter().map(row).collect::<Vec<Vec<Cell>>>())
}

fn validity(run: &MeasuredRun) -> Cell {
    if run.valid { Cell::text("valid") } else { Cell::text("INVALID").class("bad") }
}

/// Quantities, energy and notes of a configuration.
fn configuration_part(run: &MeasuredRun, is_one_of_several: bool) -> Markup {
    let conditions = &run.conditions;
    let heads = [
        Cell::text("quantity"),
        Cell::number("median"),
        Cell::number("lowest"),
        Cell::number("highest"),
        Cell::text("unit"),
    ];
    let row = |quantity: &Quantity| {
        let [median, min, max] = [quantity.median, quantity.min, quantity.max].map(|value| Cell::number(number(value)));
        vec![Cell::text(words(&quantity.name)), median, min, max, Cell::text(&quantity.unit).class("unit")]
    };
    let rows: Vec<Vec<Cell>> = run.quantities.iter().map(row).collect();
    let mut notes: Vec<String> = run.invalid.iter().map(|reason| format!("INVALID: {reason}")).collect();
    notes.extend(run.no_energy.iter().map(|reason| format!("no measured energy: {reason}")));
    notes.extend(run.notes.iter().cloned());
    let caption =
        format!("Quantities over {} repeats of at least {} s", conditions.repeats, number(conditions.min_seconds));
    markup! {
        @if is_one_of_several {
            h3 { (shown(&configuration(run))) }
        } @else {
            p { (shown(&configuration(run))) ": " span.bad[!run.valid] { @if run.valid { "valid" } @else { "INVALID" } } }
        }
        (table(&caption, &heads, &rows))
        @if let Some(energy) = &run.energy { (energy_table(energy)) }
        (list(&notes))
    }
}

fn energy_table(energy: &MeasuredEnergy) -> Markup {
    let heads = [
        Cell::text("domain"),
        Cell::number("idle level (W)"),
        Cell::number("energy of each repeat (J)"),
        Cell::number("duration of each repeat (s)"),
    ];
    let numbers = |values: &[f64]| values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", ");
    let row = |domain: &neurobench_core::report::DomainEnergy| {
        vec![
            Cell::text(&domain.name),
            Cell::number(domain.idle_watts.map_or_else(|| "not measured".to_owned(), number)),
            Cell::number(numbers(&domain.joules)),
            Cell::number(numbers(&domain.seconds)),
        ]
    };
    let rows: Vec<Vec<Cell>> = energy.domains.iter().map(row).collect();
    table(&format!("Energy of {}, from {}", energy.boundary, energy.source), &heads, &rows)
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn number(value: f64) -> String {
    Value::Float(value).to_short_text()
}
