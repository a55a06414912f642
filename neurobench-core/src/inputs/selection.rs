//! Selection of layers by path, kind or depth, as a setting of metrics.

use std::any::TypeId;
use std::fmt;
use std::ops::{Bound, RangeBounds};

use serde::{Deserialize, Serialize};

use crate::component::{Param, Params, SettingsError, from_param};
use crate::model::{Layer, LayerKind};

/// Layers that a metric takes into account, by path, kind and depth: a setting for metrics of layers.
///
/// The default is all layers. A metric that gains such a setting keeps its results: a selection of all layers is not
/// part of the settings that identify a metric in results and snapshots. A selection without any of the layers that the
/// metric reads is an error when the benchmark is built.
///
/// In a file or on the command line a selection is one of
///
/// | form | layers |
/// |---|---|
/// | `"conv*"` | layers whose full path matches the pattern |
/// | `["conv*", "encoder.lif?"]` | layers whose path matches any of the patterns |
/// | `{ path = "conv*", kind = "leaky", depth = "..=2" }` | layers that meet all conditions |
///
/// In a pattern, `*` stands for any characters, including dots and none, and `?` for one character. `kind` is a pattern
/// or a list of patterns of the type of a layer, such as `leaky` or `conv*`, or of its role: `connection`,
/// `activation`, `neuron` or `other`. `depth` is a number or a range of numbers in the notation of Rust: the depth of a
/// layer is the number of connection layers up to it in the model's order, itself included, so that the first linear
/// layer and the neurons behind it have depth 1. A layer within another one, such as the recurrent weights
/// `lif.recurrent` of the neurons `lif`, has the depth of the outer layer.
///
/// ```
/// use neurobench::prelude::*;
///
/// /// Number of non-zero outputs of the selected layers.
/// #[accumulated_metric(hooks, unit = "outputs")]
/// pub fn nonzero_outputs(activations: ActivationCounts<'_>, #[param] layers: LayerSelection) -> PerLayer<Count> {
///     activations.select(&layers).per_layer(|count| Count(count.nonzero))
/// }
///
/// let deep = NonzeroOutputs { layers: LayerSelection::all().with_kind("neuron").with_depth(2..) };
/// # let _ = deep;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct LayerSelection {
    /// Empty for layers of any path.
    paths: Vec<String>,
    /// Empty for layers of any kind.
    kinds: Vec<String>,
    depth: Option<DepthRange>,
}

/// Lowest and highest depth, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DepthRange {
    low: usize,
    high: Option<usize>,
}

impl LayerSelection {
    /// Selects all layers.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Selects the layers whose full path matches a pattern, in addition to those of patterns that were already set.
    #[must_use]
    pub fn with_path(mut self, pattern: impl Into<String>) -> Self {
        self.paths.push(pattern.into());
        self
    }

    /// Restricts it to layers whose type or role matches a pattern, in addition to those of kinds that were already
    /// set.
    #[must_use]
    pub fn with_kind(mut self, pattern: impl Into<String>) -> Self {
        self.kinds.push(pattern.into());
        self
    }

    /// Restricts it to layers of these depths: `1..=3`, `2..`.
    #[must_use]
    pub fn with_depth(mut self, depths: impl RangeBounds<usize>) -> Self {
        let low = match depths.start_bound() {
            Bound::Included(low) => *low,
            Bound::Excluded(low) => low.saturating_add(1),
            Bound::Unbounded => 0,
        };
        // A range that ends before 0 contains no layer: its lowest depth is then above its highest.
        let (low, high) = match depths.end_bound() {
            Bound::Included(high) => (low, Some(*high)),
            Bound::Excluded(0) => (low.max(1), Some(0)),
            Bound::Excluded(high) => (low, Some(high - 1)),
            Bound::Unbounded => (low, None),
        };
        self.depth = Some(DepthRange { low, high });
        self
    }

    /// Returns true for a selection of all layers.
    #[must_use]
    pub fn is_all(&self) -> bool {
        let any = |patterns: &[String]| patterns.is_empty() || patterns.iter().any(|pattern| pattern == "*");
        any(&self.paths) && any(&self.kinds) && self.depth.is_none()
    }

