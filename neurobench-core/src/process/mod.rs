//! What happens to a batch before the model sees it, and to the outputs before the metrics see them.
//!
//! A processor is a value of one's own type that implements [`Preprocessor`] or [`Postprocessor`], or simply a function:
//!
//! ```
//! use neurobench::model::Tensor;
//! use neurobench::process::{Preprocessor, ProcessError, Scale};
//!
//! let unlabelled = |inputs: Tensor, targets: Tensor| Ok((Tensor::from(inputs.to_f32() - 0.5), targets));
//! let steps: Vec<Box<dyn Preprocessor>> = vec![Box::new(Scale { factor: 0.0625 }), Box::new(unlabelled)];
//! # assert_eq!(steps[0].name(), "scale(factor=0.0625)");
//! ```
//!
//! A new built-in is a file here and a line in a table below.

mod aggregate;
mod choose_max_count;
mod error;
mod last_step;
mod repeat;
mod scale;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use aggregate::Aggregate;
pub use choose_max_count::ChooseMaxCount;
pub use error::ProcessError;
pub use last_step::LastStep;
pub use repeat::RepeatOverTime;
pub use scale::Scale;

use crate::metric::Params;
use crate::model::Tensor;
use crate::names::{did_you_mean, hinted, listed};

/// Changes a batch before the model sees it: inputs and targets, and even how many samples there are, in both alike.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a preprocessor",
    note = "a preprocessor implements `Preprocessor` or is a function `Fn(Tensor, Tensor) -> Result<(Tensor, Tensor), ProcessError>`"
)]
pub trait Preprocessor: Send + Sync {
    /// What it is called, with its settings, as `scale(factor=0.5)`. Results name it, and snapshots are told apart by it: two
    /// processors that do not do the same must not have the same name.
    fn name(&self) -> String;

    /// The inputs and targets that take the place of these.
    ///
    /// # Errors
    ///
    /// A batch that it does not take.
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError>;
}

/// Changes the outputs of a model before the metrics see them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a postprocessor",
    note = "a postprocessor implements `Postprocessor` or is a function `Fn(&Tensor) -> Result<Tensor, ProcessError>`"
)]
pub trait Postprocessor: Send + Sync {
    /// What it is called, with its settings.
    fn name(&self) -> String;

    /// The predictions that take the place of these.
    ///
    /// # Errors
    ///
    /// Outputs that it does not take.
    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError>;
}

/// A function is a preprocessor. Its name is that which the compiler gives it: what a closure captured is not in it, so a
/// processor with settings is better a type of its own.
impl<F> Preprocessor for F
where
    F: Fn(Tensor, Tensor) -> Result<(Tensor, Tensor), ProcessError> + Send + Sync,
{
    fn name(&self) -> String {
        std::any::type_name::<F>().to_owned()
    }

    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        self(inputs, targets)
    }
}

/// A function is a postprocessor. Its name is that which the compiler gives it.
impl<F> Postprocessor for F
where
    F: Fn(&Tensor) -> Result<Tensor, ProcessError> + Send + Sync,
{
    fn name(&self) -> String {
        std::any::type_name::<F>().to_owned()
    }

    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError> {
        self(outputs)
    }
}

/// One that was made by name.
impl Preprocessor for Box<dyn Preprocessor + '_> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        (**self).process(inputs, targets)
    }
}

/// One that was made by name.
impl Postprocessor for Box<dyn Postprocessor + '_> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError> {
        (**self).process(outputs)
    }
}

