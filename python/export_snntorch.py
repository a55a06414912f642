"""Writes a PyTorch or snnTorch module as a network that neurobench runs: NAME.toml and NAME.safetensors.

    pip install torch==2.6.0 snntorch==1.0.0 safetensors==0.8.0 numpy==2.2.6
    python export_snntorch.py package.module:factory --input-shape 2 32 32 --time-steps --out model

`factory` is a function without arguments that returns the module, or the module itself. From Python:

    from export_snntorch import export
    export(module, "model", input_shape=[2, 32, 32], time_steps=True)

snntorch is needed only if the module has neurons of it. Tensors keep the names and types that they have in the state
dict, so that the footprint is PyTorch's.

How it works
------------
The module runs, in evaluation mode, on tensors that remember which layer they come from. What it does with them, by
modules and by functions, becomes the layers of the file. Nothing is guessed: what a network file cannot say, or what
would be computed otherwise there, is an `ExportError` that names the place and says what to do. A branch that depends
on the numbers is such an error; one that depends on Python values is taken as this run takes it.

What the module may be
----------------------
* Any nesting of containers and modules of one's own, whose `forward` calls layers, each of them once, adds and
  concatenates what they give (`a + b`, `torch.cat`), and uses functions that are layers too (`relu`, `flatten`,
  `max_pool2d`, `log_softmax`, ..). A function becomes a layer named after itself. (A recurrence over the samples of a
  batch is none of this.)
* `time_steps=True`: the module is one time step, called with `[batch, ..input_shape]` again and again. Neurons keep
  their state themselves (`init_hidden=True`), or `forward` takes the states after the input, hands each to its neuron
  or cell, and returns the new ones.
* `loop_axis=0` or `1`: `forward` takes a whole sequence, with time on that axis, loops over it by `x[step]` or `x[:,
  step]`, and returns `torch.stack` of what it gathered. Spikes of the step before may go back into layers. It runs on
  7 steps and on 16, and must be the same network on both; with `steps`, an example or `--check`, on as many as these
  say. A branch on the step is taken as this run takes it: what it would do at later steps is not seen.
* `carries_state=True`: as `time_steps`, for a network whose samples are the steps of one sequence.
* none of them: the module takes `[batch, ..input_shape]` once, and neurons and cells see one step. `nn.RNN`,
  `nn.LSTM` and `nn.GRU` (with `batch_first=True`) take whole sequences here.

If `forward` returns several things, `readout` says which of them is the network's output; the first, unless told
otherwise. A membrane may be it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import inspect
import itertools
import json
import sys
from pathlib import Path

import numpy
import torch
from safetensors.torch import save
from torch import nn

try:
    import snntorch
except ImportError:
    snntorch = None

BATCH = 3
# The runs of a module that loops: without a common divisor, so that what depends on their number shows, and few, because every
# tensor of a run is kept.
STEPS = 7, 16
# At fewer, a state and a delay of several steps look like a start from zeros.
FEWEST_STEPS = 3
INPUT = "input"
AFTERWARDS = "choose or sum them by a postprocessor of the benchmark, `last_step` or `aggregate`"


class ExportError(ValueError):
    """What cannot be exported: where, why, and what to do."""


# What a traced tensor stands for.


@dataclasses.dataclass(frozen=True)
class Term:
    """The outputs of a layer, or the network's input, at a step; of neurons, their spikes or their membranes."""

    layer: str
    step: int
    membrane: bool = False


@dataclasses.dataclass(frozen=True)
class Sum:
    """The sum of terms, added from the first to the last. Without terms: zeros."""

    terms: tuple[Term, ...]


@dataclasses.dataclass(frozen=True)
class State:
    """A state of a neuron or cell after a step."""

    layer: str
    slot: str
    step: int


@dataclasses.dataclass(frozen=True)
class Carried:
    """A state that is handed to the module: what it returned a step before, or rest."""

    argument: str


@dataclasses.dataclass(frozen=True)
class Sequence:
    """The whole input of a module that loops over time, with time on this axis."""

    axis: int


@dataclasses.dataclass(frozen=True)
class Stacked:
    """The terms of all steps, stacked."""

    terms: tuple[Term, ...]


@dataclasses.dataclass(frozen=True)
class Unusable:
    """What cannot be written, and why."""

    why: str


