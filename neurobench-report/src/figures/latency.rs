//! Latencies of queries, from counts of an HDR histogram.

use neurobench_core::figure::{Axis, Figure, Histogram, Line, LineStyle};

use super::FigureError;

/// Number of bars of a histogram.
const BARS: usize = 40;

/// Quotient of the largest and the smallest latency from which an axis is logarithmic.
const LOG_FROM: f64 = 20.0;

/// Draws the number of queries by latency.
///
/// `buckets` are the buckets of a histogram that have counts: the upper end in nanoseconds, and the number of queries, in ascending
/// order. They are counted in 40 bars of equal width, by their upper ends; of equal ratio, on a logarithmic axis, if the longest latency
/// is more than 20 times the shortest.
///
/// # Errors
///
/// No queries.
pub fn latency_histogram(buckets: &[(u64, u64)]) -> Result<Figure, FigureError> {
    let (low, high) = ends(buckets)?;
    let time = Unit::new(high);
    let (low, high) = (time.scale(low), time.scale(high));
    let is_log = low > 0.0 && high > LOG_FROM * low;
    // A bar needs a width also where all latencies are the same.
    let (low, high) = if high > low { (low, high) } else { (0.9 * low, if high > 0.0 { 1.1 * high } else { 1.0 }) };
    let edge = |at: usize| {
        let part = at as f64 / BARS as f64;
        match (at, is_log) {
            (0, _) => low,
            (BARS, _) => high,
            (_, true) => low * libm::pow(high / low, part),
            (_, false) => low + part * (high - low),
        }
    };
    let edges: Vec<f64> = (0..=BARS).map(edge).collect();
    let mut heights = vec![0.0; BARS];
    for (end, count) in buckets {
        let bar = edges.partition_point(|edge| *edge < time.scale(*end)).clamp(1, BARS) - 1;
        heights[bar] += *count as f64;
    }
    let axis = Axis::new("latency").unit(time.name);
    let axis = if is_log { axis.log() } else { axis };
    Ok(Figure::new(axis, Axis::new("queries")).title("Latency").mark(Histogram::new(edges, heights)))
}

/// Draws the latency at each percentile, for one or several sets of queries with their labels.
///
/// Each set is given by its buckets as for [`latency_histogram`]. The latency at a percentile is the upper end of the first bucket up to
/// which at least that part of the queries is counted, without interpolation. The horizontal axis is logarithmic in the part of queries
/// that take longer, so that the distance from 90 % to 99 % is that from 99 % to 99.9 %.
///
/// # Errors
///
/// A set without queries, or no set.
pub fn percentiles(sets: &[(&str, &[(u64, u64)])]) -> Result<Figure, FigureError> {
    let (mut low, mut high, mut most) = (u64::MAX, 0, 0);
    for (_, buckets) in sets {
        let (first, last) = ends(buckets)?;
        (low, high) = (low.min(first), high.max(last));
        most = most.max(total(buckets));
    }
    if most == 0 {
        return Err(no_queries());
    }
    let time = Unit::new(high);
    let end = (most as f64).max(10.0);
    let named = [
        (1.0, "0 %"),
        (2.0, "50 %"),
        (10.0, "90 %"),
        (20.0, "95 %"),
        (100.0, "99 %"),
        (1e3, "99.9 %"),
        (1e4, "99.99 %"),
        (1e5, "99.999 %"),
        (1e6, "99.9999 %"),
    ];
    let ticks = named.into_iter().filter(|(place, _)| *place <= end);
    let percentile = Axis::new("percentile").log().range(1.0, end).ticks(ticks);
    let latency = Axis::new("latency").unit(time.name);
    let latency = if low > 0 && high as f64 > LOG_FROM * low as f64 { latency.log() } else { latency };
    let lines = sets.iter().map(|(label, buckets)| {
        let total = total(buckets) as f64;
        let mut before = 0;
        let mut points = Vec::new();
        for (end, count) in buckets.iter().filter(|(_, count)| *count > 0) {
            points.push((total / (total - before as f64), time.scale(*end)));
            before += count;
        }
        points.extend(points.last().map(|(_, last)| (total, *last)));
        Line::new(points).style(LineStyle::Steps).label(*label)
    });
    Ok(Figure::new(percentile, latency).title("Latency by percentile").marks(lines))
}