/// Makes a built-in of a kind from its settings.
type Make<P> = fn(&Settings<'_>) -> Result<Box<P>, ProcessError>;
/// The built-ins of a kind, by name.
type Table<P> = [(&'static str, Make<P>)];

const PREPROCESSORS: &Table<dyn Preprocessor> = &[
    (scale::NAME, |settings| Ok(Box::new(settings.read::<Scale>()?))),
    (repeat::NAME, |settings| Ok(Box::new(settings.read::<RepeatOverTime>()?))),
];

const POSTPROCESSORS: &Table<dyn Postprocessor> = &[
    (choose_max_count::NAME, |settings| Ok(Box::new(settings.none(ChooseMaxCount)?))),
    (aggregate::NAME, |settings| Ok(Box::new(settings.none(Aggregate)?))),
    (last_step::NAME, |settings| Ok(Box::new(settings.none(LastStep)?))),
];

/// The built-in preprocessor of this name with these settings: `scale`, `repeat_over_time`.
///
/// # Errors
///
/// An unknown name or setting, a setting that is missing or not of the right type.
///
/// ```
/// use neurobench::Value;
/// let settings = [("factor".to_owned(), Value::Float(0.0625))].into();
/// let scale = neurobench::process::preprocessor("scale", &settings)?;
/// assert_eq!(scale.name(), "scale(factor=0.0625)");
/// # Ok::<(), neurobench::process::ProcessError>(())
/// ```
pub fn preprocessor(name: &str, settings: &Params) -> Result<Box<dyn Preprocessor>, ProcessError> {
    make("preprocessor", PREPROCESSORS, name, settings)
}

/// The built-in postprocessor of this name with these settings: `choose_max_count`, `aggregate`, `last_step`.
///
/// # Errors
///
/// An unknown name or setting, a setting that is missing or not of the right type.
pub fn postprocessor(name: &str, settings: &Params) -> Result<Box<dyn Postprocessor>, ProcessError> {
    make("postprocessor", POSTPROCESSORS, name, settings)
}

fn make<P: ?Sized>(
    what: &'static str,
    table: &Table<P>,
    name: &str,
    settings: &Params,
) -> Result<Box<P>, ProcessError> {
    let names = || table.iter().map(|(name, _)| *name);
    match table.iter().find(|(known, _)| *known == name) {
        Some((processor, make)) => make(&Settings { processor, params: settings }),
        None => Err(ProcessError::Unknown {
            what,
            name: name.to_owned(),
            known: listed(names()),
            hint: did_you_mean(name, names()),
        }),
    }
}

/// The settings of a processor that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoSettings {}

/// The settings of a built-in.
struct Settings<'a> {
    processor: &'static str,
    params: &'a Params,
}

impl Settings<'_> {
    /// The typed form, in which the type refuses what it does not know.
    fn read<T: DeserializeOwned>(&self) -> Result<T, ProcessError> {
        serde_json::to_value(self.params)
            .and_then(serde_json::from_value)
            .map_err(|error| ProcessError::Settings { processor: self.processor, problem: hinted(&error.to_string()) })
    }

    /// The processor, if there are no settings.
    fn none<P>(&self, processor: P) -> Result<P, ProcessError> {
        self.read::<NoSettings>().map(|NoSettings {}| processor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn settings(pairs: &[(&str, Value)]) -> Params {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    #[test]
    fn built_ins_are_made_by_name() {
        let repeat = preprocessor("repeat_over_time", &settings(&[("steps", Value::Integer(25))])).unwrap();
        assert_eq!(repeat.name(), "repeat_over_time(steps=25)");
        // An integer is a number, too.
        assert_eq!(
            preprocessor("scale", &settings(&[("factor", Value::Integer(2))])).unwrap().name(),
            "scale(factor=2)"
        );
        assert_eq!(postprocessor("choose_max_count", &Params::new()).unwrap().name(), "choose_max_count");
        assert_eq!(postprocessor("aggregate", &Params::new()).unwrap().name(), "aggregate");
        assert_eq!(postprocessor("last_step", &Params::new()).unwrap().name(), "last_step");
    }

    #[test]
    fn unknown_names_and_settings_are_refused() {
        let problem = |name: &str, pairs: &[(&str, Value)]| match preprocessor(name, &settings(pairs)) {
            Ok(made) => panic!("{} was made", made.name()),
            Err(error) => error.to_string(),
        };
        assert_eq!(
            problem("scael", &[]),
            "no preprocessor `scael`; there are scale, repeat_over_time; did you mean `scale`?"
        );
        assert_eq!(problem("scale", &[]), "`scale`: missing field `factor`");
        let unknown = problem("scale", &[("factor", Value::Float(0.5)), ("by", Value::Integer(1))]);
        assert_eq!(unknown, "`scale`: unknown field `by`, expected `factor`");
        let near = problem("repeat_over_time", &[("step", Value::Integer(2))]);
        assert_eq!(near, "`repeat_over_time`: unknown field `step`, expected `steps`; did you mean `steps`?");
        let negative = problem("repeat_over_time", &[("steps", Value::Integer(-1))]);
        assert!(negative.starts_with("`repeat_over_time`: invalid value: integer `-1`"), "{negative}");
        let error = postprocessor("aggregate", &settings(&[("steps", Value::Integer(1))])).err().unwrap();
        assert!(error.to_string().starts_with("`aggregate`: unknown field `steps`"), "{error}");
    }

    #[test]
    fn functions_are_processors() {
        fn swap(inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
            Ok((targets, inputs))
        }
        let swapped = Preprocessor::process(&swap, ndarray::array![1.0_f32].into(), ndarray::array![2_i64].into());
        assert_eq!(swapped.unwrap(), (ndarray::array![2_i64].into(), ndarray::array![1.0_f32].into()));
        assert!(Preprocessor::name(&swap).ends_with("swap"));
        let refuse = |_: &Tensor| Err(ProcessError::from("not today"));
        let boxed: Box<dyn Postprocessor> = Box::new(refuse);
        assert_eq!(boxed.process(&Tensor::default()).unwrap_err().to_string(), "not today");
    }
}
