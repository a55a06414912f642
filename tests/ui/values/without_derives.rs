use neurobench::prelude::*;

struct Plain {
    count: f64,
}

#[static_metric]
fn of_plain(layers: Layers<'_>) -> Plain {
    Plain { count: layers.len() as f64 }
}

#[derive(MetricValue)]
struct Described {
    count: f64,
}

#[static_metric]
fn of_described(layers: Layers<'_>) -> Described {
    Described { count: layers.len() as f64 }
}

#[derive(Clone, Serialize)]
struct Written {
    count: f64,
}

#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct Tally {
    #[merge(sum)]
    hits: u64,
}

impl Finish for Tally {
    type Output = Written;

    fn finish(&self) -> Result<Written, MetricError> {
        Ok(Written { count: self.hits as f64 })
    }
}

fn main() {}