class Traced(torch.Tensor):
    """A tensor that knows what it stands for."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function in METADATA:
            return run_plain(function, args, kwargs)
        traced = next(value for value in tensors_in((args, kwargs)) if isinstance(value, Traced))
        return traced.tracing.function(function, args, kwargs)


METADATA = {
    *(
        getattr(torch.Tensor, name).__get__
        for name in ["shape", "dtype", "device", "ndim", "layout", "is_cuda", "requires_grad"]
    ),
    *(
        getattr(torch.Tensor, name)
        for name in ["untyped_storage", "size", "dim", "numel", "stride", "__len__", "is_floating_point", "get_device"]
    ),
    *(
        getattr(torch.Tensor, name)
        for name in ["is_complex", "is_contiguous", "ndimension", "__hash__", "element_size", "nelement"]
    ),
}


def tensors_in(value):
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from tensors_in(part)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


def plain(value):
    """The same without what it stands for."""
    if isinstance(value, Traced):
        return value.as_subclass(torch.Tensor)
    if isinstance(value, (tuple, list)):
        parts = [plain(part) for part in value]
        # A named tuple takes its parts one by one.
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return value


def run_plain(function, args, kwargs):
    with torch._C.DisableTorchFunctionSubclass():
        return function(*plain(args), **plain(kwargs))


@dataclasses.dataclass
class Layer:
    """A layer of the network file."""

    path: str
    kind: str
    settings: dict
    tensors: dict
    # The inputs of each call, by the step.
    calls: dict = dataclasses.field(default_factory=dict)
    shape: tuple = ()


# Modules that are layers: from a module to its kind, its keys, and the names of its tensors.


def number_or_list(value):
    """What PyTorch has as a number for all axes or one for each, as short as can be."""
    if isinstance(value, (tuple, list)):
        value = [int(each) for each in value]
        return value[0] if all(each == value[0] for each in value) else value
    return value


def axes_of(module):
    """`1d` for `Conv1d`."""
    return type_of(module).__name__[-2:].lower()


def conv(module, refuse):
    if module.padding_mode != "zeros":
        refuse(f"padding_mode={module.padding_mode!r} is not there; only zeros are")
    settings = {"in_channels": module.in_channels, "out_channels": module.out_channels}
    settings["kernel_size"] = number_or_list(module.kernel_size)
    usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    transposed = isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d))
    if transposed:
        usual["output_padding"] = 0
    for name, default in usual.items():
        value = number_or_list(getattr(module, name))
        if value != default:
            settings[name] = value
    return ("conv_transpose" if transposed else "conv") + axes_of(module), settings, ["weight", "bias"]


def linear(module, refuse):
    return "linear", {"in_features": module.in_features, "out_features": module.out_features}, ["weight", "bias"]


def batch_norm(module, refuse):
    if module.running_mean is None or module.running_var is None:
        refuse(
            "it has no running statistics and would normalise by those of the batch at hand; train it with track_running_stats=True"
        )
    settings = {"num_features": module.num_features, "eps": module.eps}
    return (
        "batch_norm" + axes_of(module),
        settings,
        ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"],
    )


def layer_norm(module, refuse):
    settings = {"normalized_shape": list(module.normalized_shape), "eps": module.eps}
    return "layer_norm", settings, ["weight", "bias"]


def pool(module, refuse):
    if getattr(module, "return_indices", False):
        refuse("return_indices=True gives indices, which no layer takes")
    names = ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override"]
    found = {name: getattr(module, name) for name in names if hasattr(module, name)}
    family = "max" if isinstance(module, (nn.MaxPool1d, nn.MaxPool2d)) else "avg"
    kind, settings = pooling(family, axes_of(module), found, refuse)
    return kind, settings, []


def pooling(family, axes, found, refuse):
    """The kind and the keys of a pooling with these arguments."""
    settings = {"kernel_size": number_or_list(found["kernel_size"])}
    divisor = found.pop("divisor_override", None)
    if divisor == 1 and family == "avg":
        family = "sum"
        if found.pop("ceil_mode", False):
            refuse("sums of windows (divisor_override=1) have no ceil_mode")
        # Zeros count for nothing in a sum.
        found.pop("count_include_pad", None)
    elif divisor is not None:
        refuse(f"divisor_override={divisor} is not there; only 1, which gives sums")
    usual = {
        "stride": settings["kernel_size"],
        "padding": 0,
        "dilation": 1,
        "ceil_mode": False,
        "count_include_pad": True,
    }
    for name, default in usual.items():
        value = number_or_list(found.get(name))
        if value is not None and value != [] and value != default:
            settings[name] = value
    return f"{family}_pool{axes}", settings


def adaptive_pool(module, refuse):
    if getattr(module, "return_indices", False):
        refuse("return_indices=True gives indices, which no layer takes")
    family = "max" if "Max" in type_of(module).__name__ else "avg"
    return f"adaptive_{family}_pool{axes_of(module)}", {"output_size": output_size(module.output_size, refuse)}, []


def output_size(size, refuse):
    sizes = size if isinstance(size, (tuple, list)) else [size]
    if any(each is None for each in sizes):
        refuse("an output_size of None, as large as the inputs, must be written as a number")
    return number_or_list(size)


def flatten(module, refuse):
    return "flatten", flatten_settings(module.start_dim, module.end_dim, None, refuse), []


def flatten_settings(start, end, dimensions, refuse):
    if start == 0:
        refuse("it flattens the axis of the samples; use start_dim=1")
    start = start - 1 if start > 0 else start
    end = end - 1 if end > 0 else end
    if dimensions is not None and start < 0:
        start += dimensions
    return {key: value for key, value, usual in [("start_axis", start, 0), ("end_axis", end, -1)] if value != usual}


def embedding(module, refuse):
    if module.max_norm is not None:
        refuse("max_norm changes the weights while it runs; apply it to them once and set max_norm=None")
    settings = {"num_embeddings": module.num_embeddings, "embedding_dim": module.embedding_dim}
    return "embedding", settings, ["weight"]


CELL_TENSORS = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


def cell(module, refuse):
    kind = {nn.RNNCell: "rnn_cell", nn.LSTMCell: "lstm_cell", nn.GRUCell: "gru_cell"}[type_of(module)]
    settings = {"input_size": module.input_size, "hidden_size": module.hidden_size}
    if kind == "rnn_cell":
        settings["nonlinearity"] = module.nonlinearity
    return kind, settings, CELL_TENSORS


def recurrent(module, refuse):
    kind = {nn.RNN: "rnn", nn.LSTM: "lstm", nn.GRU: "gru"}[type_of(module)]
    if not module.batch_first:
        refuse(
            "batch_first=False puts time before the samples; make it with batch_first=True and exchange the first two axes of its inputs"
        )
    if module.proj_size:
        refuse("proj_size is not there; put a linear layer behind it")
    settings = {"input_size": module.input_size, "hidden_size": module.hidden_size, "num_layers": module.num_layers}
    settings["bidirectional"] = module.bidirectional
    if kind == "rnn":
        settings["nonlinearity"] = module.nonlinearity
    ends = [
        f"_l{layer}{end}"
        for layer in range(module.num_layers)
        for end in (["", "_reverse"] if module.bidirectional else [""])
    ]
    return kind, settings, [name + end for end in ends for name in CELL_TENSORS]


def activation(kind, *names):
    return lambda module, refuse: (kind, {name: getattr(module, name) for name in names}, [])


def softmax(kind):
    # The axis depends on the number of axes: it is resolved where the layer is called.
    return lambda module, refuse: (kind, {"axis": module.dim}, [])


def reshape(module, refuse):
    return "reshape", {}, []


MODULES = {
    nn.Linear: linear,
    nn.Conv1d: conv,
    nn.Conv2d: conv,
    nn.Conv3d: conv,
    nn.ConvTranspose1d: conv,
    nn.ConvTranspose2d: conv,
    nn.BatchNorm1d: batch_norm,
    nn.BatchNorm2d: batch_norm,
    nn.BatchNorm3d: batch_norm,
    nn.LayerNorm: layer_norm,
    nn.MaxPool1d: pool,
    nn.MaxPool2d: pool,
    nn.AvgPool1d: pool,
    nn.AvgPool2d: pool,
    nn.AdaptiveAvgPool1d: adaptive_pool,
    nn.AdaptiveAvgPool2d: adaptive_pool,
    nn.AdaptiveMaxPool1d: adaptive_pool,
    nn.AdaptiveMaxPool2d: adaptive_pool,
    nn.Flatten: flatten,
    nn.Unflatten: reshape,
    nn.Embedding: embedding,
    nn.RNNCell: cell,
    nn.LSTMCell: cell,
    nn.GRUCell: cell,
    nn.RNN: recurrent,
    nn.LSTM: recurrent,
    nn.GRU: recurrent,
    nn.ReLU: activation("relu"),
    nn.LeakyReLU: activation("leaky_relu", "negative_slope"),
    nn.GELU: activation("gelu", "approximate"),
    nn.Sigmoid: activation("sigmoid"),
    nn.Tanh: activation("tanh"),
    nn.Softmax: softmax("softmax"),
    nn.LogSoftmax: softmax("log_softmax"),
    nn.Dropout: activation("dropout", "p"),
    nn.Dropout1d: activation("dropout", "p"),
    nn.Dropout2d: activation("dropout", "p"),
    nn.Dropout3d: activation("dropout", "p"),
    nn.AlphaDropout: activation("dropout", "p"),
    nn.Identity: activation("identity"),
}
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
CELLS = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)
SEQUENCES = (nn.RNN, nn.LSTM, nn.GRU)

# The states of each kind of neuron, in the order in which it takes and returns them.
NEURON_SLOTS = {
    "leaky": ["mem"],
    "synaptic": ["syn", "mem"],
    "lapicque": ["mem"],
    "alpha": ["syn_exc", "syn_inh", "mem"],
    "rleaky": ["spk", "mem"],
    "rsynaptic": ["spk", "syn", "mem"],
}
NEURON_CONSTANTS = {
    "leaky": ["beta"],
    "synaptic": ["alpha", "beta"],
    "lapicque": ["beta", "R", "C", "time_step"],
    "alpha": ["alpha", "beta"],
    "rleaky": ["beta"],
    "rsynaptic": ["alpha", "beta"],
}
NEURONS = {}
if snntorch is not None:
    NEURONS = {
        snntorch.Leaky: "leaky",
        snntorch.Synaptic: "synaptic",
        snntorch.Lapicque: "lapicque",
        snntorch.Alpha: "alpha",
        snntorch.RLeaky: "rleaky",
        snntorch.RSynaptic: "rsynaptic",
    }
RESETS = ["subtract", "zero", "none"]


def neuron(module, refuse, learned_constants_as_buffers):
    kind = NEURONS[type_of(module)]
    if module.inhibition:
        refuse("inhibition=True, one spike in a layer, is not there")
    if module.state_quant:
        refuse("state_quant is not there; export the neuron without it")
    if not getattr(module, "reset_delay", True):
        refuse("reset_delay=False resets in the step of the spike; network files have snnTorch's default, a step later")
    if (module.graded_spikes_factor != 1).any():
        refuse("graded_spikes_factor is not 1; multiply the next layer's weights by it instead")
    reset = RESETS[int(module.reset_mechanism_val)]
    function = {"subtract": "_base_sub", "zero": "_base_zero", "none": "_base_int"}[reset]
    if module.state_function.__name__ != function:
        refuse(
            f"reset_mechanism became {reset!r} after the neuron was made, which snnTorch's step ignores; make it with that reset"
        )
    if not steps_at_zero(module.spike_grad):
        refuse(
            "its spike_grad gives something else than 1 above the threshold and 0 below; use a deterministic step function"
        )
    constants = [*NEURON_CONSTANTS[kind], "threshold", "graded_spikes_factor"]
    learned = [name for name in constants if isinstance(getattr(module, name), nn.Parameter)]
    if learned and not learned_constants_as_buffers:
        refuse(
            f"{' and '.join(learned)} can be learned, so PyTorch counts parameters that a network file counts as buffers; "
            "pass learned_constants_as_buffers=True (--learned-constants-as-buffers) to accept a smaller parameter count"
        )
    tensors = [*constants, "reset_mechanism_val"]
    if kind in ("rleaky", "rsynaptic"):
        if not module.all_to_all:
            if not isinstance(module.V, nn.Parameter):
                refuse("learn_recurrent=False makes V a buffer, but a network file counts it as a parameter; learn it")
            tensors.append("V")
        else:
            recurrent = module.recurrent
            if isinstance(recurrent, nn.Conv2d):
                found = recurrent.stride, recurrent.padding, recurrent.dilation, recurrent.groups, recurrent.padding_mode
                half = tuple(taps // 2 for taps in recurrent.kernel_size)
                if found != ((1, 1), half, (1, 1), 1, "zeros"):
                    refuse("its recurrent convolution is not as snnTorch makes it: stride 1, zeros around for half its taps")
            elif not isinstance(recurrent, nn.Linear):
                refuse("its recurrent layer is neither linear nor a convolution over two axes")
            tensors += ["recurrent.weight", "recurrent.bias"]
    return kind, {"reset": reset}, tensors


def steps_at_zero(function):
    """Whether a function of snnTorch gives 1 above 0, and else 0."""
    probes = torch.tensor([-4.0, -0.5, -1e-6, 0.0, 1e-6, 0.5, 4.0])
    try:
        return torch.equal(function(probes), (probes > 0).to(probes.dtype))
    except TypeError:
        # Some of snnTorch's cannot even be called.
        return False


def least_dimensions(module, layer):
    """How many axes the inputs of a layer have at least, that of the samples among them: PyTorch would take them without it, too."""
    if layer is nn.LayerNorm:
        return 1 + len(module.normalized_shape)
    if layer in SEQUENCES:
        return 3
    axes = {"1d": 1, "2d": 2, "3d": 3}.get(layer.__name__[-2:])
    # Normalisation and dropout also take features without further axes.
    return 2 if axes is None or layer.__name__.startswith(("BatchNorm", "Dropout")) else 2 + axes


def type_of(module):
    """The class of torch or snnTorch whose `forward` the module has, if it is one that is a layer."""
    for base in type(module).__mro__:
        if base in MODULES or base in NEURONS:
            return base if type(module).forward is base.forward else None
    return None


class Tracing:
    """One run of a module, and the layers that it went through."""

    def __init__(self, root, dtype, samples, kept, *, stepped, looped, learned_constants_as_buffers):
        self.root, self.dtype, self.stepped, self.looped = root, dtype, stepped, looped
        self.learned_constants_as_buffers = learned_constants_as_buffers
        self.layers: dict[str, Layer] = {}
        self.paths = {id(module): path for path, module in root.named_modules()}
        self.samples = samples
        # The membranes that a run before left behind, or the step before of a loop.
        self.kept = kept
        # The hooks of this tracing.
        self.own: set[int] = set()
        self.names = set(dict(root.named_modules())) | {INPUT}
        self.functions: dict[str, str] = {}
        self.aliases: dict[int, list[Traced]] = {}
        # The state that each argument of `forward` is; where the new one is among what it returns, and its shape.
        self.bound: dict[str, tuple[str, str]] = {}
        self.returned_states: dict[str, tuple[int, tuple[int, ...]]] = {}
        self.pending: list = []
        self.depth = 0

    # Tensors.

    def wrap(self, tensor, meaning):
        traced = tensor.as_subclass(Traced)
        traced.meaning, traced.tracing = meaning, self
        # They are kept, so that no other tensor takes their place in memory.
        self.aliases.setdefault(tensor.untyped_storage().data_ptr(), []).append(traced)
        return traced

    def changed_in_place(self, traced, meaning):
        """A tensor has new contents; others that share them no longer are what they were."""
        for other in self.aliases[traced.untyped_storage().data_ptr()]:
            other.meaning = Unusable("it shares its memory with a tensor that was changed in place")
        traced.meaning = meaning
        return traced

    def terms(self, value, where, numbers_of_rows=False):
        """The terms that a value is the sum of."""
        if not numbers_of_rows:
            check_not_rounded(value, where)
        meaning = getattr(value, "meaning", None)
        if isinstance(meaning, Sum):
            return meaning.terms
        if isinstance(meaning, State) and meaning.slot == "mem":
            return (Term(meaning.layer, meaning.step, membrane=True),)
        if meaning is None and isinstance(value, torch.Tensor) and not value.any():
            return ()
        raise ExportError(f"{where} takes {self.describe(value)}")

    def describe(self, value):
        meaning = getattr(value, "meaning", None)
        if isinstance(meaning, State):
            return f"the state `{meaning.slot}` of `{meaning.layer}`, which a network file keeps inside that layer"
        if isinstance(meaning, Carried):
            return f"the argument `{meaning.argument}`; arguments after the first are states, to be handed to a neuron or cell and nothing else"
        if isinstance(meaning, Sequence):
            return (
                "the whole sequence; take single steps of it, by `x[step]` or `x[:, step]` (inputs that are the same at every step "
                "get time steps by the benchmark's preprocessor `repeat_over_time`)"
            )
        if isinstance(meaning, Stacked):
            return f"outputs of several steps; the network file has one step, so return them as they are, and {AFTERWARDS}"
        if isinstance(meaning, Unusable):
            return f"a tensor that cannot be had in a network file: {meaning.why}"
        if isinstance(value, torch.Tensor):
            return "a tensor that is neither the input nor the output of a layer; a network file has weights inside layers only"
        return f"{value!r}"

    def term(self, value, where):
        """A value as the outputs of one layer; sums become a layer of their own."""
        terms = self.terms(value, where)
        if len(terms) != 1:
            return self.add_function("identity", {}, terms, value, name="add")
        return terms[0]

    # Layers.

    def add_function(self, kind, settings, terms, result, name=None, constants=None):
        """Adds a layer that stores nothing, or finds it, if it ran in an earlier step; gives its outputs."""
        if not terms and constants is None:
            raise ExportError(f"{kind} of nothing but zeros: apply it to outputs of a layer")
        step = max((term.step for term in terms), default=0)
        relative = tuple((term.layer, step - term.step, term.membrane) for term in terms)
        key = json.dumps([kind, settings, relative, name])
        path = self.functions.get(key)
        if path is None:
            path = base = name or kind
            number = 1
            while path in self.names:
                number += 1
                path = f"{base}_{number}"
            self.names.add(path)
            self.functions[key] = path
            self.layers[path] = Layer(path, kind, settings, {}, shape=tuple(result.shape[1:]))
        self.layers[path].calls[step] = tuple(terms)
        return Term(path, step)

    def enter(self, module, args, kwargs):
        """Before a module runs: layers get plain tensors."""
        path = self.paths[id(module)]
        if self.depth:
            self.depth += 1
            return None
        layer = type_of(module)
        if layer is None:
            if type(module).__module__.startswith(("torch.nn.", "snntorch.")) and not isinstance(module, CONTAINERS):
                self.refuse(module, "network files have no such layer")
            return None
        self.depth = 1
        if module._forward_hooks.keys() - self.own or module._forward_pre_hooks.keys() - self.own:
            self.refuse(
                module,
                "it has forward hooks, which may change what it gives; remove them (torch.nn.utils.parametrize, prune or weight_norm have a function for it)",
            )
        if layer in NEURONS:
            names = ["input_", *NEURON_SLOTS[NEURONS[layer]]]
        else:
            names = list(inspect.signature(layer.forward).parameters)[1:]
        given = dict(zip(names, args)) | kwargs
        inputs, *states = [given.get(name) for name in names]
        if layer in CELLS or layer in SEQUENCES:
            states = [part for state in states for part in (state if isinstance(state, tuple) else [state])]
        where = f"`{path}` ({layer.__name__})"
        terms = self.terms(inputs, where, numbers_of_rows=layer is nn.Embedding)
        if layer is nn.Embedding:
            inputs = plain(inputs).long()
        elif plain(inputs).dtype != self.dtype:
            self.refuse(module, f"its inputs are {inputs.dtype}, but the network is {self.dtype}")
        least = least_dimensions(module, layer)
        if inputs.dim() < least or len(inputs) != self.samples:
            axes = ", ".join(map(str, inputs.shape[1:]))
            self.refuse(
                module,
                f"its inputs are [{axes}] for each sample, but it takes {least - 1} axes or more; check input_shape",
            )
        described = self.layer_of(module, path, layer, inputs)
        step = len(described.calls)
        if step and not self.looped:
            if described.calls[0] == terms:
                self.refuse(
                    module,
                    "it runs more than once on the same inputs; if these are time steps, write the loop over `x[step]`, with x of shape "
                    "[step, batch, ..], say loop_axis=0, and let the benchmark's preprocessor `repeat_over_time` repeat the inputs",
                )
            self.refuse(
                module,
                "it runs more than once; give each use a module of its own (for a loop over time inside forward, say on which axis by loop_axis)",
            )
        states = self.checked_states(module, path, layer, step, states)
        described.calls[step] = terms
        self.pending.append((path, layer, step, given.get(names[0])))
        return (plain(inputs), *states), {}

    def leave(self, module, args, kwargs, outputs):
        """After a module ran: what a layer gives is traced on."""
        if not self.depth:
            return None
        self.depth -= 1
        if self.depth:
            return None
        path, layer, step, inputs = self.pending.pop()
        if layer in NEURONS and self.looped:
            self.kept[path] = module.mem
        described = self.layers[path]
        first = outputs[0] if isinstance(outputs, tuple) else outputs
        if first.dtype != self.dtype:
            self.refuse(module, f"its outputs are {first.dtype}, but the network is {self.dtype}")
        if layer in NEURONS and any(state.dtype != self.dtype for state in tensors_in(outputs)):
            self.refuse(
                module,
                f"a constant of another precision makes its membrane something else than {self.dtype}; convert its constants",
            )
        described.shape = tuple(first.shape[1:])
        if described.kind == "reshape":
            described.settings["shape"] = list(described.shape)
        out = Sum((Term(path, step),))
        if getattr(module, "inplace", False) and isinstance(inputs, Traced):
            return self.changed_in_place(inputs, out)
        if not isinstance(outputs, tuple):
            return self.wrap(outputs, out)
        if layer in SEQUENCES:
            last = Unusable(f"the last state of `{path}`; network files hand on its outputs at every step")
            rest = outputs[1]
            rest = tuple(self.wrap(part, last) for part in rest) if isinstance(rest, tuple) else self.wrap(rest, last)
            return self.wrap(first, out), rest
        slots = ["c"] if layer in CELLS else [slot for slot in NEURON_SLOTS[NEURONS[layer]] if slot != "spk"]
        return (
            self.wrap(first, out),
            *(self.wrap(state, State(path, slot, step)) for slot, state in zip(slots, outputs[1:], strict=True)),
        )

    def layer_of(self, module, path, layer, inputs):
        if path in self.layers:
            return self.layers[path]
        if path == INPUT:
            self.refuse(module, "a network file calls its own input so; give the module another name")
        refuse = lambda why: self.refuse(module, why)  # noqa: E731
        if layer in NEURONS:
            kind, settings, names = neuron(module, refuse, self.learned_constants_as_buffers)
        else:
            kind, settings, names = MODULES[layer](module, refuse)
        if kind in ("softmax", "log_softmax"):
            settings = self.softmax_settings(settings["axis"], inputs.dim(), f"`{path}`")
        stored = module.state_dict()
        # snnTorch lists a learned `V` twice.
        stored.pop("recurrent.V", None)
        surplus = stored.keys() - set(names)
        if surplus:
            self.refuse(
                module,
                f"it stores {', '.join(sorted(surplus))} besides; make weights that are parametrised or pruned plain ones (torch.nn.utils has a function for it)",
            )
        absent = [name for name, tensor in module.named_buffers() if tensor.numel() and name not in stored]
        states = NEURON_SLOTS[NEURONS[layer]] if layer in NEURONS else []
        if set(absent) - set(states):
            self.refuse(
                module, f"its buffers {', '.join(sorted(absent))} are not persistent, so their bytes would be missing"
            )
        tensors = {name: stored[name] for name in names if name in stored}
        self.check_tensors(module, tensors)
        self.layers[path] = Layer(path, kind, settings, tensors)
        return self.layers[path]

    def check_tensors(self, module, tensors):
        for name, tensor in tensors.items():
            constant = not isinstance(getattr_path(module, name), nn.Parameter) or type_of(module) in NEURONS
            if constant and tensor.dtype in (torch.float32, torch.float64, torch.int64):
                if name != "num_batches_tracked" and not torch.equal(
                    tensor.to(self.dtype).to(torch.float64), tensor.to(torch.float64)
                ):
                    self.refuse(
                        module,
                        f"{self.dtype} does not hold `{name}` exactly, so that neurobench and PyTorch could round differently; convert it",
                    )
            elif tensor.dtype != self.dtype:
                self.refuse(module, f"`{name}` is {tensor.dtype}, but the network is {self.dtype}")
            if not torch.isfinite(tensor).all():
                self.refuse(module, f"`{name}` holds numbers that are not finite")

    def checked_states(self, module, path, layer, step, states):
        """What a layer gets as its states: those it has itself, or rest."""
        slots = NEURON_SLOTS[NEURONS[layer]] if layer in NEURONS else ["h", "c"]
        given = [(slot, state) for slot, state in zip(slots, states) if state is not None]
        if layer in SEQUENCES:
            if self.stepped or self.looped:
                self.refuse(module, "it takes a whole sequence; export it without time steps, or use its cell")
            if any(isinstance(state, Traced) or state.any() for _, state in given):
                self.refuse(module, "it starts from a state that is not zero, which a network file cannot say")
            return []
        if layer not in NEURONS and layer not in CELLS:
            return []
        if not given and layer in CELLS and (self.stepped or step):
            self.refuse(
                module,
                "it is called without a state, so it starts anew at every step; hand it the state of the step before",
            )
        if not given and layer in NEURONS and (self.stepped or step):
            # The second run, or step, finds what the first left, unless someone resets the neuron in between.
            kept = module.mem
            if self.kept.get(path, kept) is not kept:
                self.refuse(
                    module,
                    "its membrane is reset inside forward, so it starts anew at a step; reset it outside, or before the loop",
                )
        expected = {slot: State(path, slot, step - 1) for slot in slots}
        expected["spk"] = expected["h"] = Sum((Term(path, step - 1),))
        for slot, state in given:
            meaning = getattr(state, "meaning", None)
            if isinstance(meaning, Carried):
                if self.bound.setdefault(meaning.argument, (path, slot)) != (path, slot):
                    self.refuse(module, f"the argument `{meaning.argument}` is the state of several layers")
            elif step == 0 and (meaning is None or meaning == Sum(())) and not plain(state).any():
                if self.stepped:
                    self.refuse(
                        module,
                        f"its state `{slot}` is set to zero inside forward, so it starts anew at every step; take it as an argument, or use init_hidden=True",
                    )
            elif step == 0 or meaning != expected[slot]:
                self.refuse(
                    module,
                    f"its state `{slot}` is not the one that it returned a step before; a network file has no other",
                )
        if layer in CELLS and step == 0:
            # Zeros, which is also what a handed-in state stands for.
            return []
        if layer is nn.LSTMCell:
            return [tuple(plain(state) for state in states)]
        if any(isinstance(getattr(state, "meaning", None), Carried) for state in states):
            return [None if state is None else torch.zeros(0) for state in states]
        return [plain(state) for state in states if state is not None or layer in NEURONS]

    def refuse(self, module, why):
        path = self.paths[id(module)]
        raise ExportError(f"`{path}` ({type(module).__module__.split('.')[0]}.{type(module).__name__}): {why}")

    # Functions.

    def axis(self, axis, dimensions, where):
        """An axis of a batch as an axis of one sample."""
        axis = axis + dimensions if axis < 0 else axis
        if axis == 0:
            raise ExportError(f"{where} works along the axis of the samples")
        return axis - 1

    def softmax_settings(self, axis, dimensions, where):
        if axis is None:
            # What PyTorch does without `dim`.
            axis = 0 if dimensions in (0, 1, 3) else 1
        axis = self.axis(axis, dimensions, where)
        return {} if axis == dimensions - 2 else {"axis": axis}

    def function(self, function, args, kwargs):
        name = getattr(function, "__name__", str(function))
        if name == "__get__":
            if function == torch.Tensor.data.__get__:
                return self.wrap(plain(args[0]), args[0].meaning)
            name = "a property of tensors"
        if name == "__eq__" and args[1] is None:
            return False
        handler = FUNCTIONS.get(name)
        if handler is None:
            hint = HINTS.get(name, "network files have no such layer; use layers of the kinds that they have")
            if name in ("__bool__", "item", "tolist", "numpy"):
                hint = "what the module does must not depend on the numbers"
            inside = ", ".join(
                sorted({term.layer for value in tensors_in((args, kwargs)) for term in terms_or_none(value)})
            )
            raise ExportError(f"{name} (of what {inside or 'the module'} gives) cannot be exported: {hint}")
        result = run_plain(function, args, kwargs)
        return handler(self, name, Arguments(name, args, kwargs), result)


class Arguments:
    """The arguments of a call, by place or name."""

    def __init__(self, function, args, kwargs):
        self.function, self.args, self.kwargs = function, args, kwargs

    def get(self, place, name, default=None):
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    @property
    def first(self):
        return self.args[0] if self.args else self.kwargs["input"]

    def refuse(self, why):
        raise ExportError(f"{self.function}: {why}")


def check_not_rounded(value, where):
    """A network file has no layer that rounds: whole numbers are numbers of rows, for nn.Embedding, or nothing."""
    if isinstance(value, Traced) and not plain(value).is_floating_point():
        raise ExportError(
            f"{where} takes {plain(value).dtype}; a network file rounds nothing, so only nn.Embedding takes whole numbers"
        )


def terms_or_none(value):
    meaning = getattr(value, "meaning", None)
    return meaning.terms if isinstance(meaning, (Sum, Stacked)) else ()


def getattr_path(module, path):
    for name in path.split("."):
        module = getattr(module, name)
    return module


def one_input(tracing, kind, settings, arguments, result):
    """A function of one input as a layer."""
    # In another shape, numbers of rows are still that.
    terms = tracing.terms(arguments.first, arguments.function, numbers_of_rows=kind in ("flatten", "reshape"))
    meaning = Sum((tracing.add_function(kind, settings, terms, result),))
    in_place = arguments.function.endswith("_") or arguments.kwargs.get("inplace", False)
    return tracing.changed_in_place(arguments.first, meaning) if in_place else tracing.wrap(result, meaning)


def simple(kind):
    return lambda tracing, name, arguments, result: one_input(tracing, kind, {}, arguments, result)


def call_relu(tracing, name, arguments, result):
    if name == "relu" and arguments.get(1, "inplace", False):
        arguments.kwargs["inplace"] = True
    return one_input(tracing, "relu", {}, arguments, result)


def call_leaky_relu(tracing, name, arguments, result):
    if arguments.get(2, "inplace", False):
        arguments.kwargs["inplace"] = True
    return one_input(
        tracing, "leaky_relu", {"negative_slope": float(arguments.get(1, "negative_slope", 0.01))}, arguments, result
    )


def call_gelu(tracing, name, arguments, result):
    return one_input(tracing, "gelu", {"approximate": arguments.get(1, "approximate", "none")}, arguments, result)


def call_softmax(tracing, name, arguments, result):
    if result.dtype != tracing.dtype:
        arguments.refuse(f"its dtype must be {tracing.dtype}, as the network's")
    settings = tracing.softmax_settings(arguments.get(1, "dim"), result.dim(), name)
    return one_input(tracing, name, settings, arguments, result)


def call_dropout(tracing, name, arguments, result):
    if arguments.get(2, "training", True):
        arguments.refuse("it drops outputs in evaluation too; write `training=self.training`")
    return one_input(tracing, "dropout", {"p": float(arguments.get(1, "p", 0.5))}, arguments, result)


def call_layer_norm(tracing, name, arguments, result):
    if arguments.get(2, "weight") is not None or arguments.get(3, "bias") is not None:
        arguments.refuse("its weights belong into a module; use nn.LayerNorm")
    settings = {"normalized_shape": list(arguments.get(1, "normalized_shape")), "eps": arguments.get(4, "eps", 1e-5)}
    return one_input(tracing, "layer_norm", settings, arguments, result)


def call_max_pool(tracing, name, arguments, result):
    names = ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"]
    found = {key: arguments.get(place, key) for place, key in enumerate(names, 1)}
    if found.pop("return_indices"):
        arguments.refuse("indices are what no layer takes")
    kind, settings = pooling("max", name[-2:], found, arguments.refuse)
    return one_input(tracing, kind, settings, arguments, result)


def call_avg_pool(tracing, name, arguments, result):
    names = ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"]
    found = {key: arguments.get(place, key) for place, key in enumerate(names, 1)}
    kind, settings = pooling("avg", name[-2:], found, arguments.refuse)
    return one_input(tracing, kind, settings, arguments, result)


def call_adaptive_pool(tracing, name, arguments, result):
    if arguments.get(2, "return_indices", False):
        arguments.refuse("indices are what no layer takes")
    return one_input(
        tracing,
        name,
        {"output_size": output_size(arguments.get(1, "output_size"), arguments.refuse)},
        arguments,
        result,
    )


def call_reshape(tracing, name, arguments, result):
    """`flatten`, `view`, `reshape`, `squeeze`, `unsqueeze`: as many numbers for each sample, in the same order."""
    value = arguments.first
    if isinstance(value.meaning, (State, Carried)):
        arguments.refuse(tracing.describe(value))
    if result.dim() < 1 or result.shape[0] != value.shape[0]:
        arguments.refuse("the axis of the samples must stay the first")
    if result.shape == value.shape:
        return tracing.wrap(result, value.meaning)
    if result.dim() == 2:
        kind, settings = "flatten", {}
    else:
        kind, settings = "reshape", {"shape": list(result.shape[1:])}
    return one_input(tracing, kind, settings, arguments, result)


def call_permute(tracing, name, arguments, result):
    """Moves axes: of a whole sequence those of time and samples; of anything else only axes of length 1, which is to reshape."""
    value = arguments.first
    if name == "permute":
        order = arguments.args[1:] if len(arguments.args) > 2 else arguments.get(1, "dims")
        order = [axis % value.dim() for axis in order]
    else:
        order = list(range(value.dim()))
        one, two = (axis % value.dim() for axis in (arguments.get(1, "dim0"), arguments.get(2, "dim1")))
        order[one], order[two] = two, one
    if isinstance(value.meaning, Sequence):
        if sorted(order[:2]) != [0, 1] or order[2:] != list(range(2, value.dim())):
            arguments.refuse("of a whole sequence only the axes of time and samples can be exchanged")
        return tracing.wrap(result, Sequence(order.index(value.meaning.axis)))
    long = [axis for axis in order if value.shape[axis] != 1]
    if order[0] != 0 or long != sorted(long):
        arguments.refuse("network files have no layer that moves axes")
    return call_reshape(tracing, name, arguments, result)


def call_same(tracing, name, arguments, result):
    """What changes nothing."""
    return tracing.wrap(result, arguments.first.meaning)


def call_convert(tracing, name, arguments, result):
    value = arguments.first
    integers = (torch.int64, torch.int32)
    if result.dtype != value.dtype and not (result.dtype in integers and value.dtype == tracing.dtype):
        arguments.refuse(f"from {value.dtype} to {result.dtype}; network files compute in {tracing.dtype} throughout")
    return tracing.wrap(result, value.meaning)


def call_add(tracing, name, arguments, result):
    one, two = arguments.first, arguments.get(1, "other")
    if arguments.kwargs.get("alpha", 1) != 1:
        arguments.refuse("a factor is not there")
    for value in (one, two):
        if not isinstance(value, torch.Tensor):
            if value == 0:
                continue
            arguments.refuse("a number cannot be added; put it into the bias of a layer")
        terms = tracing.terms(value, name)
        if terms and tuple(value.shape) != tuple(result.shape):
            arguments.refuse(
                f"shapes {tuple(one.shape)} and {tuple(two.shape)} differ; network files add outputs of one shape"
            )
    one_terms = tracing.terms(one, name) if isinstance(one, torch.Tensor) else ()
    two_terms = tracing.terms(two, name) if isinstance(two, torch.Tensor) else ()
    if len(one_terms) > 1 and len(two_terms) > 1:
        # The second sum is rounded before it is added.
        two_terms = (tracing.term(two, name),)
    elif len(two_terms) > 1:
        # Addition commutes, but it does not associate.
        one_terms, two_terms = two_terms, one_terms
    meaning = Sum(one_terms + two_terms)
    if name in ("add_", "__iadd__"):
        return tracing.changed_in_place(one, meaning)
    return tracing.wrap(result, meaning)


def call_cat(tracing, name, arguments, result):
    values = arguments.get(0, "tensors")
    axis = tracing.axis(arguments.get(1, "dim", arguments.kwargs.get("axis", 0)), result.dim(), name)
    settings = {"axis": axis} if axis else {}
    terms = []
    for value in values:
        if isinstance(value, Traced):
            terms.append(tracing.term(value, name))
            continue
        sample = value[0]
        if not (value == sample).all():
            arguments.refuse("a tensor that is no output of a layer differs between the samples")
        number = sample.flatten()[0].item() if (sample == sample.flatten()[0]).all() else sample.tolist()
        terms.append(
            tracing.add_function(
                "constant", {"value": number, "shape": list(sample.shape)}, (), value, constants=number
            )
        )
    last = max(term.step for term in terms)
    # A constant is the same at every step.
    terms = [dataclasses.replace(term, step=last) if is_constant(tracing, term) else term for term in terms]
    for term in terms:
        if is_constant(tracing, term):
            tracing.layers[term.layer].calls[last] = ()
    return tracing.wrap(result, Sum((tracing.add_function("concatenate", settings, tuple(terms), result),)))


def is_constant(tracing, term):
    return term.layer in tracing.layers and tracing.layers[term.layer].kind == "constant"


def call_zeros(tracing, name, arguments, result):
    return tracing.wrap(result, Sum(()))


def call_getitem(tracing, name, arguments, result):
    """A step of a whole sequence."""
    value = arguments.first
    index = arguments.get(1, "index")
    index = index if isinstance(index, tuple) else (index,)
    if name == "select":
        index = (slice(None),) * arguments.get(1, "dim") + (arguments.get(2, "index"),)
    if isinstance(value.meaning, Sequence):
        axis = value.meaning.axis
        while index and index[-1] in (slice(None), Ellipsis):
            index = index[:-1]
        if (
            len(index) == axis + 1
            and isinstance(index[axis], int)
            and all(part == slice(None) for part in index[:axis])
        ):
            return tracing.wrap(result, Sum((Term(INPUT, index[axis] % value.shape[axis]),)))
        arguments.refuse("of a whole sequence only single steps can be taken, by `x[step]` or `x[:, step]`")
    if isinstance(value.meaning, (Unusable, Stacked)):
        arguments.refuse(tracing.describe(value))
    arguments.refuse(
        "network files have no layer that selects a part; for the last step of a sequence, return all steps and write "
        "`postprocessors = [\"last_step\"]` in the benchmark; "
        "if these are the steps of a loop over time, say by loop_axis which axis is time"
    )


def call_unbind(tracing, name, arguments, result):
    value = arguments.first
    if isinstance(value.meaning, Sequence) and value.meaning.axis == arguments.get(1, "dim", 0):
        return tuple(tracing.wrap(part, Sum((Term(INPUT, step),))) for step, part in enumerate(result))
    arguments.refuse("only a whole sequence can be taken apart, along the axis of time")


def call_stack(tracing, name, arguments, result):
    values = arguments.get(0, "tensors")
    return tracing.wrap(result, Stacked(tuple(tracing.term(value, name) for value in values)))


FUNCTIONS = {
    "relu": call_relu,
    "relu_": call_relu,
    "leaky_relu": call_leaky_relu,
    "gelu": call_gelu,
    "sigmoid": simple("sigmoid"),
    "tanh": simple("tanh"),
    "softmax": call_softmax,
    "log_softmax": call_softmax,
    "dropout": call_dropout,
    "layer_norm": call_layer_norm,
    "max_pool1d": call_max_pool,
    "max_pool2d": call_max_pool,
    "avg_pool1d": call_avg_pool,
    "avg_pool2d": call_avg_pool,
    "adaptive_avg_pool1d": call_adaptive_pool,
    "adaptive_avg_pool2d": call_adaptive_pool,
    "adaptive_max_pool1d": call_adaptive_pool,
    "adaptive_max_pool2d": call_adaptive_pool,
    **dict.fromkeys(["flatten", "view", "reshape", "squeeze", "unsqueeze", "unflatten"], call_reshape),
    **dict.fromkeys(["permute", "transpose", "swapaxes"], call_permute),
    **dict.fromkeys(["contiguous", "clone", "detach"], call_same),
    **dict.fromkeys(["to", "float", "double", "long", "int", "type", "cpu"], call_convert),
    **dict.fromkeys(["add", "add_", "__add__", "__radd__", "__iadd__"], call_add),
    **dict.fromkeys(["cat", "concat", "concatenate"], call_cat),
    **dict.fromkeys(["zeros_like", "new_zeros"], call_zeros),
    **dict.fromkeys(["__getitem__", "select"], call_getitem),
    "unbind": call_unbind,
    "stack": call_stack,
}
HINTS = {
    "linear": "its weights belong into a module; use nn.Linear",
    "matmul": "its weights belong into a module; use nn.Linear",
    "__matmul__": "its weights belong into a module; use nn.Linear",
    "conv1d": "its weights belong into a module; use nn.Conv1d",
    "conv2d": "its weights belong into a module; use nn.Conv2d",
    "batch_norm": "its weights belong into a module; use nn.BatchNorm1d, 2d or 3d",
    "embedding": "its weights belong into a module; use nn.Embedding",
    "mul": "network files have no products of outputs; put a factor into the weights of the layer before or behind",
    "div": "network files have no quotients; put a factor into the weights of the layer before or behind",
    "sub": "network files have no differences; put the sign into the weights of the layer before",
    "mean": "for a mean over time steps, return all steps and let the postprocessor `aggregate` sum them, which gives the same "
    "classes; for the mean over rows and columns use nn.AdaptiveAvgPool2d",
    "sum": "for a sum over time steps, return all steps and let the postprocessor `aggregate` sum them",
}


@contextlib.contextmanager
def at_rest(module):
    """The module in evaluation mode, without gradients and with neurons at rest; afterwards it is as before."""
    training = {part: part.training for part in module.modules()}
    neurons = [part for part in module.modules() if type_of(part) in NEURONS]
    states = [(part, name, part._buffers[name]) for part in neurons for name in part._non_persistent_buffers_set]
    try:
        module.eval()
        for part, name, _ in states:
            part._buffers[name] = torch.zeros(0)
        with torch.no_grad():
            yield
    finally:
        for part, name, state in states:
            part._buffers[name] = state
        for part, mode in training.items():
            part.training = mode


def export(
    module,
    destination,
    input_shape=None,
    time_steps=False,
    example=None,
    *,
    steps=None,
    loop_axis=None,
    carries_state=False,
    readout=0,
    learned_constants_as_buffers=False,
    force=True,
):
    """Writes a module as a network file with its weights.

    `destination` is a path without extension, or with `.toml`, or a folder that exists, where the files are called `network`;
    without `force`, files that are there and have other contents are not replaced.
    `input_shape` is the shape of one sample at one time step. `example` is what the module takes: `[batch, ..input_shape]`, with
    the axis of time of a module that loops (at least three steps); it is needed only if the module does not take any numbers at
    all. `steps` is how many steps a module that loops runs on, if there is no example. The other arguments are explained at the top of
    this file.

    Returns the path of the network file. Raises `ExportError` for what cannot be written, and then writes nothing.
    """
    if not isinstance(module, nn.Module):
        raise ExportError(f"a torch.nn.Module is needed, not {type(module).__name__}")
    if carries_state and (time_steps or loop_axis is not None):
        raise ExportError("carries_state excludes time_steps and loop_axis: samples are the steps of a sequence then")
    # A module that is a layer itself has no path below which its tensors could be.
    root = nn.Sequential(module) if type_of(module) is not None else module
    if loop_axis is not None:
        if loop_axis not in (0, 1):
            raise ExportError(
                f"loop_axis is {loop_axis}; it must be 0 or 1, as the axes of time and samples are the first two"
            )
        time_steps = True
    dtype = network_dtype(root)
    if input_shape is None:
        if example is None:
            raise ExportError("input_shape is missing: the shape of one sample at one time step")
        input_shape = example.shape[1 if loop_axis is None else 2 :]
    if steps is not None and (loop_axis is None or example is not None):
        raise ExportError("steps is how many steps a module that loops (loop_axis) runs on, if there is no example")
    input_shape = [int(axis) for axis in ([input_shape] if isinstance(input_shape, int) else input_shape)]
    if any(axis < 1 for axis in input_shape):
        raise ExportError(f"input_shape is {input_shape}; every axis must have a length of 1 at least")
    stepped = (time_steps and loop_axis is None) or carries_state
    ours = loop_axis is not None and steps is None and example is None
    networks = []
    for count in STEPS if ours else [steps]:
        inputs = checked_example(example, count, input_shape, loop_axis, dtype)
        hint = ""
        if ours:
            hint = f"; it ran on {count} steps, which is the exporter's choice: say how many by steps (--steps) or an example (--check)"
        with at_rest(root):
            run = [dtype, stepped, loop_axis, readout, learned_constants_as_buffers]
            tracing, output = trace(root, inputs, *run, {}, hint)
            if stepped:
                # Once more: a step must do what the step before did.
                kept = {path: part.mem for path, part in root.named_modules() if type_of(part) in NEURONS}
                again, same = trace(root, inputs, *run, kept)
                if (described(tracing), output) != (described(again), same):
                    raise ExportError(
                        "the module does something else when it is called a second time; a network file does the same at every step"
                    )
        networks.append(finished(tracing, output))
    if ours:
        check_same(*networks)
    check_complete(root, tracing, None if loop_axis is None else inputs.shape[loop_axis])
    head = {"input_shape": input_shape}
    if dtype == torch.float64:
        head["dtype"] = "f64"
    if carries_state:
        head["carries_state"] = True
    elif time_steps:
        head["time_steps"] = True
    return write(destination, head, networks[-1], tracing.layers, force)


def network_dtype(root):
    kinds = {tensor.dtype for tensor in root.parameters() if tensor.is_floating_point()}
    if not kinds:
        return torch.float32
    if len(kinds) > 1 or not kinds <= {torch.float32, torch.float64}:
        raise ExportError(
            f"parameters are {' and '.join(sorted(map(str, kinds)))}; all must be torch.float32, or all torch.float64"
        )
    return kinds.pop()


def check_same(one, two):
    """That a module that loops is the same network with any number of steps."""
    for entries in itertools.zip_longest(one[1], two[1], fillvalue={"path": "nothing"}):
        if entries[0] != entries[1]:
            places = " and ".join(dict.fromkeys(f"`{entry['path']}`" for entry in entries))
            raise ExportError(
                f"the module does something else at some steps, or depends on how many there are: the networks of {STEPS[0]} and of "
                f"{STEPS[1]} steps differ first at {places}; a network file does the same at every step"
            )
    if one[0] != two[0]:
        raise ExportError(f"the output depends on how many steps there are: `{one[0]}` of {STEPS[0]}, `{two[0]}` of {STEPS[1]}")


def checked_example(example, steps, input_shape, loop_axis, dtype):
    lead = [BATCH]
    if loop_axis is not None:
        lead.insert(loop_axis, steps)
    example = None if example is None else torch.as_tensor(example)
    shape = [*lead, *input_shape] if example is None else list(example.shape)
    if shape[len(lead) :] != input_shape or len(shape) != len(lead) + len(input_shape):
        axes = {None: "batch", 0: "step, batch", 1: "batch, step"}[loop_axis]
        raise ExportError(f"the example has shape {shape}, not [{axes}, {', '.join(map(str, input_shape))}]")
    if loop_axis is not None and shape[loop_axis] < FEWEST_STEPS:
        raise ExportError(
            f"what a loop does from step to step shows at {FEWEST_STEPS} steps or more, not at {shape[loop_axis]}; say how many by "
            "steps (--steps)"
        )
    if example is None:
        return torch.zeros(shape, dtype=dtype)
    return example.to(dtype) if example.is_floating_point() else example


def trace(root, inputs, dtype, stepped, loop_axis, readout, learned_constants_as_buffers, kept, hint=""):
    """Runs the module once. What may be wrong with the number of steps alone is told with the hint."""
    samples = inputs.shape[0 if loop_axis is None else 1 - loop_axis]
    looped = loop_axis is not None
    tracing = Tracing(
        root,
        dtype,
        samples,
        kept,
        stepped=stepped,
        looped=looped,
        learned_constants_as_buffers=learned_constants_as_buffers,
    )
    handles = []
    for part in root.modules():
        handles.append(part.register_forward_pre_hook(tracing.enter, with_kwargs=True))
        handles.append(part.register_forward_hook(tracing.leave, with_kwargs=True))
    tracing.own = {handle.id for handle in handles}
    inputs = inputs.clone()
    traced = tracing.wrap(inputs, Sum((Term(INPUT, 0),)) if loop_axis is None else Sequence(loop_axis))
    states = {}
    if stepped:
        parameters = [*inspect.signature(root.forward).parameters.values()][1:]
        for parameter in parameters:
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY) and parameter.default in (
                None,
                parameter.empty,
            ):
                states[parameter.name] = tracing.wrap(torch.zeros(0, dtype=dtype), Carried(parameter.name))
    try:
        given = root(traced, **states)
    except ExportError:
        raise
    except Exception as error:
        shape = list(inputs.shape)
        raise ExportError(f"the module fails on inputs of shape {shape}: {one_line(error)}{hint}") from error
    finally:
        for handle in handles:
            handle.remove()
    returned = [value for value in flat(given) if isinstance(value, torch.Tensor)]
    for argument, (path, slot) in tracing.bound.items():
        new = Sum((Term(path, 0),)) if slot in ("spk", "h") else State(path, slot, 0)
        places = [place for place, value in enumerate(returned) if getattr(value, "meaning", None) == new]
        if not places:
            raise ExportError(
                f"forward takes `{argument}`, the state `{slot}` of `{path}`, but does not return the new one"
            )
        tracing.returned_states[argument] = places[0], tuple(returned[places[0]].shape[1:])
    if not 0 <= readout < len(returned):
        raise ExportError(f"readout is {readout}, but forward returns {len(returned)} tensors (counted from 0)")
    return tracing, output_of(tracing, returned[readout], loop_axis, inputs, hint)


def one_line(error):
    """What an exception says, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def flat(value):
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from flat(part)
    else:
        yield value