fn total(buckets: &[(u64, u64)]) -> u64 {
    buckets.iter().fold(0, |total: u64, (_, count)| total.saturating_add(*count))
}

/// Ends of the first and the last bucket with queries.
fn ends(buckets: &[(u64, u64)]) -> Result<(u64, u64), FigureError> {
    let ends = || buckets.iter().filter(|(_, count)| *count > 0).map(|(end, _)| *end);
    Option::zip(ends().min(), ends().max()).ok_or_else(no_queries)
}

fn no_queries() -> FigureError {
    FigureError::Empty("there are no queries".to_owned())
}

/// Unit of time.
struct Unit {
    name: &'static str,
    nanoseconds: f64,
}

impl Unit {
    /// The largest unit in which a time of some nanoseconds is at least 1.
    fn new(longest: u64) -> Self {
        let (name, nanoseconds) = match longest {
            1_000_000_000.. => ("s", 1e9),
            1_000_000.. => ("ms", 1e6),
            1_000.. => ("µs", 1e3),
            _ => ("ns", 1.0),
        };
        Self { name, nanoseconds }
    }

    fn scale(&self, nanoseconds: u64) -> f64 {
        nanoseconds as f64 / self.nanoseconds
    }
}

#[cfg(test)]
mod tests {
    use neurobench_core::figure::{Mark, Scale};

    use super::*;

    #[test]
    fn every_query_is_in_one_bar() {
        for buckets in
            [vec![(1_000, 3), (1_500, 4), (2_000, 1)], vec![(10, 5)], vec![(0, 2)], vec![(100, 7), (90_000_000, 9)]]
        {
            let figure = latency_histogram(&buckets).unwrap();
            let [Mark::Histogram(histogram)] = figure.marks.as_slice() else { panic!("{figure:?}") };
            assert_eq!(histogram.heights.iter().sum::<f64>(), total(&buckets) as f64);
            assert!(histogram.edges.is_sorted_by(|edge, next| edge < next), "{:?}", histogram.edges);
        }
        assert_eq!(latency_histogram(&[(5, 0)]), Err(FigureError::Empty("there are no queries".to_owned())));
    }

    #[test]
    fn the_unit_and_the_scale_follow_from_the_latencies() {
        let figure = latency_histogram(&[(1_000_000, 1), (2_500_000, 1)]).unwrap();
        assert_eq!((figure.x.unit.as_deref(), figure.x.scale), (Some("ms"), Scale::Linear));
        let figure = latency_histogram(&[(1_000, 1), (2_500_000_000, 1)]).unwrap();
        assert_eq!((figure.x.unit.as_deref(), figure.x.scale), (Some("s"), Scale::Log));
    }

    /// Among 100 queries, 90 take 1 ms, 9 take 2 ms and one takes 5 ms: p90 is 1 ms, p99 is 2 ms and p100 is 5 ms.
    #[test]
    fn a_percentile_is_the_first_latency_that_enough_queries_reach() {
        let buckets = [(1_000_000, 90), (2_000_000, 9), (5_000_000, 1)];
        let figure = percentiles(&[("digits", &buckets)]).unwrap();
        let [Mark::Line(line)] = figure.marks.as_slice() else { panic!("{figure:?}") };
        assert_eq!(line.points, [(1.0, 1.0), (10.0, 2.0), (100.0, 5.0), (100.0, 5.0)]);
        assert_eq!(figure.x.ticks.last(), Some(&(100.0, "99 %".to_owned())));
    }
}