    /// Returns true if it selects the layer at an index of a model's layers.
    #[must_use]
    pub fn selects(&self, layers: &[Layer], index: usize) -> bool {
        let Some(layer) = layers.get(index) else { return false };
        let any = |patterns: &[String], text: &str| patterns.iter().any(|pattern| matches(pattern, text));
        (self.paths.is_empty() || any(&self.paths, layer.path()))
            && (self.kinds.is_empty() || any(&self.kinds, layer.type_name()) || any(&self.kinds, role(layer)))
            && self.depth.is_none_or(|range| range.contains(depth(layers, index)))
    }
}

/// Describes the conditions for messages.
impl fmt::Display for LayerSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted =
            |patterns: &[String]| patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>().join(", ");
        let mut conditions = Vec::new();
        if !self.paths.is_empty() {
            conditions.push(format!("path {}", quoted(&self.paths)));
        }
        if !self.kinds.is_empty() {
            conditions.push(format!("kind {}", quoted(&self.kinds)));
        }
        if let Some(depth) = self.depth {
            conditions.push(format!("depth {depth}"));
        }
        f.write_str(if conditions.is_empty() { "any" } else { "" })?;
        f.write_str(&conditions.join(", "))
    }
}

impl DepthRange {
    fn contains(self, depth: usize) -> bool {
        self.low <= depth && self.high.is_none_or(|high| depth <= high)
    }
}

impl fmt::Display for DepthRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.low, self.high) {
            (low, Some(high)) if low == high => write!(f, "{low}"),
            (0, Some(high)) => write!(f, "..={high}"),
            (low, Some(high)) => write!(f, "{low}..={high}"),
            (low, None) => write!(f, "{low}.."),
        }
    }
}

/// Returns true if the text matches the pattern, in which `*` stands for any characters and `?` for one.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Places after the last star, and after the characters that it stands for so far.
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                p += 1;
                star = Some((p, t));
            }
            Some(expected) if *expected == '?' || *expected == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((after, taken)) => {
                    (p, t) = (after, taken + 1);
                    star = Some((after, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

fn role(layer: &Layer) -> &'static str {
    match layer.kind() {
        LayerKind::Connection => "connection",
        LayerKind::Activation => "activation",
        LayerKind::Neuron => "neuron",
        LayerKind::Other => "other",
    }
}

/// Number of connection layers up to a layer, itself included; layers within other layers do not count.
fn depth(layers: &[Layer], index: usize) -> usize {
    let owner = |index: usize| {
        let path = layers[index].path();
        let owns = |layer: &Layer| path.strip_prefix(layer.path()).is_some_and(|rest| rest.starts_with('.'));
        layers[..index].iter().position(owns)
    };
    let outer = owner(index).unwrap_or(index);
    let counts = |at: &usize| layers[*at].kind() == LayerKind::Connection && owner(*at).is_none();
    (0..=outer).filter(counts).count()
}

/// The form in files.
#[derive(Clone, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a pattern of layer paths such as \"conv*\", a list of patterns, or a table with `path`, `kind` and `depth`"
)]
enum Form {
    Path(String),
    Paths(Vec<String>),
    Conditions(Conditions),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Conditions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<Patterns>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Patterns>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    depth: Option<Depths>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Several(Vec<String>),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Depths {
    One(usize),
    Range(String),
}

impl From<Vec<String>> for Patterns {
    fn from(mut patterns: Vec<String>) -> Self {
        match patterns.len() {
            1 => Self::One(patterns.remove(0)),
            _ => Self::Several(patterns),
        }
    }
}

impl From<Patterns> for Vec<String> {
    fn from(patterns: Patterns) -> Self {
        match patterns {
            Patterns::One(pattern) => vec![pattern],
            Patterns::Several(patterns) => patterns,
        }
    }
}

impl From<LayerSelection> for Form {
    fn from(selection: LayerSelection) -> Self {
        if selection.is_all() {
            return Self::Path("*".to_owned());
        }
        let LayerSelection { paths, kinds, depth } = selection;
        let some = |patterns: Vec<String>| (!patterns.is_empty()).then(|| Patterns::from(patterns));
        match (some(paths), some(kinds), depth) {
            (Some(Patterns::One(path)), None, None) => Self::Path(path),
            (Some(Patterns::Several(paths)), None, None) => Self::Paths(paths),
            (path, kind, depth) => {
                let depth = depth.map(|range| match range.high {
                    Some(high) if high == range.low => Depths::One(high),
                    _ => Depths::Range(range.to_string()),
                });
                Self::Conditions(Conditions { path, kind, depth })
            }
        }
    }
}

impl TryFrom<Form> for LayerSelection {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let (paths, kinds, depth) = match form {
            Form::Path(path) => (Some(vec![path]), None, None),
            Form::Paths(paths) => (Some(paths), None, None),
            Form::Conditions(Conditions { path, kind, depth }) => (path.map(Into::into), kind.map(Into::into), depth),
        };
        let patterns = |what: &str, patterns: Option<Vec<String>>| match patterns {
            Some(patterns) if patterns.iter().any(String::is_empty) || patterns.is_empty() => {
                Err(format!("{what} must not be empty; `*` matches all"))
            }
            patterns => Ok(patterns.unwrap_or_default()),
        };
        let depth = match depth {
            None => None,
            Some(Depths::One(depth)) => Some(DepthRange { low: depth, high: Some(depth) }),
            Some(Depths::Range(text)) => Some(parse_range(&text)?),
        };
        let selection = Self {
            paths: patterns("a pattern of paths", paths)?,
            kinds: patterns("a pattern of kinds", kinds)?,
            depth,
        };
        Ok(if selection.is_all() { Self::default() } else { selection })
    }
}

