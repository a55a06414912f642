//! Preprocessors change a batch before the model sees it, postprocessors the outputs before metrics see them.
//!
//! A processor is a component, made by an attribute on the function that constructs it:
//!
//! ```
//! use neurobench::prelude::*;
//! use neurobench::process::ProcessError;
//!
//! /// Subtracts `mean` from every input.
//! #[preprocessor]
//! pub fn center(#[param] mean: f32) -> impl Preprocessor {
//!     move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
//!         Ok((Tensor::from(inputs.to_f32() - mean), targets))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let center = neurobench::process::preprocessors().construct(&"center(mean=0.5)".parse()?)?;
//! assert_eq!(center.identity, "center(mean=0.5)");
//! # Ok(())
//! # }
//! ```
//!
//! A new built-in is one file here.

mod aggregate;
pub use aggregate::*;
mod choose_max_count;
pub use choose_max_count::*;
mod error;
mod last_step;
pub use last_step::*;
mod repeat;
pub use repeat::*;
mod scale;
pub use scale::*;
mod window;
pub use window::*;

pub use error::ProcessError;

use crate::component::{Registry, kind};
use crate::model::Tensor;

/// Changes a batch before the model sees it: inputs and targets, and even the number of samples, in both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a preprocessor",
    label = "not a preprocessor",
    note = "a preprocessor implements `Preprocessor` or is a closure `Fn(Tensor, Tensor) -> Result<(Tensor, Tensor), ProcessError>`"
)]
pub trait Preprocessor: Send + Sync {
    /// Returns the inputs and targets that replace these.
    ///
    /// # Errors
    ///
    /// A batch that the preprocessor does not accept.
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError>;

    /// Returns the inputs and targets that replace these, which are at this place of the data set. The engine calls this
    /// method; by default it is [`process`](Self::process).
    ///
    /// # Errors
    ///
    /// A batch that the preprocessor does not accept.
    fn process_at(&self, place: BatchPlace, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        let _ = place;
        self.process(inputs, targets)
    }

    /// Returns the number of samples before a sample on which its result depends, such as one less than the length of a
    /// window over samples; 0 by default.
    ///
    /// Every batch then begins with that number of earlier samples of its [sequence](crate::data::Dataset::sequences), or
    /// with fewer at the beginning of the sequence, and no batch extends into the next sequence. The preprocessor returns a
    /// result for each sample that it receives, and the engine drops those of the earlier samples. Nothing is kept from one
    /// batch to the next, so results are the same for any batch size and any number of workers.
    fn history(&self) -> usize {
        0
    }
}

/// Place of the samples that a preprocessor receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchPlace {
    /// Zero-based index of the first of them in the data set.
    pub first_sample: u64,
}

impl BatchPlace {
    /// Creates the place of samples from this index of the data set on.
    #[must_use]
    pub fn new(first_sample: u64) -> Self {
        Self { first_sample }
    }
}

/// Changes the outputs of a model before metrics see them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a postprocessor",
    label = "not a postprocessor",
    note = "a postprocessor implements `Postprocessor` or is a closure `Fn(&Tensor) -> Result<Tensor, ProcessError>`"
)]
pub trait Postprocessor: Send + Sync {
    /// Returns the predictions that replace these outputs.
    ///
    /// # Errors
    ///
    /// Outputs that the postprocessor does not accept.
    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError>;
}

impl<F> Preprocessor for F
where
    F: Fn(Tensor, Tensor) -> Result<(Tensor, Tensor), ProcessError> + Send + Sync,
{
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        self(inputs, targets)
    }
}

impl<F> Postprocessor for F
where
    F: Fn(&Tensor) -> Result<Tensor, ProcessError> + Send + Sync,
{
    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError> {
        self(outputs)
    }
}

impl Preprocessor for Box<dyn Preprocessor + '_> {
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        (**self).process(inputs, targets)
    }

    fn process_at(&self, place: BatchPlace, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        (**self).process_at(place, inputs, targets)
    }

    fn history(&self) -> usize {
        (**self).history()
    }
}

impl Postprocessor for Box<dyn Postprocessor + '_> {
    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError> {
        (**self).process(outputs)
    }
}

kind! {
    /// Preprocessors as a kind of component.
    pub Preprocessors: dyn Preprocessor, "preprocessor", "preprocessors"
}

kind! {
    /// Postprocessors as a kind of component.
    pub Postprocessors: dyn Postprocessor, "postprocessor", "postprocessors"
}

/// The preprocessors that are linked into the program.
#[must_use]
pub fn preprocessors() -> &'static Registry<Preprocessors> {
    Registry::global()
}

/// The postprocessors that are linked into the program.
#[must_use]
pub fn postprocessors() -> &'static Registry<Postprocessors> {
    Registry::global()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> String {
        preprocessors().construct(&text.parse().unwrap()).unwrap().identity
    }

    #[test]
    fn built_ins_are_constructed_by_name_and_identified_by_their_settings() {
        assert_eq!(identity("repeat_over_time(steps=25)"), "repeat_over_time(steps=25)");
        assert_eq!(identity("scale(factor=0.0625)"), "scale(factor=0.0625)");
        // An integer is accepted as a number.
        assert_eq!(identity("scale(factor=2)"), "scale(factor=2)");
        for name in ["choose_max_count", "aggregate", "last_step"] {
            assert_eq!(postprocessors().construct(&name.parse().unwrap()).unwrap().identity, name);
        }
    }

    #[test]
    fn unknown_names_and_settings_are_refused() {
        let problem = |text: &str| match preprocessors().construct(&text.parse().unwrap()) {
            Ok(constructed) => panic!("{} was constructed", constructed.identity),
            Err(error) => error.to_string(),
        };
        assert_eq!(problem("scael"), "no preprocessor `scael`; did you mean `scale`?");
        assert_eq!(problem("scale"), "preprocessor `scale`: setting `factor` is missing; it has no default");
        assert_eq!(problem("scale(factor=0.5, by=1)"), "preprocessor `scale`: no setting `by`; it has factor");
        assert_eq!(
            problem("repeat_over_time(step=2)"),
            "preprocessor `repeat_over_time`: no setting `step`; it has steps; did you mean `steps`?"
        );
        assert_eq!(
            problem("repeat_over_time(steps=0)"),
            "preprocessor `repeat_over_time`: setting `steps` must be in `1..`, not 0"
        );
        assert_eq!(
            problem("repeat_over_time(steps=-1)"),
            "preprocessor `repeat_over_time`: setting `steps`: expected a whole number of at least 0, found -1"
        );
        let error = postprocessors().construct(&"aggregate(steps=1)".parse().unwrap()).err().unwrap();
        assert_eq!(error.to_string(), "postprocessor `aggregate`: no setting `steps`; it has none");
    }

    #[test]
    fn functions_are_processors() {
        fn swap(inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
            Ok((targets, inputs))
        }
        let swapped = Preprocessor::process(&swap, ndarray::array![1.0_f32].into(), ndarray::array![2_i64].into());
        assert_eq!(swapped.unwrap(), (ndarray::array![2_i64].into(), ndarray::array![1.0_f32].into()));
        let refuse = |_: &Tensor| Err(ProcessError::from("not today"));
        let boxed: Box<dyn Postprocessor> = Box::new(refuse);
        assert_eq!(boxed.process(&Tensor::default()).unwrap_err().to_string(), "not today");
    }
}
