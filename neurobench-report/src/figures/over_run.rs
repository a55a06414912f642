//! A metric over the samples of a run.

use neurobench_core::figure::{Axis, Figure, Line, Points};

use super::FigureError;

/// Draws a metric over the batches of a run: the mean of the per-sample values of each batch as points, and the mean of all values up to
/// the end of each batch as a line.
///
/// `values` are the per-sample values in the order of the data set, `batch_size` is the number of values in a batch, and `name` and
/// `unit` are those of the metric. The line ends at the mean of all samples, which is the value of a metric that is a mean of
/// per-sample values. It shows whether the value has settled and whether the data set has an order; it is no learning curve, because
/// the model does not change.
///
/// # Errors
///
/// No values.
pub fn over_run(name: &str, unit: Option<&str>, values: &[f64], batch_size: usize) -> Result<Figure, FigureError> {
    if values.is_empty() {
        return Err(FigureError::Empty(format!("`{name}` has no per-sample values; run with `per_sample`")));
    }
    let label = name.replace('_', " ");
    let mut sum = 0.0;
    let mut count = 0;
    let mut means = Vec::new();
    let mut running = Vec::new();
    for batch in values.chunks(batch_size.max(1)) {
        let batch_sum: f64 = batch.iter().sum();
        sum += batch_sum;
        count += batch.len();
        let samples = count as f64;
        means.push((samples, batch_sum / batch.len() as f64));
        running.push((samples, sum / samples));
    }
    let mut axis = Axis::new(&label);
    axis.unit = unit.map(str::to_owned);
    let figure = Figure::new(Axis::new("samples"), axis)
        .title(format!("{label} over the run"))
        .mark(Line::new(running).label("all samples so far"))
        .mark(Points::new(means).label("single batches"));
    Ok(figure)
}

#[cfg(test)]
mod tests {
    use neurobench_core::figure::Mark;

    use super::*;

    #[test]
    fn the_line_is_the_mean_so_far() {
        let figure = over_run("classification_accuracy", Some("fraction"), &[1.0, 0.0, 1.0, 1.0, 1.0], 2).unwrap();
        let [Mark::Line(line), Mark::Points(points)] = figure.marks.as_slice() else { panic!("{figure:?}") };
        assert_eq!(line.points, [(2.0, 0.5), (4.0, 0.75), (5.0, 0.8)]);
        assert_eq!(points.points, [(2.0, 0.5), (4.0, 1.0), (5.0, 1.0)]);
        assert!(over_run("classification_accuracy", None, &[], 2).is_err());
    }
}