fn parse_range(text: &str) -> Result<DepthRange, String> {
    let invalid = || format!("`{text}` is not a range of depths such as `2`, `1..=3`, `..=2` or `2..`");
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| invalid());
    let Some((low, high)) = text.split_once("..") else {
        let depth = number(text)?;
        return Ok(DepthRange { low: depth, high: Some(depth) });
    };
    let low = if low.trim().is_empty() { 0 } else { number(low)? };
    let high = match high.trim() {
        "" => None,
        high => Some(match high.strip_prefix('=') {
            Some(high) => number(high)?,
            None => number(high)?.checked_sub(1).ok_or_else(invalid)?,
        }),
    };
    if high.is_some_and(|high| high < low) {
        return Err(format!("the range of depths `{text}` is empty"));
    }
    Ok(DepthRange { low, high })
}

fn is_selection(param: &Param) -> bool {
    (param.type_id)() == TypeId::of::<LayerSelection>()
}

/// Returns the selections among the settings of a metric, by name.
pub(crate) fn selections(
    all: &[&'static Param],
    params: &Params,
) -> Result<Vec<(&'static str, LayerSelection)>, SettingsError> {
    let mut selections: Vec<(&'static str, LayerSelection)> = Vec::new();
    for param in all.iter().filter(|param| is_selection(param)) {
        if let Some(value) = params.get(param.name) {
            selections.push((param.name, from_param(param.name, value)?));
        }
    }
    Ok(selections)
}

/// Returns the settings that identify a metric: all except selections of all layers.
pub(crate) fn identifying(all: &[&'static Param], mut params: Params) -> Params {
    params.retain(|name, value| {
        let is_selection = all.iter().any(|param| param.name == name && is_selection(param));
        let is_all = || from_param::<LayerSelection>(name, value).is_ok_and(|selection| selection.is_all());
        !(is_selection && is_all())
    });
    params
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FanOut;
    use crate::value::Value;

    fn layers() -> Vec<Layer> {
        let connection = |path, kind| Layer::connection(path, kind, FanOut::full(1, 1));
        vec![
            connection("conv1", "conv2d"),
            Layer::neuron("lif1", "leaky", 1),
            Layer::new("encoder.flatten", LayerKind::Other, "flatten"),
            connection("encoder.fc", "linear"),
            Layer::neuron("encoder.lif", "rleaky", 1),
            connection("encoder.lif.recurrent", "linear"),
            connection("out", "linear"),
            Layer::activation("softmax", "softmax", 1),
        ]
    }

    fn selected(json: &str) -> Vec<String> {
        let (selection, layers) = (parsed(json).unwrap(), layers());
        let selected = (0..layers.len()).filter(|at| selection.selects(&layers, *at));
        selected.map(|at| layers[at].path().to_owned()).collect()
    }

    fn parsed(json: &str) -> Result<LayerSelection, String> {
        let value: Value = serde_json::from_str(json).unwrap();
        from_param("layers", &value).map_err(|error| error.to_string())
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "a.b", true),
            ("", "", true),
            ("", "a", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab.c", true),
            ("*c", "ab.c", true),
            ("*b", "ab.c", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "abbbbc", true),
            ("a*bc", "abcbc", true),
            ("a*bc", "abcb", false),
            ("l?f", "lif", true),
            ("l?f", "lf", false),
            ("*?", "", false),
            ("é?", "éé", true),
            ("**a**", "bab", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn layers_are_selected_by_path_kind_and_depth() {
        assert_eq!(selected(r#""conv*""#), ["conv1"]);
        assert_eq!(selected(r#"["lif?", "out"]"#), ["lif1", "out"]);
        assert_eq!(
            selected(r#""encoder.*""#),
            ["encoder.flatten", "encoder.fc", "encoder.lif", "encoder.lif.recurrent"]
        );
        assert_eq!(selected(r#"{"kind": "neuron"}"#), ["lif1", "encoder.lif"]);
        assert_eq!(selected(r#"{"kind": ["*leaky", "conv*"]}"#), ["conv1", "lif1", "encoder.lif"]);
        assert_eq!(selected(r#"{"depth": 1}"#), ["conv1", "lif1", "encoder.flatten"]);
        assert_eq!(selected(r#"{"depth": 2}"#), ["encoder.fc", "encoder.lif", "encoder.lif.recurrent"]);
        assert_eq!(selected(r#"{"depth": "3.."}"#), ["out", "softmax"]);
        assert_eq!(selected(r#"{"path": "*l*", "kind": "neuron", "depth": "..2"}"#), ["lif1"]);
        assert_eq!(selected(r#""*""#).len(), 8);
        assert_eq!(selected(r#""nothing""#), [""; 0]);
    }

    #[test]
    fn selections_are_written_as_they_are_read() {
        for json in [
            r#""*""#,
            r#""conv*""#,
            r#"["a","b"]"#,
            r#"{"kind":"leaky"}"#,
            r#"{"path":["a","b"],"kind":["c","d"],"depth":"1..=3"}"#,
            r#"{"depth":2}"#,
            r#"{"depth":"2.."}"#,
            r#"{"depth":"..=2"}"#,
        ] {
            assert_eq!(Value::from_serialize(&parsed(json).unwrap()).unwrap().to_json(), json);
        }
        let built = LayerSelection::all().with_path("a").with_kind("b").with_depth(1..4);
        assert_eq!(Ok(built), parsed(r#"{"path": "a", "kind": "b", "depth": "1..4"}"#));
        let all = [r#""*""#, r#"["a", "*"]"#, r#"{}"#, r#"{"kind": "*"}"#].map(|json| parsed(json).unwrap());
        assert!(all.iter().all(|selection| *selection == LayerSelection::all()));
        assert!(!LayerSelection::all().with_depth(..0).selects(&layers(), 0));
    }

    #[test]
    fn mistakes_are_reported() {
        let form = "setting `layers`: expected a pattern of layer paths such as \"conv*\", a list of patterns, or a table with `path`, \
                    `kind` and `depth`";
        assert_eq!(parsed("3").unwrap_err(), form);
        assert_eq!(parsed(r#"{"paths": "a"}"#).unwrap_err(), form);
        assert_eq!(
            parsed("[]").unwrap_err(),
            "setting `layers`: a pattern of paths must not be empty; `*` matches all"
        );
        assert_eq!(
            parsed(r#"{"depth": "a.."}"#).unwrap_err(),
            "setting `layers`: `a..` is not a range of depths such as `2`, `1..=3`, `..=2` or `2..`"
        );
        assert_eq!(
            parsed(r#"{"depth": "3..2"}"#).unwrap_err(),
            "setting `layers`: the range of depths `3..2` is empty"
        );
    }
}
