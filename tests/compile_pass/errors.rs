//! The errors that a metric's function may return: any error of the standard library's kind, in a box or not.

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;

use neurobench::data::InMemory;
use neurobench::prelude::*;
use neurobench::report::ReportError;
use neurobench::testing::predictions;

/// An error of the user.
#[derive(Debug)]
struct Unreadable(ParseIntError);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the setting is no number")
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[static_metric]
fn plain(#[param] text: String) -> Result<u64, ParseIntError> {
    text.parse()
}

#[static_metric]
fn with_cause(#[param] text: String) -> Result<u64, Unreadable> {
    text.parse().map_err(Unreadable)
}

#[workload_metric]
fn boxed(samples: SampleCount, #[param] text: String) -> Result<f64, Box<dyn Error>> {
    let number: u64 = text.parse()?;
    Ok((samples.0 + number) as f64)
}

#[accumulated_metric]
fn shared(samples: SampleCount, #[param] text: String) -> Result<Count, Box<dyn Error + Send + Sync>> {
    let number: u64 = text.parse()?;
    Ok(Count(samples.0 + number))
}

#[static_metric]
fn aliased(#[param] path: String) -> std::io::Result<u64> {
    Ok(std::fs::read(path)?.len() as u64)
}

#[static_metric]
fn converted(#[param] text: String) -> Result<u64, MetricError> {
    text.parse().map_err(MetricError::other)
}

#[workload_metric]
fn own(samples: SampleCount) -> Result<f64, Box<dyn Error>> {
    if samples.0 > 0 {
        return Err(MetricError::undefined("no answer").into());
    }
    Ok(1.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let data = InMemory::new(ndarray::array![1_i64, 2], ndarray::array![1_i64, 2])?;
    let text = || "x".to_owned();
    let report = Benchmark::builder()
        .model(predictions())
        .data(&data)
        .metric(Plain { text: text() })
        .metric(WithCause { text: text() })
        .metric(Boxed { text: text() })
        .metric(Shared { text: text() })
        .metric(Aliased { path: "/nowhere/at/all".to_owned() })
        .metric(Converted { text: text() })
        .metric(Own)
        .build()?
        .run()?;
    // The error itself, without the batch and the samples on which it came about.
    let problem = |name: &str| match report.value(name) {
        Err(ReportError::Failed { error: MetricError::Batch { cause, .. }, .. }) => match *cause {
            MetricError::Samples { cause, .. } => *cause,
            error => error,
        },
        Err(ReportError::Failed { error, .. }) => error,
        other => panic!("{name}: {other:?}"),
    };
    let digit = MetricError::Other("invalid digit found in string".to_owned());
    assert_eq!(problem("plain"), digit.clone());
    assert_eq!(
        problem("with_cause"),
        MetricError::Other("the setting is no number: invalid digit found in string".to_owned())
    );
    assert_eq!(problem("boxed"), digit.clone());
    assert_eq!(problem("shared"), digit.clone());
    assert!(problem("aliased").to_string().starts_with("No such file"));
    assert_eq!(problem("converted"), digit);
    assert!(problem("own").is_undefined());
    Ok(())
}
