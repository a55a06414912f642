//! Nodes of graphs.

use ndarray::{ArrayD, IxDyn};

use super::{Graph, Metadata};

/// A node: its computation and its metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The computation.
    pub primitive: Primitive,
    /// The metadata.
    pub metadata: Metadata,
}

/// An array of parameters in the precision of the file.
///
/// Integers, which some programs write instead of floating-point numbers, are read as double precision if it represents them
/// exactly.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// Single precision.
    F32(ArrayD<f32>),
    /// Double precision.
    F64(ArrayD<f64>),
}

impl Parameter {
    /// Lengths of its axes; empty for a single number.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(values) => values.shape(),
            Self::F64(values) => values.shape(),
        }
    }

    /// Creates a parameter of equal numbers with the precision and the shape of another parameter.
    pub(super) fn filled_like(other: &Self, value: f32) -> Self {
        match other {
            Self::F32(values) => ArrayD::from_elem(values.raw_dim(), value).into(),
            Self::F64(values) => ArrayD::from_elem(values.raw_dim(), f64::from(value)).into(),
        }
    }

    /// Repeats a single number to a shape; returns any other parameter unchanged.
    pub(super) fn spread(self, shape: &[usize]) -> Self {
        match self {
            Self::F32(values) if values.ndim() == 0 => spread(&values, shape).into(),
            Self::F64(values) if values.ndim() == 0 => spread(&values, shape).into(),
            other => other,
        }
    }
}

fn spread<T: Copy>(value: &ArrayD<T>, shape: &[usize]) -> ArrayD<T> {
    ArrayD::from_elem(shape, value[IxDyn(&[])])
}

impl From<ArrayD<f32>> for Parameter {
    fn from(values: ArrayD<f32>) -> Self {
        Self::F32(values)
    }
}

impl From<ArrayD<f64>> for Parameter {
    fn from(values: ArrayD<f64>) -> Self {
        Self::F64(values)
    }
}

/// Computation of a node: NIR's primitives.
///
/// x is the input of a node, v a membrane, i a synaptic current, and a dot is a derivative with respect to time. Time constants
/// are in seconds. All parameters of a neuron have the shape of its input, one number for each neuron. Shapes are those of one
/// sample at one instant: there is neither a batch axis nor a time axis.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "a graph has few nodes, and what they hold is larger than they are")]
pub enum Primitive {
    /// Input of the graph.
    Input {
        /// Shape of the data.
        shape: Vec<usize>,
    },
    /// Output of the graph.
    Output {
        /// Shape of the data.
        shape: Vec<usize>,
    },
    /// W·x + b.
    Affine {
        /// W, \[.., outputs, inputs\].
        weight: Parameter,
        /// b, \[.., outputs\].
        bias: Parameter,
    },
    /// W·x.
    Linear {
        /// W, \[.., outputs, inputs\].
        weight: Parameter,
    },
    /// s·x, element by element.
    Scale {
        /// s, of the shape of x.
        scale: Parameter,
    },
    /// A convolution over one axis.
    Conv1d(Convolution<1>),
    /// A convolution over two axes.
    Conv2d(Convolution<2>),
    /// The sum of each window.
    SumPool2d(Pooling),
    /// The mean of each window.
    AvgPool2d(Pooling),
    /// Merges several axes.
    Flatten {
        /// First axis, counted from 0; negative numbers count from the last axis, which is -1.
        start_dim: i64,
        /// Last axis, counted in the same way.
        end_dim: i64,
        /// Shape of x, if it is known.
        input_type: Option<Vec<usize>>,
    },
    /// 1 where x > threshold, 0 elsewhere.
    Threshold {
        /// The threshold, of the shape of x.
        threshold: Parameter,
    },
    /// x, delayed.
    Delay {
        /// Delay in seconds, of the shape of x.
        delay: Parameter,
    },
    /// An integrator: v̇ = r·x; outputs v.
    I {
        /// The resistance r.
        r: Parameter,
    },
    /// A leaky integrator: tau·v̇ = (v_leak − v) + r·x; outputs v.
    Li {
        /// The time constant.
        tau: Parameter,
        /// The resistance r.
        r: Parameter,
        /// Resting value of v.
        v_leak: Parameter,
    },
    /// Integrate and fire: v̇ = r·x; if v > v_threshold, a spike and v ← v_reset.
    If {
        /// The resistance r.
        r: Parameter,
        /// Threshold of v.
        v_threshold: Parameter,
        /// Value of v after a spike; the default in files is 0.
        v_reset: Parameter,
    },
    /// Leaky integrate and fire: tau·v̇ = (v_leak − v) + r·x; if v > v_threshold, a spike and v ← v_reset.
    Lif {
        /// The time constant.
        tau: Parameter,
        /// The resistance r.
        r: Parameter,
        /// Resting value of v.
        v_leak: Parameter,
        /// Threshold of v.
        v_threshold: Parameter,
        /// Value of v after a spike; the default in files is 0.
        v_reset: Parameter,
    },
    /// A leaky integrator of a synaptic current: tau_syn·i̇ = −i + w_in·x and tau_mem·v̇ = (v_leak − v) + r·i; outputs v.
    CubaLi {
        /// The time constant of the current.
        tau_syn: Parameter,
        /// The time constant of the membrane.
        tau_mem: Parameter,
        /// The resistance r.
        r: Parameter,
        /// Resting value of v.
        v_leak: Parameter,
        /// Weight of the input; the default in files is 1.
        w_in: Parameter,
    },
    /// Leaky integrate and fire on a synaptic current: tau_syn·i̇ = −i + w_in·x and tau_mem·v̇ = (v_leak − v) + r·i; if
    /// v > v_threshold, a spike and v ← v_reset.
    CubaLif {
        /// The time constant of the current.
        tau_syn: Parameter,
        /// The time constant of the membrane.
        tau_mem: Parameter,
        /// The resistance r.
        r: Parameter,
        /// Resting value of v.
        v_leak: Parameter,
        /// Threshold of v.
        v_threshold: Parameter,
        /// Value of v after a spike; the default in files is 0.
        v_reset: Parameter,
        /// Weight of the input; the default in files is 1.
        w_in: Parameter,
    },
    /// A nested graph.
    Graph(Graph),
}

