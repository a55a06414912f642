//! The three kinds of metrics.

use proc_macro2::{Ident, Span};

/// The kind of a metric: which attribute stands on the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Static,
    Workload,
    Accumulated,
}

/// What every kind has.
const COMMON: [&str; 11] =
    ["name", "type", "alias", "unit", "higher_is_better", "version", "bounds", "extreme", "cite", "variant", "crate"];

impl Kind {
    /// The attribute's name.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Static => "static_metric",
            Self::Workload => "workload_metric",
            Self::Accumulated => "accumulated_metric",
        }
    }

    /// The variant of `MetricKind`.
    pub(crate) fn variant(self) -> Ident {
        let name = match self {
            Self::Static => "Static",
            Self::Workload => "Workload",
            Self::Accumulated => "Accumulated",
        };
        Ident::new(name, Span::call_site())
    }

    /// The names of the attribute's options.
    pub(crate) fn options(self) -> Vec<&'static str> {
        let mut options = COMMON.to_vec();
        if self != Self::Static {
            options.push("hooks");
        }
        if self == Self::Accumulated {
            options.push("of");
        }
        options
    }

    /// Why an option that other kinds have is none of this one.
    pub(crate) fn why_not(self, option: &str) -> Option<String> {
        match (self, option) {
            (Self::Static, "hooks") => Some(
                "a static metric looks at the model alone and has no `hooks`: use `#[workload_metric]` or \
                 `#[accumulated_metric]`"
                    .to_owned(),
            ),
            (Self::Static | Self::Workload, "of") => Some(format!(
                "only `#[accumulated_metric]` reads the state of another metric: `of` is no option of `#[{}]`",
                self.attribute()
            )),
            _ => None,
        }
    }

    /// What a function of this kind returns, for messages.
    pub(crate) fn returns(self) -> &'static str {
        match self {
            Self::Static => "the metric's value, as `-> u64`",
            Self::Workload => "the value of a batch, as `-> f64`",
            Self::Accumulated => "the part of a batch, as `-> Ratio`, or take the state first, as `state: &mut Tally`",
        }
    }
}
