//! The attributes on functions, and the kinds of components that they define.

use proc_macro2::{Ident, Span};

use syn::Path;

use crate::options::Accepted;

/// The attribute on the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Static,
    Workload,
    Accumulated,
    /// A function that constructs an item from settings.
    Constructor(Constructor),
}

/// The kinds of components that a function constructs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constructor {
    Preprocessor,
    Postprocessor,
    Dataset,
    DataFormat,
    ModelFormat,
    Exporter,
    StatisticalTest,
}

/// Every attribute of this crate on functions.
const ATTRIBUTES: [Kind; 10] = [
    Kind::Static,
    Kind::Workload,
    Kind::Accumulated,
    Kind::Constructor(Constructor::Preprocessor),
    Kind::Constructor(Constructor::Postprocessor),
    Kind::Constructor(Constructor::Dataset),
    Kind::Constructor(Constructor::DataFormat),
    Kind::Constructor(Constructor::ModelFormat),
    Kind::Constructor(Constructor::Exporter),
    Kind::Constructor(Constructor::StatisticalTest),
];

/// Options of every attribute.
const COMMON: [&str; 7] = ["name", "type", "alias", "version", "cite", "variant", "crate"];
/// Options of every metric.
const METRIC: [&str; 4] = ["unit", "higher_is_better", "bounds", "extreme"];

impl Constructor {
    /// Name of the attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Preprocessor => "preprocessor",
            Self::Postprocessor => "postprocessor",
            Self::Dataset => "dataset",
            Self::DataFormat => "data_format",
            Self::ModelFormat => "model_format",
            Self::Exporter => "exporter",
            Self::StatisticalTest => "statistical_test",
        }
    }

    /// Marker type of the kind, and trait of its items.
    fn types(self) -> (&'static str, &'static str) {
        match self {
            Self::Preprocessor => ("Preprocessors", "Preprocessor"),
            Self::Postprocessor => ("Postprocessors", "Postprocessor"),
            Self::Dataset => ("Datasets", "Dataset"),
            Self::DataFormat => ("DataFormats", "DataFormat"),
            Self::ModelFormat => ("ModelFormats", "ModelFormat"),
            Self::Exporter => ("Exporters", "Exporter"),
            Self::StatisticalTest => ("StatisticalTests", "StatisticalTest"),
        }
    }

    /// Marker type of the kind.
    pub(crate) fn marker(self) -> Ident {
        Ident::new(self.types().0, Span::call_site())
    }

    /// Trait that the constructed item implements.
    pub(crate) fn item(self) -> &'static str {
        self.types().1
    }
}

impl Kind {
    /// Name of the attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Static => "static_metric",
            Self::Workload => "workload_metric",
            Self::Accumulated => "accumulated_metric",
            Self::Constructor(kind) => kind.attribute(),
        }
    }

    /// The kind whose attribute a path names, as far as its last word shows.
    pub(crate) fn from_path(path: &Path) -> Option<Self> {
        let last = &path.segments.last()?.ident;
        ATTRIBUTES.into_iter().find(|kind| last == kind.attribute())
    }

    /// Name of a component of this kind, for messages.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Static | Self::Workload | Self::Accumulated => "metric",
            Self::Constructor(Constructor::Dataset) => "data set",
            Self::Constructor(Constructor::DataFormat) => "data format",
            Self::Constructor(Constructor::ModelFormat) => "model format",
            Self::Constructor(Constructor::StatisticalTest) => "statistical test",
            Self::Constructor(kind) => kind.attribute(),
        }
    }

    /// The name with its article.
    pub(crate) fn a_noun(self) -> String {
        let article = if self.noun().starts_with('e') { "an" } else { "a" };
        format!("{article} {}", self.noun())
    }

    /// Suffix of the name of a generated type if the plain name is taken.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Static | Self::Workload | Self::Accumulated => "Metric",
            Self::Constructor(_) => "Settings",
        }
    }

    /// Shape of a function that the attribute takes, for messages.
    pub(crate) fn form(self) -> String {
        match self {
            Self::Static | Self::Workload | Self::Accumulated => "fn name(inputs) -> value".to_owned(),
            Self::Constructor(kind) => format!("fn name(#[param] setting: f64) -> impl {}", kind.item()),
        }
    }

    /// Variant of `MetricKind`, if this is a metric.
    pub(crate) fn metric_kind(self) -> Option<Ident> {
        let name = match self {
            Self::Static => "Static",
            Self::Workload => "Workload",
            Self::Accumulated => "Accumulated",
            Self::Constructor(_) => return None,
        };
        Some(Ident::new(name, Span::call_site()))
    }

    /// The options that the attribute takes.
    pub(crate) fn accepted(self) -> Accepted {
        Accepted {
            attribute: self.attribute(),
            options: self.options(),
            why_not: Box::new(move |option| self.why_not(option)),
        }
    }

    fn options(self) -> Vec<&'static str> {
        let mut options = COMMON.to_vec();
        if !matches!(self, Self::Constructor(_)) {
            options.extend(METRIC);
        }
        if matches!(self, Self::Workload | Self::Accumulated) {
            options.push("hooks");
        }
        if self == Self::Accumulated {
            options.push("of");
        }
        options
    }

    /// Reason why an option of other attributes is refused on this one.
    fn why_not(self, option: &str) -> Option<String> {
        match (self, option) {
            (Self::Static, "hooks") => Some(
                "a static metric reads the model alone and has no `hooks`: use `#[workload_metric]` or \
                 `#[accumulated_metric]`"
                    .to_owned(),
            ),
            (Self::Static | Self::Workload, "of") => Some(format!(
                "only `#[accumulated_metric]` reads the state of another metric: `of` is not an option of `#[{}]`",
                self.attribute()
            )),
            (Self::Constructor(_), "hooks" | "of" | "unit" | "higher_is_better" | "bounds" | "extreme") => {
                Some(format!("`{option}` is an option of metrics: remove it from `#[{}]`", self.attribute()))
            }
            _ => None,
        }
    }

    /// Return value of a function of this kind, for messages.
    pub(crate) fn returns(self) -> String {
        match self {
            Self::Static => "the metric's value, as `-> u64`".to_owned(),
            Self::Workload => "the value of a batch, as `-> f64`".to_owned(),
            Self::Accumulated => {
                "the state of a batch, as `-> Ratio`, or take the state first, as `state: &mut Tally`".to_owned()
            }
            Self::Constructor(kind) => {
                format!("the {}, as `-> impl {}`", self.noun(), kind.item())
            }
        }
    }
}
