//! Odd names: raw identifiers, names that others have too, items in odd places.

#![deny(warnings)]
#![allow(dead_code, reason = "that it compiles is the point")]

use neurobench::prelude::{
    Classes, Finish as _, MetricError, Model, Predictions, SampleCount, accumulated_metric,
    static_metric, workload_metric,
};

/// Types that are called like those of the standard library.
mod shadows {
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub enum Option {
        None,
        Some,
    }
    pub enum Result {
        Ok,
        Err,
    }
    pub trait Default {}
    pub trait Clone {}
    pub trait Debug {}
    pub trait Iterator {}
    pub trait Into {}
    pub mod core {}
    pub mod std {}
    pub mod neurobench {}
    pub mod serde {}
    pub const fn drop() {}
}

mod shadowed {
    use super::shadows::{self, *};
    use ::neurobench::accumulate::Count;
    use ::neurobench::prelude::{SampleCount, accumulated_metric, workload_metric};
    use shadows::Option::{None, Some};
    use shadows::Result::{Err, Ok};

    #[accumulated_metric(
        name = "shadowed",
        unit = "samples",
        bounds = 0..,
        higher_is_better = true,
        alias = "shadowed_too",
        variant("shadowed_twice", times = 2)
    )]
    pub(crate) fn samples(samples: SampleCount, #[param(default = 1, range = 1..5)] times: u64, #[param] on: bool) -> Count {
        let _ = (None, Some, Ok, Err, String, Vec, on);
        Count(samples.0 * times)
    }

    #[accumulated_metric(name = "shadowed_core")]
    fn mean(samples: SampleCount) -> ::neurobench::prelude::Mean {
        ::neurobench::prelude::Mean::from_values([samples.0 as f64])
    }

    #[accumulated_metric(name = "shadowed_reader", type = Reader, of = self::Samples)]
    fn reader(count: &Count) -> ::core::result::Result<f64, ::neurobench::MetricError> {
        ::core::result::Result::Ok(count.0 as f64)
    }

    #[workload_metric(name = "shadowed_workload")]
    fn workload(samples: SampleCount) -> ::core::option::Option<f64> {
        ::core::option::Option::Some(samples.0 as f64)
    }
}

/// An own type may be called `Result`, too, and be a state.
mod result_of_ones_own {
    use neurobench::prelude::*;

    #[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
    pub(super) struct Result {
        #[merge(sum)]
        hits: u64,
    }

    impl Finish for Result {
        type Output = u64;

        fn finish(&self) -> ::core::result::Result<u64, MetricError> {
            Ok(self.hits)
        }
    }

    #[accumulated_metric(name = "own_result")]
    pub(super) fn own_result(samples: SampleCount) -> Result {
        Result { hits: samples.0 }
    }
}

#[workload_metric]
fn r#match(r#type: SampleCount, #[param(default = 3)] r#struct: u64) -> f64 {
    (r#type.0 + r#struct) as f64
}

#[workload_metric(type = r#Box, variant("boxed", r#fn = 2))]
fn boxed_3(samples: SampleCount, #[param] r#fn: u64) -> f64 {
    (samples.0 + r#fn) as f64
}

#[accumulated_metric(name = "names-of-generated-code")]
fn context(
    mut state: SampleCount,
    #[param] context: u64,
    #[param] params: u64,
    #[param] settings: u64,
    #[param] mut plan: u64,
    #[param] reading: u64,
) -> neurobench::accumulate::Count {
    plan += context + params + settings + reading;
    state.0 += plan;
    neurobench::accumulate::Count(state.0)
}

#[static_metric]
fn with_lifetimes<'m>(model: &'m dyn Model, both: (neurobench::prelude::Layers<'m>, &dyn Model)) -> u64 {
    (model.layers().len() + both.0.len()) as u64
}

macro_rules! made_by_a_macro {
    ($name:ident, $input:ty, $default:expr) => {
        #[workload_metric]
        fn $name(input: $input, #[param(default = $default, range = 0..=$default)] k: u64) -> f64 {
            (input.len() as u64 + k) as f64
        }
    };
}
made_by_a_macro!(made_first, Predictions<'_>, 5);
made_by_a_macro!(made_second, Classes<'_>, 7);

fn main() {
    #[workload_metric]
    fn inside_a_function(samples: SampleCount) -> Result<f64, MetricError> {
        Ok(samples.0 as f64)
    }

    let _: InsideAFunction = InsideAFunction;
    let _ = r#match(SampleCount(1), 2);
    let _ = Match { r#struct: 4 };
    assert_eq!(shadowed::samples(SampleCount(2), 3, true).finish().ok(), Some(6));
    let registry = neurobench::metric::Registry::global();
    for name in ["shadowed_twice", "match", "inside_a_function", "made_first", "boxed", "names-of-generated-code"] {
        registry.find(name).expect(name);
    }
    assert_eq!(registry.find("match").expect("found above").params()[0].name, "struct");
}