def output_of(tracing, value, loop_axis, inputs, hint):
    """The term that is the network's output, at the first step."""
    check_not_rounded(value, "the output")
    if loop_axis is None:
        return tracing.term(value, "the output")
    meaning = getattr(value, "meaning", None)
    steps = inputs.shape[loop_axis]
    if not isinstance(meaning, Stacked):
        raise ExportError(f"forward must return torch.stack of the outputs of all steps; {AFTERWARDS}")
    terms = meaning.terms
    if [term.step for term in terms] != list(range(steps)) or len({(term.layer, term.membrane) for term in terms}) != 1:
        raise ExportError(f"the outputs that are stacked are not those of one layer at each of the {steps} steps{hint}")
    return terms[0]


def described(tracing):
    return [(layer.path, layer.kind, layer.settings, layer.calls, layer.shape) for layer in tracing.layers.values()]


def check_complete(root, tracing, steps):
    """That every number that PyTorch counts is in the file, once."""
    at, otherwise = "", ""
    if steps is not None:
        at, otherwise = f" at any of the {steps} steps of this run", "; if a later step uses it, say more steps by steps (--steps)"
    written = {f"{path}.{name}" for path, layer in tracing.layers.items() for name in layer.tensors}
    seen = {}
    for name, parameter in [
        *root.named_parameters(remove_duplicate=False),
        *root.named_buffers(remove_duplicate=False),
    ]:
        inside = any(
            name.startswith(f"{path}.")
            for path, module in root.named_modules()
            if type_of(module) and path in tracing.layers
        )
        if parameter.numel() and not inside and name not in written:
            raise ExportError(
                f"`{name}` takes part in no layer{at}, so its {parameter.numel() * parameter.element_size()} bytes would be missing; "
                f"remove it, or use it through a layer{otherwise}"
            )
        if name in written and seen.setdefault(id(parameter), name) != name:
            raise ExportError(
                f"`{seen[id(parameter)]}` and `{name}` are one tensor, which a network file would store and count twice"
            )