/// A convolution over `AXES` axes; the settings have the same meaning as in PyTorch.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution<const AXES: usize> {
    /// Lengths of the axes that are convolved over, without the channels, if they are known.
    pub input_shape: Option<[usize; AXES]>,
    /// \[output channels, input channels / groups, taps..\].
    pub weight: Parameter,
    /// Number of positions that the window moves by.
    pub stride: [usize; AXES],
    /// Padding of the input.
    pub padding: Padding<AXES>,
    /// Distance between the taps.
    pub dilation: [usize; AXES],
    /// Number of independent groups of channels.
    pub groups: usize,
    /// \[output channels\].
    pub bias: Parameter,
}

/// Zeros around the input of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding<const AXES: usize> {
    /// This number of zeros on both sides of each axis.
    Explicit([usize; AXES]),
    /// As many zeros as make the output as long as the input.
    Same,
    /// No zeros.
    Valid,
}

/// Windows over the last two axes of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Height and width of the windows.
    pub kernel_size: [usize; 2],
    /// Number of positions that the windows move by.
    pub stride: [usize; 2],
    /// Zeros on both sides of each axis.
    pub padding: [usize; 2],
}

/// A parameter of a node in the form of a file.
pub(super) enum Field<'a> {
    Numbers(&'a Parameter),
    Integer(i128),
    Integers(Vec<i128>),
    Text(&'static str),
}

impl Primitive {
    /// Type in a file.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Input { .. } => "Input",
            Self::Output { .. } => "Output",
            Self::Affine { .. } => "Affine",
            Self::Linear { .. } => "Linear",
            Self::Scale { .. } => "Scale",
            Self::Conv1d(_) => "Conv1d",
            Self::Conv2d(_) => "Conv2d",
            Self::SumPool2d(_) => "SumPool2d",
            Self::AvgPool2d(_) => "AvgPool2d",
            Self::Flatten { .. } => "Flatten",
            Self::Threshold { .. } => "Threshold",
            Self::Delay { .. } => "Delay",
            Self::I { .. } => "I",
            Self::Li { .. } => "LI",
            Self::If { .. } => "IF",
            Self::Lif { .. } => "LIF",
            Self::CubaLi { .. } => "CubaLI",
            Self::CubaLif { .. } => "CubaLIF",
            Self::Graph(_) => "NIRGraph",
        }
    }

    /// Parameters in the form of a file, with their names. A graph has none.
    pub(super) fn fields(&self) -> Vec<(&'static str, Field<'_>)> {
        use Field::{Integer, Numbers};
        match self {
            Self::Input { shape } | Self::Output { shape } => vec![("shape", integers(shape))],
            Self::Affine { weight, bias } => vec![("weight", Numbers(weight)), ("bias", Numbers(bias))],
            Self::Linear { weight } => vec![("weight", Numbers(weight))],
            Self::Scale { scale } => vec![("scale", Numbers(scale))],
            Self::Conv1d(convolution) => convolution.fields(),
            Self::Conv2d(convolution) => convolution.fields(),
            Self::SumPool2d(pooling) | Self::AvgPool2d(pooling) => vec![
                ("kernel_size", integers(&pooling.kernel_size)),
                ("stride", integers(&pooling.stride)),
                ("padding", integers(&pooling.padding)),
            ],
            Self::Flatten { start_dim, end_dim, input_type } => {
                let dims = [("start_dim", Integer((*start_dim).into())), ("end_dim", Integer((*end_dim).into()))];
                dims.into_iter().chain(input_type.as_ref().map(|shape| ("input_type", integers(shape)))).collect()
            }
            Self::Threshold { threshold } => vec![("threshold", Numbers(threshold))],
            Self::Delay { delay } => vec![("delay", Numbers(delay))],
            _ => self.neuron().into_iter().map(|(name, parameter)| (name, Numbers(parameter))).collect(),
        }
    }

    /// All arrays of numbers.
    pub(super) fn parameters(&self) -> Vec<&Parameter> {
        let numbers = |(_, field)| match field {
            Field::Numbers(parameter) => Some(parameter),
            _ => None,
        };
        self.fields().into_iter().filter_map(numbers).collect()
    }

    /// Factors and biases of the inputs; empty for a neuron.
    pub(super) fn weights(&self) -> Vec<&Parameter> {
        match self {
            Self::Affine { .. } | Self::Linear { .. } | Self::Scale { .. } | Self::Conv1d(_) | Self::Conv2d(_) => {
                self.parameters()
            }
            _ => vec![],
        }
    }

    /// Parameters of a neuron, which all have the same shape; empty for other primitives.
    pub(super) fn neuron(&self) -> Vec<(&'static str, &Parameter)> {
        match self {
            Self::I { r } => vec![("r", r)],
            Self::Li { tau, r, v_leak } => vec![("tau", tau), ("r", r), ("v_leak", v_leak)],
            Self::If { r, v_threshold, v_reset } => {
                vec![("r", r), ("v_threshold", v_threshold), ("v_reset", v_reset)]
            }
            Self::Lif { tau, r, v_leak, v_threshold, v_reset } => {
                let membrane = vec![("tau", tau), ("r", r), ("v_leak", v_leak)];
                [membrane, vec![("v_threshold", v_threshold), ("v_reset", v_reset)]].concat()
            }
            Self::CubaLi { tau_syn, tau_mem, r, v_leak, w_in } => {
                vec![("tau_syn", tau_syn), ("tau_mem", tau_mem), ("r", r), ("v_leak", v_leak), ("w_in", w_in)]
            }
            Self::CubaLif { tau_syn, tau_mem, r, v_leak, v_threshold, v_reset, w_in } => {
                let membrane = vec![("tau_syn", tau_syn), ("tau_mem", tau_mem), ("r", r), ("v_leak", v_leak)];
                [membrane, vec![("v_threshold", v_threshold), ("v_reset", v_reset), ("w_in", w_in)]].concat()
            }
            _ => vec![],
        }
    }
}

impl<const AXES: usize> Convolution<AXES> {
    fn fields(&self) -> Vec<(&'static str, Field<'_>)> {
        let padding = match &self.padding {
            Padding::Explicit(widths) => axes(widths),
            Padding::Same => Field::Text("same"),
            Padding::Valid => Field::Text("valid"),
        };
        let mut fields = vec![
            ("weight", Field::Numbers(&self.weight)),
            ("stride", axes(&self.stride)),
            ("padding", padding),
            ("dilation", axes(&self.dilation)),
            ("groups", Field::Integer(self.groups as i128)),
            ("bias", Field::Numbers(&self.bias)),
        ];
        fields.extend(self.input_shape.as_ref().map(|shape| ("input_shape", axes(shape))));
        fields
    }
}

fn integers(values: &[usize]) -> Field<'_> {
    Field::Integers(values.iter().map(|value| *value as i128).collect())
}

/// One number for a single axis, or a list for several, as the Python package writes them.
fn axes<const AXES: usize>(values: &[usize; AXES]) -> Field<'_> {
    match values.as_slice() {
        [value] => Field::Integer(*value as i128),
        values => integers(values),
    }
}
