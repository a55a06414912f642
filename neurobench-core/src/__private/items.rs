//! Types that the functions of components may return.

use super::checks::equal;
use crate::compare::tests::StatisticalTest;
use crate::data::{DataFormat, Dataset};
use crate::model::ModelFormat;
use crate::process::{Postprocessor, Preprocessor};
use crate::report::export::Exporter;

/// The types that the functions of one kind of component may return, each with the function that boxes a returned `impl Trait`.
///
/// A type that is written goes through the trait, with the spans of the type: one that does not fit is reported there.
macro_rules! items {
    ($(
        $(#[$attribute:meta])*
        $name:ident, $item:ident, $boxed:ident;
    )*) => {$(
        $(#[$attribute])*
        pub trait $name: Sized {
            /// Boxes the returned item.
            const BOXED: fn(Self) -> Box<dyn $item>;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $item + 'static> $name for T {
            const BOXED: fn(Self) -> Box<dyn $item> = $boxed;
        }

        /// Boxes a returned item whose type has no name.
        pub fn $boxed<T: $item + 'static>(item: T) -> Box<dyn $item> {
            Box::new(item)
        }
    )*};
}

items! {
    /// A type that the function of a preprocessor may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a preprocessor",
        label = "not a preprocessor",
        note = "return `impl Preprocessor`: a closure `Fn(Tensor, Tensor) -> Result<(Tensor, Tensor), ProcessError>`, or a type that \
                implements the trait"
    )]
    PreprocessorType, Preprocessor, box_preprocessor;
    /// A type that the function of a postprocessor may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a postprocessor",
        label = "not a postprocessor",
        note = "return `impl Postprocessor`: a closure `Fn(&Tensor) -> Result<Tensor, ProcessError>`, or a type that implements the trait"
    )]
    PostprocessorType, Postprocessor, box_postprocessor;
    /// A type that the function of a data set may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a data set",
        label = "not a data set",
        note = "return a type that implements `Dataset`, such as `InMemory`"
    )]
    DatasetType, Dataset, box_dataset;
    /// A type that the function of a model format may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a model format",
        label = "not a model format",
        note = "return `impl ModelFormat`: a type that implements the trait"
    )]
    ModelFormatType, ModelFormat, box_model_format;
    /// A type that the function of an exporter may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not an exporter",
        label = "not an exporter",
        note = "return `impl Exporter`: a type that implements the trait"
    )]
    ExporterType, Exporter, box_exporter;
    /// A type that the function of a statistical test may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a statistical test",
        label = "not a statistical test",
        note = "return `impl StatisticalTest`: a type that implements the trait"
    )]
    StatisticalTestType, StatisticalTest, box_statistical_test;
    /// A type that the function of a data format may return.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a data format",
        label = "not a data format",
        note = "return `impl DataFormat`: a type that implements the trait"
    )]
    DataFormatType, DataFormat, box_data_format;
}

/// The package that identifies a component: built-in ones belong to `neurobench`, on which users depend.
#[must_use]
pub const fn package(name: &'static str) -> &'static str {
    const OWN: [&str; 9] = [
        "neurobench-core",
        "neurobench-datasets",
        "neurobench-import",
        "neurobench-metrics",
        "neurobench-network",
        "neurobench-processors",
        "neurobench-report",
        "neurobench-tasks",
        "neurobench-timing",
    ];
    let mut i = 0;
    while i < OWN.len() {
        if equal(name.as_bytes(), OWN[i].as_bytes()) {
            return "neurobench";
        }
        i += 1;
    }
    name
}