def finished(tracing, output):
    """The entries of the layers, with their inputs, and the output."""
    order = {path: place for place, path in enumerate(tracing.layers)}
    steps = {len(layer.calls) for layer in tracing.layers.values() if layer.kind != "constant"}
    if not tracing.layers:
        raise ExportError("the module gives its inputs and has no layer")
    if len(steps) > 1:
        counts = ", ".join(f"`{layer.path}` {len(layer.calls)}" for layer in tracing.layers.values())
        raise ExportError(f"layers do not run once for each step, which all layers of a network file do: {counts}")
    membranes, spikes = set(), set()
    entries, before = [], INPUT
    for path, layer in tracing.layers.items():
        inputs = relative_inputs(layer)
        for source, delay, membrane in inputs:
            if source != INPUT and tracing.layers[source].kind in NEURON_SLOTS:
                (membranes if membrane else spikes).add(source)
            feedback = source != INPUT and order[source] >= order[path]
            if (delay == 1) != feedback or delay > 1:
                raise ExportError(
                    f"`{path}` takes outputs of `{source}` from {delay} steps before, which the order of the layers cannot say"
                )
        entry = {"path": path, "kind": layer.kind}
        names = [source for source, _, _ in inputs]
        if names != [before]:
            entry["inputs"] = names
        if inputs and all(delay == 1 for _, delay, _ in inputs):
            # Whoever reads the file has not seen these layers yet.
            entry["input_shape"] = list(tracing.layers[names[0]].shape)
        entries.append((layer, entry | layer.settings))
        before = path
    if output.layer == INPUT:
        raise ExportError("the module gives its inputs")
    if tracing.layers[output.layer].kind in NEURON_SLOTS:
        (membranes if output.membrane else spikes).add(output.layer)
    both = sorted(membranes & spikes)
    if both:
        raise ExportError(
            f"both the spikes and the membranes of `{both[0]}` are used; a network file hands on one of them"
        )
    for layer, entry in entries:
        if layer.path in membranes:
            entry["output"] = "membrane"
    return output.layer, [entry for _, entry in entries]


