use neurobench::prelude::*;

mod two_metrics {
    use neurobench::prelude::*;

    #[accumulated_metric(name = "same")]
    fn one(samples: SampleCount) -> Count {
        Count(samples.0)
    }

    #[workload_metric(name = "Same")]
    fn other(samples: SampleCount) -> f64 {
        samples.0 as f64
    }
}

mod metric_and_variant {
    use neurobench::prelude::*;

    #[accumulated_metric]
    fn counted(samples: SampleCount, #[param] factor: u64) -> Count {
        Count(samples.0 * factor)
    }

    neurobench::variant!("counted", Counted { factor: 2 });
}

mod two_preprocessors {
    use neurobench::prelude::*;

    #[preprocessor]
    fn center() -> impl Preprocessor {
        |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
    }

    #[preprocessor(variant("center", offset = 1.0))]
    fn shift(#[param] offset: f64) -> impl Preprocessor {
        move |inputs: Tensor, targets: Tensor| Ok((Tensor::from(inputs.to_f64() + offset), targets))
    }
}

mod kinds_do_not_share_names {
    use neurobench::prelude::*;

    #[preprocessor(name = "one_name", type = First)]
    fn first() -> impl Preprocessor {
        |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
    }

    #[postprocessor(name = "one_name", type = Second)]
    fn second() -> impl Postprocessor {
        |outputs: &Tensor| Ok(outputs.clone())
    }
}

fn main() {}