def relative_inputs(layer):
    """The inputs of a layer as (source, how many steps before, whether it is the membrane): the same at every step but the first."""
    relative = {}
    for step, terms in layer.calls.items():
        relative[step] = [(term.layer, step - term.step, term.membrane) for term in terms]
    first, last = relative[min(relative)], relative[max(relative)]
    if not last and layer.kind != "constant":
        raise ExportError(f"`{layer.path}` takes nothing but zeros")
    settled = [inputs for step, inputs in relative.items() if step > min(relative)]
    if any(inputs != last for inputs in settled) or first != [
        each for each in last if each[1] == 0 or len(relative) == 1
    ]:
        raise ExportError(f"`{layer.path}` takes other inputs in one step than in another")
    return last


def toml(value):
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    # JSON's strings, numbers and truth values are TOML's too.
    return json.dumps(value, ensure_ascii=False)


def write(destination, head, network, layers, force):
    output, entries = network
    destination = Path(destination)
    if destination.is_dir():
        destination = destination / "network"
    elif destination.suffix == ".toml":
        destination = destination.with_suffix("")
    tensors = {f"{path}.{name}": tensor for path, layer in layers.items() for name, tensor in layer.tensors.items()}
    lines = ['format = "neurobench-network"', "version = 1"]
    if tensors:
        lines.append(f"weights = {toml(destination.name + '.safetensors')}")
    lines += [f"{key} = {toml(value)}" for key, value in head.items()]
    if output != entries[-1]["path"]:
        lines.append(f"output = {toml(output)}")
    for entry in entries:
        lines += ["", "[[layers]]", *(f"{key} = {toml(value)}" for key, value in entry.items())]
    path = Path(f"{destination}.toml")
    files = {path: ("\n".join(lines) + "\n").encode()}
    if tensors:
        # `save_file` would make a file that its owner alone may read.
        stored = save({name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()})
        files = {Path(f"{destination}.safetensors"): stored} | files
    try:
        for file, contents in files.items():
            if not force and file.exists() and file.read_bytes() != contents:
                raise ExportError(f"{file} is there and has other contents; write elsewhere (--out), or replace it by --force")
        destination.parent.mkdir(parents=True, exist_ok=True)
        for file, contents in files.items():
            file.write_bytes(contents)
    except OSError as error:
        raise ExportError(f"{destination} cannot be written: {error}") from error
    return path


def check(module, path, inputs, *, time_steps=False, loop_axis=None, carries_state=False, readout=0):
    """Runs the module on inputs as the network file takes them, and writes what to compare with beside the file.

    With time steps `inputs` is `[batch, step, ..input_shape]`, else `[batch, ..input_shape]`. Writes `NAME.input.npy`, `NAME.output.npy`
    and `NAME.check.toml`, a benchmark: `neurobench run NAME.check.toml` then prints the mean squared difference between its outputs and
    these. It should be rounding alone: of single precision below 1e-10 times the mean square of the outputs, of double 1e-25, and 0 where
    these are spikes; a membrane that comes within rounding of its threshold may differ by a spike. The benchmark says the figure on
    top. Returns the outputs.
    """
    inputs = torch.as_tensor(inputs)
    path = Path(path)
    stem = path.with_suffix("") if path.suffix == ".toml" else path
    with at_rest(module):
        if loop_axis is not None:
            outputs = outputs_of(module(inputs if loop_axis == 1 else inputs.transpose(0, 1)))[readout]
            outputs = outputs if loop_axis == 1 else outputs.transpose(0, 1)
        elif carries_state:
            outputs = torch.cat(run_steps(module, inputs.split(1), readout))
        elif time_steps:
            outputs = torch.stack(run_steps(module, inputs.unbind(1), readout), 1)
        else:
            outputs = outputs_of(module(inputs))[readout]
    numpy.save(f"{stem}.input.npy", inputs.numpy())
    numpy.save(f"{stem}.output.npy", outputs.contiguous().numpy())
    name = stem.name
    relative = 1e-25 if outputs.dtype == torch.float64 else 1e-10
    good = relative * float(outputs.double().square().mean())
    lines = [f"# An mse of {good:.1e} or less is rounding alone; more may be a spike that came within rounding of a threshold."]
    lines += [f"name = {toml(name + '.check')}", 'metrics = ["mse"]', "", "[model]", f"network = {toml(name + '.toml')}"]
    lines += ["", "[data]", f"inputs = {toml(name + '.input.npy')}", f"targets = {toml(name + '.output.npy')}"]
    Path(f"{stem}.check.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return outputs


def run_steps(module, steps, readout):
    """A module that is one step, called for each; states that it takes are zeros first, then those that it returned."""
    carried = carried_states(module, steps[0])
    states = {argument: steps[0].new_zeros(len(steps[0]), *shape) for argument, (_, shape) in carried.items()}
    outputs = []
    for inputs in steps:
        given = outputs_of(module(inputs, **states))
        outputs.append(given[readout])
        states = {argument: given[place] for argument, (place, _) in carried.items()}
    return outputs


def carried_states(module, example):
    """The states that a module of one step takes after its input: where each is among what it returns, and its shape."""
    with at_rest(module):
        return trace(module, example, network_dtype(module), True, None, 0, True, {})[0].returned_states


def outputs_of(given):
    return [value for value in flat(given) if isinstance(value, torch.Tensor)]


def module_of(written):
    """The module that `package.module:factory` names."""
    package, _, name = written.partition(":")
    if package.endswith(".py") or "/" in package:
        dotted = package.removesuffix(".py").strip("./").replace("/", ".")
        raise ExportError(f"`{package}` is a file; name the module, as in {dotted}:{name or 'model'}")
    sys.path.insert(0, "")
    try:
        home = importlib.import_module(package)
    except Exception as error:
        raise ExportError(f"`{package}` cannot be imported: {one_line(error)}") from error
    name = name or "model"
    if not hasattr(home, name):
        own = [key for key, value in vars(home).items() if getattr(value, "__module__", None) == home.__name__]
        there = f"; there are {', '.join(own)}" if own else ""
        raise ExportError(f"`{package}` has no `{name}`{there}")
    found = getattr(home, name)
    if not isinstance(found, nn.Module):
        if not callable(found):
            raise ExportError(f"`{written}` is {type(found).__name__}, not a module or a function that returns one")
        try:
            found = found()
        except Exception as error:
            raise ExportError(f"`{written}` fails when it is called without arguments: {one_line(error)}") from error
    if not isinstance(found, nn.Module):
        raise ExportError(f"`{written}` gives {type(found).__name__}, not a torch.nn.Module")
    return found


def load_state(module, path):
    """Loads what `torch.save` wrote of a state dict."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:
        raise ExportError(f"{path} cannot be loaded as a state dict: {one_line(error)}") from error
    if not isinstance(state, dict):
        raise ExportError(f"{path} holds {type(state).__name__}, not a state dict: save `module.state_dict()`")
    inner = [key for key, value in state.items() if isinstance(value, dict)]
    if inner and not any(isinstance(value, torch.Tensor) for value in state.values()):
        raise ExportError(
            f"{path} is a checkpoint with {', '.join(map(str, state))}; save the state dict in it, "
            f"`torch.load(..)[{inner[0]!r}]`, by itself"
        )
    try:
        module.load_state_dict(state)
    except (RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise ExportError(f"{path} does not fit the module: {one_line(error)}") from error


def read_inputs(path):
    try:
        return numpy.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ExportError(f"{path} is not an array that numpy.save wrote: {one_line(error)}") from error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module", help="package.module:factory, a function that returns the module, or the module")
    parser.add_argument("--state-dict", help="a file of torch.save to load into the module first")
    parser.add_argument("--input-shape", type=int, nargs="*", help="one sample at one time step")
    parser.add_argument("--time-steps", action="store_true", help="the module is one time step")
    parser.add_argument(
        "--loop-axis", type=int, choices=[0, 1], help="forward loops over time, which is this axis of its input"
    )
    parser.add_argument(
        "--steps",
        type=int,
        help="how many steps a module that loops runs on; else as many as the inputs of --check have, or as is said above",
    )
    parser.add_argument("--carries-state", action="store_true", help="every sample is one step of a sequence")
    parser.add_argument(
        "--readout", type=int, default=0, help="which of the tensors that forward returns is the output (0: the first)"
    )
    parser.add_argument(
        "--learned-constants-as-buffers", action="store_true", help="count learned constants of neurons as buffers"
    )
    parser.add_argument(
        "--out", default="network", help="path of the files without extension, or a folder (default: network)"
    )
    parser.add_argument("--force", action="store_true", help="replace network files that are there and have other contents")
    parser.add_argument(
        "--check",
        metavar="INPUT.npy",
        help="run the module on these inputs too, and write inputs, outputs and a benchmark that compares, with the difference on top "
        "that is good enough",
    )
    arguments = parser.parse_args()
    names = ["time_steps", "loop_axis", "carries_state", "readout"]
    keys = {key: getattr(arguments, key) for key in names}
    try:
        module = module_of(arguments.module)
        if arguments.state_dict:
            load_state(module, arguments.state_dict)
        inputs = read_inputs(arguments.check) if arguments.check else None
        steps = arguments.steps
        if steps is None and inputs is not None and arguments.loop_axis is not None and inputs.ndim > 1:
            steps = inputs.shape[1]
        path = export(
            module,
            arguments.out,
            arguments.input_shape,
            steps=steps,
            force=arguments.force,
            learned_constants_as_buffers=arguments.learned_constants_as_buffers,
            **keys,
        )
        if inputs is not None:
            try:
                check(module, path, inputs, **keys)
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                shape = list(inputs.shape)
                raise ExportError(
                    f"{arguments.check}: the module fails on inputs of shape {shape}: {one_line(error)}; {path} was written before, "
                    "and stays"
                ) from error
    except (ExportError, OSError) as error:
        sys.exit(f"error: {error}")
    neurons = [part for part in module.modules() if type_of(part) in NEURONS]
    if neurons and not (arguments.time_steps or arguments.carries_state or arguments.loop_axis is not None):
        print(
            f"note: the network has neurons with state ({type(neurons[0]).__name__}) and no time steps, so they see one step from rest; "
            "for inputs [sample, step, ..] say --time-steps",
            file=sys.stderr,
        )
    print(path)


if __name__ == "__main__":
    main()
