"""Records small random networks of every kind of layer, run by PyTorch and snnTorch with fixed seeds, in this folder.

    pip install torch==2.6.0 snntorch==1.0.0 safetensors==0.8.0 numpy==2.2.6
    python record_layers.py

The script writes a network file `NAME.toml` for each case. `layers.safetensors` holds `NAME/input`, `NAME/output` and
the weights of the case as `NAME/weights/TENSOR`. (A network file refers to `NAME.safetensors`, which the test creates
from these weights.) `layers.json` has, for each case:

* `tolerance`: the largest allowed difference of an output, relative to the largest output; 0 for spikes. The default,
  1e-6 (1e-12 in double precision), allows for another order of summation. If PyTorch's own result in single precision
  is further than half of that from the result in double precision, the tolerance is twice this distance.
* `footprint` in bytes and `parameters`, as counted by PyTorch.
* `spikes`: for each neuron layer, the number of spikes and the number of outputs.
* `updates`: for each neuron layer, the number of updated membranes: all in the first step, and those that changed in
  later steps.
* `operations`: for each connection layer, the synaptic operations, counted by a loop over every multiplication.
  `effective` counts the products of two non-zero factors, and `dense` all products (padding is not a factor).
  `ternary` is true if all inputs were -1, 0 or 1. The counts of recurrent layers include the products of gates and
  states in the formulas of the cells, with everything binarized; for `dense`, all weights, inputs and states are 1.
  Weights between neurons of one layer are a connection below the path of the layer, whose inputs are the spikes of
  the previous step. It counts once per step; snnTorch runs it twice if the reset is to zero, which changes nothing.
  A `V` for each neuron is not a connection.

Weights and inputs contain zeros. Every membrane differs from its threshold by at least 1e-5 of the threshold, and every
input of a ReLU differs from zero by at least 1e-6, so the order of summation affects no spike and no count. Every
neuron layer has at least 8 spikes. Seeds are drawn until these conditions hold.
"""

import contextlib
import itertools
import json
import sys
from copy import deepcopy
from pathlib import Path

import numpy
import snntorch
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[3] / "python"))

from export_snntorch import at_rest, carried_states, export, outputs_of  # noqa: E402

SAMPLES = 2
MARGIN = 1e-5
RELU_MARGIN = 1e-6
FEWEST_SPIKES = 8
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d)
CELLS = {nn.RNNCell: "rnn", nn.LSTMCell: "lstm", nn.GRUCell: "gru"}
SEQUENCES = {nn.RNN: "rnn", nn.LSTM: "lstm", nn.GRU: "gru"}
SPIKING = (snntorch.Leaky, snntorch.Synaptic, snntorch.Lapicque, snntorch.Alpha, snntorch.RLeaky, snntorch.RSynaptic)


class Unsuitable(Exception):
    """A membrane is too close to its threshold, an input of a ReLU too close to zero, or a layer has too few spikes."""


# Counts of operations, by loops.


def linear_operations(inputs, weight):
    effective = dense = 0
    for row in inputs.reshape(-1, inputs.shape[-1]):
        for weights in weight:
            for x, w in zip(row, weights, strict=True):
                effective += bool(x != 0 and w != 0)
                dense += 1
    return effective, dense


def positions(shape):
    return itertools.product(*map(range, shape))


def convolution_operations(module, inputs, outputs_shape):
    weight, axes = module.weight.numpy(), len(module.kernel_size)
    padding = module.padding
    if padding == "same":
        padding = [dilation * (taps - 1) // 2 for dilation, taps in zip(module.dilation, module.kernel_size)]
    elif padding == "valid":
        padding = [0] * axes
    of_group, out_of_group = weight.shape[1], weight.shape[0] // module.groups
    effective = dense = 0
    for sample in inputs:
        for out, *at in positions(outputs_shape):
            for channel, *tap in positions(weight.shape[1:]):
                place = [at[k] * module.stride[k] + tap[k] * module.dilation[k] - padding[k] for k in range(axes)]
                if all(0 <= place[k] < sample.shape[k + 1] for k in range(axes)):
                    x = sample[(out // out_of_group * of_group + channel, *place)]
                    effective += bool(x != 0 and weight[(out, channel, *tap)] != 0)
                    dense += 1
    return effective, dense


def transposed_operations(module, inputs, outputs_shape):
    weight, axes = module.weight.numpy(), len(module.kernel_size)
    of_group = weight.shape[0] // module.groups
    effective = dense = 0
    for sample in inputs:
        for channel, *at in positions(sample.shape):
            for out, *tap in positions(weight.shape[1:]):
                place = [
                    at[k] * module.stride[k] + tap[k] * module.dilation[k] - module.padding[k] for k in range(axes)
                ]
                if all(0 <= place[k] < outputs_shape[k + 1] for k in range(axes)):
                    effective += bool(sample[(channel, *at)] != 0 and weight[(channel, out, *tap)] != 0)
                    dense += 1
    assert channel // of_group < module.groups
    return effective, dense


def ones(values):
    return numpy.ones_like(values)


def binary(values):
    return (values != 0).astype(int)


def products(matrix, vector):
    """Counts, for each row, the products of the row and the vector with two non-zero factors."""
    counts = []
    for row in matrix:
        counts.append(0)
        for weight, value in zip(row, vector, strict=True):
            counts[-1] += bool(weight != 0 and value != 0)
    return numpy.array(counts)


def cell_operations(kind, tensors, x, h, c):
    """Counts the operations of one sample and step of a cell, with everything binarized."""
    weight_ih, weight_hh, bias_ih, bias_hh = tensors
    a, u, b, d = products(weight_ih, x), products(weight_hh, h), binary(bias_ih), binary(bias_hh)
    count, h = (a + u).sum(), binary(h)
    q = a + u + b + d
    if kind == "lstm":
        i, f, g, o = binary(q).reshape(4, -1)
        e = f * binary(c) + i * g
        count += e.sum() + (o * binary(e)).sum()
    if kind == "gru":
        (r, z, _), (_, _, a), (_, _, u), (_, _, b), (_, _, d) = (values.reshape(3, -1) for values in (q, a, u, b, d))
        # First the values that the reset gate passes on; then n times 1 - z, which is never zero; then z * h.
        k = binary(r) * binary(u + d)
        count += k.sum() + binary(a + b + k).sum() + (binary(z) * h).sum()
    return int(count)


def both_cell_operations(kind, tensors, x, h, c):
    """Counts effective and dense operations. Missing biases stay zero."""
    effective = cell_operations(kind, tensors, x, h, c)
    dense = cell_operations(
        kind, [ones(tensor) if tensor.any() else tensor for tensor in tensors], ones(x), ones(h), ones(c)
    )
    return effective, dense


def sigmoid(values):
    return 1 / (1 + numpy.exp(-values))


def cell_step(kind, tensors, x, h, c, nonlinearity):
    """Computes one step of a cell in double precision."""
    weight_ih, weight_hh, bias_ih, bias_hh = tensors
    inner, outer = weight_ih @ x + bias_ih, weight_hh @ h + bias_hh
    if kind == "rnn":
        both = inner + outer
        if nonlinearity == "relu":
            check_relu(both)
            return numpy.maximum(both, 0), c
        return numpy.tanh(both), c
    if kind == "lstm":
        i, f, g, o = (inner + outer).reshape(4, -1)
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        return sigmoid(o) * numpy.tanh(c), c
    (r, z, n), (s, y, v) = inner.reshape(3, -1), outer.reshape(3, -1)
    r, z = sigmoid(r + s), sigmoid(z + y)
    n = numpy.tanh(n + r * v)
    return (1 - z) * n + z * h, c


def check_relu(values):
    values = numpy.abs(numpy.asarray(values))
    if ((values > 0) & (values < RELU_MARGIN)).any():
        raise Unsuitable


def cell_tensors(module, end=""):
    """Returns weights and biases in double precision; missing biases are zeros."""
    weights = [getattr(module, name + end).double().numpy() for name in ("weight_ih", "weight_hh")]
    if module.bias:
        return weights + [getattr(module, name + end).double().numpy() for name in ("bias_ih", "bias_hh")]
    return weights + [numpy.zeros(len(weights[0]))] * 2


def sequence_operations(module, inputs, outputs):
    """Counts the operations of all layers, directions and steps of `nn.RNN`, `nn.LSTM` or `nn.GRU`."""
    kind = SEQUENCES[type(module)]
    effective = dense = 0
    for sample, expected in zip(inputs.double().numpy(), outputs.double().numpy(), strict=True):
        below = sample
        for layer in range(module.num_layers):
            directions = []
            for end in ["", "_reverse"][: 1 + module.bidirectional]:
                tensors = cell_tensors(module, f"_l{layer}{end}")
                h = c = numpy.zeros(module.hidden_size)
                states = []
                for x in below[::-1] if end else below:
                    counted = both_cell_operations(kind, tensors, x, h, c)
                    effective, dense = effective + counted[0], dense + counted[1]
                    h, c = cell_step(kind, tensors, x, h, c, getattr(module, "nonlinearity", None))
                    states.append(h)
                directions.append(numpy.stack(states[::-1] if end else states))
            below = numpy.concatenate(directions, 1)
        assert numpy.allclose(below, expected, atol=1e-5)
    return effective, dense


# Observation of networks.


class Observed:
    """Recorded activity of the layers of a module."""

    def __init__(self):
        self.spikes, self.updates, self.operations = {}, {}, {}
        self.margin = float("inf")

    def add_operations(self, path, counted, inputs=None):
        entry = self.operations.setdefault(path, {"effective": 0, "dense": 0})
        entry["effective"] += counted[0]
        entry["dense"] += counted[1]
        if inputs is not None:
            entry["ternary"] = entry.get("ternary", True) and bool(torch.isin(inputs, torch.tensor([-1.0, 0, 1])).all())

    def add_neurons(self, path, spikes, before, after, threshold):
        """Records a step of a neuron layer; `before` is None in the first step."""
        margin = float(((after - threshold).abs() / threshold.abs()).min())
        self.margin = min(self.margin, margin)
        if margin < MARGIN:
            raise Unsuitable
        entry = self.spikes.setdefault(path, {"nonzero": 0, "total": 0})
        entry["nonzero"] += int((spikes != 0).sum())
        entry["total"] += spikes.numel()
        changed = after.numel() if before is None else int((after != before).sum())
        self.updates[path] = self.updates.get(path, 0) + changed

    def check_spikes(self):
        if any(layer["nonzero"] < FEWEST_SPIKES for layer in self.spikes.values()):
            raise Unsuitable

    @contextlib.contextmanager
    def watching(self, module):
        handles = []
        for path, part in module.named_modules():
            handles.append(part.register_forward_pre_hook(lambda part, args: self.enter(part)))
            handles.append(
                part.register_forward_hook(lambda part, args, outputs, path=path: self.leave(path, part, args, outputs))
            )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def enter(self, part):
        if isinstance(part, SPIKING):
            part.membranes_before = part.mem.clone()
            part.spikes_before = getattr(part, "spk", torch.zeros(0)).clone()

    def leave(self, path, part, args, outputs):
        if isinstance(part, SPIKING):
            spikes = outputs[0] if isinstance(outputs, tuple) else outputs
            self.add_neurons(
                path, spikes, part.membranes_before if part.membranes_before.numel() else None, part.mem, part.threshold
            )
            recurrent = getattr(part, "recurrent", None)
            if isinstance(recurrent, (nn.Linear, nn.Conv2d)):
                # There are no spikes before the first step.
                before = part.spikes_before if part.spikes_before.numel() else torch.zeros_like(spikes)
                if isinstance(recurrent, nn.Linear):
                    counted = linear_operations(before.numpy(), recurrent.weight.numpy())
                else:
                    counted = convolution_operations(recurrent, before.numpy(), spikes.shape[1:])
                self.add_operations(f"{path}.recurrent", counted, before)
            return
        if isinstance(part, nn.ReLU):
            check_relu(args[0])
        if path.endswith(".recurrent"):
            # Connections within neuron layers are counted with the neurons.
            return
        if isinstance(part, nn.Linear):
            self.add_operations(path, linear_operations(args[0].numpy(), part.weight.numpy()), args[0])
        elif isinstance(part, CONVOLUTIONS):
            self.add_operations(path, convolution_operations(part, args[0].numpy(), outputs.shape[1:]), args[0])
        elif isinstance(part, TRANSPOSED):
            self.add_operations(path, transposed_operations(part, args[0].numpy(), outputs.shape[1:]), args[0])
        elif type(part) in CELLS:
            states = args[1] if isinstance(args[1], tuple) else (args[1], args[1])
            for values in zip(args[0].double().numpy(), *(state.double().numpy() for state in states)):
                self.add_operations(path, both_cell_operations(CELLS[type(part)], cell_tensors(part), *values))
        elif type(part) in SEQUENCES:
            self.add_operations(path, sequence_operations(part, args[0], outputs[0]))


def run(module, inputs, carried, readout):
    """Runs a module and returns its outputs; `carried` holds its states if the module is a single step of many."""
    if carried is None:
        return outputs_of(module(inputs))[readout]
    states = {name: inputs.new_zeros(len(inputs), *shape) for name, (_, shape) in carried.items()}
    outputs = []
    for step in inputs.unbind(1):
        given = outputs_of(module(step, **states))
        outputs.append(given[readout])
        states = {name: given[place] for name, (place, _) in carried.items()}
    return torch.stack(outputs, 1)


def draw(tensors, random):
    """Draws weights and statistics; a quarter of the weights is zero. Constants of neurons keep their values."""
    constants = (
        "threshold",
        "graded_spikes_factor",
        "reset_mechanism_val",
        "beta",
        "alpha",
        "R",
        "C",
        "time_step",
        "V",
    )
    for name, tensor in tensors.items():
        last = name.split(".")[-1]
        if last == "num_batches_tracked":
            tensor.fill_(17)
        elif last == "running_var":
            tensor.uniform_(0.5, 2.0, generator=random)
        elif last not in constants:
            tensor.uniform_(-1.0, 1.0, generator=random)
            if tensor.dim() > 1:
                tensor.mul_(torch.rand(tensor.shape, generator=random) > 0.25)


def draw_inputs(shape, kind, random):
    if kind == "indices":
        return torch.randint(0, 7, shape, generator=random)
    if kind == "ternary":
        return torch.randint(-1, 2, shape, generator=random).float()
    inputs = torch.empty(shape).uniform_(-2.0, 2.0, generator=random)
    return inputs * (torch.rand(shape, generator=random) > 0.4)


def module_case(
    name, make, input_shape, *, steps=None, loop=False, inputs="real", readout=0, double=False, written=None
):
    """Records a module of PyTorch, exported or with a hand-written network file.

    A file by hand is needed if the network file does not describe exactly one step of the module.
    """
    for attempt in itertools.count():
        random = torch.Generator().manual_seed(1000 * attempt + sum(map(ord, name)))
        module = make(random)
        with at_rest(module):
            draw(module.state_dict(), random)
            module = module.double() if double else module
            shape = [SAMPLES, *([steps] if steps else []), *input_shape]
            given = draw_inputs(shape, inputs, random)
            given = given.double() if double else given
            observed = Observed()
            stepped = bool(steps) and not loop and written is None
            carried = carried_states(module, given[:, 0]) if stepped else None
            try:
                with observed.watching(module):
                    outputs = run(module, given, carried, readout)
                observed.check_spikes()
                break
            except Unsuitable:
                continue
    tolerance = 0.0
    if not set(outputs.unique().tolist()) <= {0.0, 1.0}:
        tolerance = 1e-12 if double else 1e-6
        if not double and not observed.spikes and inputs != "indices":
            with at_rest(module):
                exact = run(deepcopy(module).double(), given.double(), carried, readout)
            error = float((exact - outputs).abs().max() / exact.abs().max())
            tolerance = max(tolerance, float(f"{2 * error:.0e}"))
    path = FOLDER / name
    if written is None:
        keys = {"loop_axis": 1} if loop else {"time_steps": bool(steps)}
        export(module, path, input_shape, readout=readout, **keys)
        weights = load_weights(path)
    else:
        path.with_suffix(".toml").write_text(written(name, steps))
        weights = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    stored = [*module.parameters(), *module.buffers()]
    footprint = sum(tensor.numel() * tensor.element_size() for tensor in stored)
    entry = {
        "tolerance": tolerance,
        "footprint": footprint,
        "parameters": sum(tensor.numel() for tensor in module.parameters()),
    }
    for table in ("spikes", "updates", "operations"):
        if getattr(observed, table):
            entry[table] = getattr(observed, table)
    finish(name, entry, weights, given, outputs, observed.margin, attempt)


def load_weights(path):
    file = path.with_name(path.name + ".safetensors")
    if not file.exists():
        return {}
    weights = load_file(file)
    file.unlink()
    return weights


TENSORS, CASES = {}, {}


def finish(name, entry, weights, given, outputs, margin, attempt):
    assert name not in CASES
    CASES[name] = entry
    TENSORS[f"{name}/input"] = given if given.is_floating_point() else given.float()
    TENSORS[f"{name}/output"] = outputs
    TENSORS.update({f"{name}/weights/{key}": tensor for key, tensor in weights.items()})
    spikes = sum(layer["nonzero"] for layer in entry.get("spikes", {}).values())
    closest = f", {spikes} spikes, closest membrane {margin:.1e}" if entry.get("spikes") else ""
    print(f"{name}: tolerance {entry['tolerance']:.0e}{closest}, draw {attempt + 1}")


# Cases.


def sequential(*layers):
    return lambda random: nn.Sequential(
        *(layer() if isinstance(layer, type(lambda: 0)) else deepcopy(layer) for layer in layers)
    )


def each(random, neurons, low, high):
    return torch.rand(neurons, generator=random) * (high - low) + low


class Residual(nn.Module):
    """A block with a residual connection, followed by the mean over rows and columns."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = (
            nn.Conv2d(2, 3, 3, padding=1),
            nn.Conv2d(3, 3, 3, padding=1),
            nn.Conv2d(2, 3, 1),
        )
        self.norm, self.relu1, self.relu2 = nn.BatchNorm2d(3), nn.ReLU(inplace=True), nn.ReLU()
        self.head = nn.Linear(3, 4)

    def forward(self, x):
        out = self.relu1(self.norm(self.conv1(x)))
        out = self.conv2(out)
        out += self.conv3(x)
        out = functional.adaptive_avg_pool2d(self.relu2(out), 1)
        return self.head(torch.flatten(out, 1))


class Concatenated(nn.Module):
    """Two branches concatenated with the input, and that result concatenated again with a layer applied to it."""

    def __init__(self):
        super().__init__()
        self.left, self.right, self.head = nn.Conv1d(2, 3, 3, padding=1), nn.Conv1d(2, 2, 1), nn.Linear(7, 3)

    def forward(self, x):
        both = torch.cat([self.left(x), x, self.right(x)], 1)
        twice = torch.cat([both, torch.tanh(both)], 1)
        return functional.log_softmax(self.head(twice), -1)


class ConcatenatedAlongAxes(nn.Module):
    """Concatenations of different widths along the columns, rows and channels of a two-dimensional signal."""

    def __init__(self):
        super().__init__()
        self.narrow, self.flat, self.head = nn.Conv2d(2, 2, (1, 3)), nn.Conv2d(2, 2, (3, 1)), nn.Linear(8, 2)

    def forward(self, x):
        wide = torch.cat([self.narrow(x), x], -1)
        high = torch.cat([self.flat(wide), wide, torch.tanh(wide)], 2)
        return self.head(torch.cat([high, high + high], 1))


class Sums(nn.Module):
    """Nested sums, which are rounded in the order in which they are written."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = (nn.Linear(4, 3) for _ in range(4))

    def forward(self, x):
        a, b, c, d = self.a(x), self.b(x), self.c(x), self.d(x)
        return (a + b) + (c + d)


class Feedback(nn.Module):
    """A loop over time in which spikes feed back into their own layer and into the previous one."""

    def __init__(self):
        super().__init__()
        self.fc1, self.back, self.fc2, self.own = (
            nn.Linear(4, 5),
            nn.Linear(3, 5, bias=False),
            nn.Linear(5, 3),
            nn.Linear(3, 3),
        )
        self.lif1, self.lif2 = (
            snntorch.Leaky(0.8, threshold=0.6),
            snntorch.Leaky(0.7, reset_mechanism="zero", threshold=0.5),
        )

    def forward(self, x):
        mem1, mem2 = self.lif1.reset_mem(), self.lif2.reset_mem()
        spk2, gathered = torch.zeros(len(x), 3), []
        for step in range(x.shape[1]):
            spk1, mem1 = self.lif1(self.fc1(x[:, step]) + self.back(spk2), mem1)
            spk2, mem2 = self.lif2(self.fc2(spk1) + self.own(spk2), mem2)
            gathered.append(spk2)
        return torch.stack(gathered, 1)


class Cell(nn.Module):
    """A cell with one state, between two layers."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, x, h):
        h = self.cell(x, h)
        return h


class LstmCell(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell, self.head = cell, nn.Linear(cell.hidden_size, 2)

    def forward(self, x, h, c):
        h, c = self.cell(x, (h, c))
        return self.head(h), h, c


class First(nn.Module):
    """The outputs of a recurrent layer, without its last state."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


def stateless_cases():
    yield "linear", sequential(nn.Linear(5, 4)), [5], {"inputs": "ternary"}
    yield "linear_no_bias", sequential(nn.Linear(5, 4, bias=False), nn.ReLU(), nn.Linear(4, 3)), [5], {}
    yield "linear_leading_axes", sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), [2, 3, 3], {}
    yield (
        "linear_f64",
        sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3), nn.LogSoftmax(-1)),
        [5],
        {"double": True},
    )
    yield "conv1d_strided", sequential(nn.Conv1d(3, 6, 4, stride=2, padding=3, dilation=2, groups=3)), [3, 13], {}
    yield "conv1d_same", sequential(nn.Conv1d(2, 3, 4, padding="same", bias=False)), [2, 9], {}
    yield (
        "conv2d_strided",
        sequential(nn.Conv2d(2, 3, (3, 4), stride=(1, 2), padding=(2, 1))),
        [2, 5, 7],
        {"inputs": "ternary"},
    )
    yield "conv2d_groups", sequential(nn.Conv2d(4, 6, (2, 3), padding="same", dilation=(1, 2), groups=2)), [4, 5, 6], {}
    yield "conv2d_depthwise", sequential(nn.Conv2d(3, 3, 2, groups=3, bias=False)), [3, 4, 4], {}
    yield (
        "conv3d_strided",
        sequential(nn.Conv3d(2, 3, (2, 3, 2), stride=(1, 2, 1), padding=(1, 1, 0), dilation=(1, 1, 2))),
        [2, 3, 5, 4],
        {},
    )
    yield "conv3d_groups", sequential(nn.Conv3d(2, 4, 2, padding="same", groups=2, bias=False)), [2, 3, 3, 4], {}
    yield "conv_transpose1d", sequential(nn.ConvTranspose1d(3, 2, 3, stride=2, padding=1, output_padding=1)), [3, 5], {}
    yield (
        "conv_transpose1d_groups",
        sequential(nn.ConvTranspose1d(4, 6, 2, groups=2, dilation=3, padding=2, bias=False)),
        [4, 6],
        {},
    )
    yield (
        "conv_transpose2d",
        sequential(nn.ConvTranspose2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 0), output_padding=(1, 0))),
        [2, 3, 4],
        {},
    )
    yield (
        "conv_transpose2d_groups",
        sequential(nn.ConvTranspose2d(4, 2, 2, stride=3, groups=2, dilation=(1, 2), output_padding=1, bias=False)),
        [4, 3, 2],
        {},
    )
    yield "batch_norm1d", sequential(nn.BatchNorm1d(5)), [5], {}
    yield "batch_norm1d_length", sequential(nn.BatchNorm1d(3, eps=1e-3, affine=False)), [3, 4], {}
    yield "batch_norm2d", sequential(nn.BatchNorm2d(3)), [3, 2, 4], {}
    yield "batch_norm3d", sequential(nn.BatchNorm3d(2)), [2, 2, 3, 2], {}
    yield "layer_norm", sequential(nn.LayerNorm(6)), [3, 6], {}
    yield "layer_norm_two_axes", sequential(nn.LayerNorm([3, 4], eps=1e-2, bias=False)), [2, 3, 4], {}
    yield "layer_norm_plain", sequential(nn.LayerNorm(5, elementwise_affine=False)), [5], {}
    yield "max_pool1d_ceil", sequential(nn.MaxPool1d(3, stride=2, padding=1, dilation=2, ceil_mode=True)), [2, 11], {}
    yield "max_pool1d", sequential(nn.MaxPool1d(2)), [2, 7], {}
    yield (
        "max_pool2d_ceil",
        sequential(nn.MaxPool2d((3, 2), stride=(2, 3), padding=(1, 0), ceil_mode=True)),
        [2, 6, 7],
        {},
    )
    yield "max_pool2d_dilated", sequential(nn.MaxPool2d(2, stride=1, dilation=(2, 1))), [2, 5, 4], {}
    yield "avg_pool1d_ceil", sequential(nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True)), [2, 8], {}
    yield (
        "avg_pool1d_ceil_inside",
        sequential(nn.AvgPool1d(4, stride=3, padding=2, ceil_mode=True, count_include_pad=False)),
        [2, 9],
        {},
    )
    yield "avg_pool2d_ceil", sequential(nn.AvgPool2d((3, 2), stride=2, padding=(1, 1), ceil_mode=True)), [2, 6, 5], {}
    yield "avg_pool2d_inside", sequential(nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)), [2, 5, 6], {}
    yield (
        "sum_pool2d",
        sequential(nn.AvgPool2d((2, 3), stride=(2, 1), padding=(1, 0), divisor_override=1)),
        [2, 5, 4],
        {},
    )
    yield "adaptive_avg_pool1d", sequential(nn.AdaptiveAvgPool1d(3)), [2, 7], {}
    yield "adaptive_avg_pool2d", sequential(nn.AdaptiveAvgPool2d((3, 2))), [2, 7, 5], {}
    yield "adaptive_max_pool1d", sequential(nn.AdaptiveMaxPool1d(4)), [2, 6], {}
    yield "adaptive_max_pool2d", sequential(nn.AdaptiveMaxPool2d((2, 4))), [2, 5, 7], {}
    yield "relu", sequential(nn.ReLU()), [6], {}
    yield "leaky_relu", sequential(nn.LeakyReLU(), nn.LeakyReLU(0.3)), [6], {}
    yield "gelu", sequential(nn.GELU()), [8], {}
    yield "gelu_tanh", sequential(nn.GELU(approximate="tanh")), [8], {}
    yield "sigmoid_tanh", sequential(nn.Sigmoid(), nn.Tanh()), [6], {}
    yield "softmax", sequential(nn.Softmax(-1)), [2, 5], {}
    yield "softmax_first_axis", sequential(nn.Softmax(1)), [3, 4], {}
    yield "log_softmax_first_axis", sequential(nn.LogSoftmax(1)), [3, 2, 2], {}
    yield "embedding", sequential(nn.Embedding(7, 4), nn.Linear(4, 3)), [5], {"inputs": "indices"}
    shapes = [nn.Flatten(2), nn.Unflatten(2, (3, 4)), nn.Dropout(0.5), nn.Identity(), nn.Flatten(1, 2), nn.Linear(4, 2)]
    yield "shapes", sequential(*shapes), [2, 3, 2, 2], {}
    yield "residual", lambda random: Residual(), [2, 4, 4], {}
    yield "concatenated", lambda random: Concatenated(), [2, 7], {}
    yield "concatenated_along_axes", lambda random: ConcatenatedAlongAxes(), [2, 4, 5], {}
    yield "sums", lambda random: Sums(), [4], {}


def recurrent_cases():
    for kind, layer in [("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)]:
        keys = {"batch_first": True}
        yield kind, lambda random, layer=layer, keys=keys: First(layer(3, 4, **keys)), [5, 3], {}
        two = keys | {"num_layers": 2, "bidirectional": True}
        yield f"{kind}_two_both_ways", lambda random, layer=layer, keys=two: First(layer(3, 2, **keys)), [4, 3], {}
        bare = two | {"bias": False}
        yield (
            f"{kind}_two_both_ways_no_bias",
            lambda random, layer=layer, keys=bare: First(layer(3, 2, **keys)),
            [4, 3],
            {},
        )
        stepped = keys | {"num_layers": 2}
        options = {"steps": 6, "written": by_steps(kind)}
        yield f"{kind}_by_steps", lambda random, layer=layer, keys=stepped: First(layer(3, 2, **keys)), [3], options
    yield (
        "rnn_relu",
        lambda random: First(nn.RNN(3, 3, num_layers=2, nonlinearity="relu", batch_first=True)),
        [5, 3],
        {},
    )
    cells = [
        ("rnn_cell", nn.RNNCell, {}),
        ("rnn_cell_relu_no_bias", nn.RNNCell, {"nonlinearity": "relu", "bias": False}),
    ]
    cells += [("gru_cell", nn.GRUCell, {}), ("gru_cell_no_bias", nn.GRUCell, {"bias": False})]
    for name, cell, keys in cells:
        yield name, lambda random, cell=cell, keys=keys: Cell(cell(3, 4, **keys)), [3], {"steps": 10}
    for name, keys in [("lstm_cell", {}), ("lstm_cell_no_bias", {"bias": False})]:
        yield name, lambda random, keys=keys: LstmCell(nn.LSTMCell(3, 4, **keys)), [3], {"steps": 10}


def by_steps(kind):
    """Returns a writer of the network file of two recurrent layers that run step by step.

    The module itself runs on the whole sequence, so the recorded outputs are those of all steps.
    """

    def written(name, steps):
        keys = ["input_size = 3", "hidden_size = 2", "num_layers = 2"]
        return network_file(name, [3], ["time_steps = true"], [("layer", kind, keys)])

    return written


def network_file(name, input_shape, head, layers):
    lines = [
        'format = "neurobench-network"',
        "version = 1",
        f'weights = "{name}.safetensors"',
        f"input_shape = {input_shape}",
        *head,
    ]
    for path, kind, keys in layers:
        lines += ["", "[[layers]]", f'path = "{path}"', f'kind = "{kind}"', *keys]
    return "\n".join(lines) + "\n"


def neurons_with(reset):
    """Returns every kind of neuron, with shared constants and with constants per neuron."""
    keys = {"reset_mechanism": reset, "init_hidden": True}
    return {
        "leaky": lambda random: snntorch.Leaky(0.9, **keys),
        "leaky_each": lambda random: snntorch.Leaky(
            each(random, 5, -0.1, 1.1), threshold=each(random, 5, 0.3, 1.5), **keys
        ),
        "synaptic": lambda random: snntorch.Synaptic(each(random, 5, 0.1, 0.9), 0.8, threshold=2.0, **keys),
        "lapicque": lambda random: snntorch.Lapicque(R=5.1, C=0.7, time_step=0.3, threshold=0.4, **keys),
        "alpha": lambda random: snntorch.Alpha(0.9, 0.6, threshold=0.4, **keys),
        "alpha_each": lambda random: snntorch.Alpha(
            each(random, 5, 0.7, 0.95), each(random, 5, 0.2, 0.6), threshold=each(random, 5, 0.2, 0.6), **keys
        ),
        "rleaky": lambda random: snntorch.RLeaky(0.8, V=0.4, all_to_all=False, **keys),
        "rleaky_each": lambda random: snntorch.RLeaky(
            each(random, 5, 0.4, 1.1), V=each(random, 5, -1.0, 1.0), all_to_all=False, **keys
        ),
        "rleaky_linear": lambda random: snntorch.RLeaky(0.8, linear_features=5, **keys),
        "rsynaptic": lambda random: snntorch.RSynaptic(0.7, 0.8, V=-0.6, all_to_all=False, threshold=1.5, **keys),
        "rsynaptic_each": lambda random: snntorch.RSynaptic(
            each(random, 5, 0.2, 1.0), 0.7, V=each(random, 5, -1.0, 1.0), all_to_all=False, **keys
        ),
        "rsynaptic_linear": lambda random: snntorch.RSynaptic(
            0.5, each(random, 5, 0.4, 0.9), linear_features=5, **keys
        ),
    }


def neuron_cases():
    """Yields networks of neurons after a linear layer."""
    for reset in ["subtract", "zero", "none"]:
        for kind, neuron in neurons_with(reset).items():
            make = lambda random, neuron=neuron: nn.Sequential(nn.Linear(3, 5), neuron(random))  # noqa: E731
            yield f"{kind}_{reset}", make, [3], {"steps": 12}
        keys = {"conv2d_channels": 2, "reset_mechanism": reset, "init_hidden": True}
        for kind, neuron in {
            "rleaky": snntorch.RLeaky(0.7, kernel_size=(3, 1), **keys),
            "rsynaptic": snntorch.RSynaptic(0.5, 0.6, kernel_size=3, **keys),
        }.items():
            options = {"steps": 10, "inputs": "ternary"}
            yield f"{kind}_convolution_{reset}", sequential(nn.Conv2d(1, 2, 2), neuron), [1, 4, 5], options
    membranes = {
        "leaky": snntorch.Leaky(0.9, reset_mechanism="none", init_hidden=True, output=True),
        "alpha": snntorch.Alpha(0.9, 0.6, threshold=0.4, init_hidden=True, output=True),
        "rsynaptic": snntorch.RSynaptic(0.6, 0.8, linear_features=3, init_hidden=True, output=True),
    }
    for kind, neuron in membranes.items():
        # Membranes come after the spikes and the synaptic currents.
        options = {"steps": 12, "readout": {"leaky": 1, "rsynaptic": 2, "alpha": 3}[kind]}
        yield f"{kind}_membrane", sequential(nn.Linear(4, 3), neuron), [4], options
    yield (
        "spiking_convolutions",
        lambda random: nn.Sequential(
            nn.Conv2d(2, 3, 3, padding="same"),
            nn.MaxPool2d(2),
            snntorch.Leaky(0.8, init_hidden=True),
            nn.Flatten(),
            nn.Linear(12, 4),
            snntorch.Leaky(torch.tensor([0.9, 0.8, 0.7, 0.6]), threshold=1, init_hidden=True),
        ),
        [2, 4, 5],
        {"steps": 8, "inputs": "ternary"},
    )
    yield "feedback", lambda random: Feedback(), [4], {"steps": 12, "loop": True}


# Networks without a module in PyTorch or snnTorch.


def redrawn(name, record):
    for attempt in itertools.count():
        random = torch.Generator().manual_seed(1000 * attempt + sum(map(ord, name)))
        with contextlib.suppress(Unsuitable):
            return record(name, random, attempt)


def bytes_of(tensors):
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def sum_pool1d(name, random, attempt):
    """Records sums over windows of 3 with stride 2 and one zero of padding on either side."""
    given = draw_inputs([SAMPLES, 2, 7], "real", random)
    outputs = functional.avg_pool2d(given[:, :, None], (1, 3), (1, 2), (0, 1), divisor_override=1)[:, :, 0]
    text = network_file(name, [2, 7], [], [("0", "sum_pool1d", ["kernel_size = 3", "stride = 2", "padding = 1"])])
    (FOLDER / f"{name}.toml").write_text(text.replace(f'weights = "{name}.safetensors"\n', ""))
    finish(name, {"tolerance": 1e-6, "footprint": 0, "parameters": 0}, {}, given, outputs, 0, attempt)


def radlif(name, random, attempt):
    """Records adaptive neurons with recurrent connections."""
    steps, inputs, n, threshold = 14, 3, 5, 1.0
    weight = torch.empty(n, inputs).uniform_(-2, 2, generator=random) * (torch.rand(n, inputs, generator=random) > 0.25)
    constants = {
        "alpha": each(random, n, 0.82, 0.96),
        "beta": each(random, n, 0.97, 0.99),
        "a": each(random, n, -1, 1),
        "b": each(random, n, 0, 2),
    }
    full = torch.empty(n, n).uniform_(-1, 1, generator=random) * (torch.rand(n, n, generator=random) > 0.25)
    given = draw_inputs([SAMPLES, steps, inputs], "real", random) * 4
    alpha, beta, a, b = constants.values()
    v = full.clone().fill_diagonal_(0)
    w = u = s = torch.zeros(SAMPLES, n)
    observed, outputs = Observed(), []
    for step in range(steps):
        current = given[:, step] @ weight.T
        observed.add_operations("fc", linear_operations(given[:, step].numpy(), weight.numpy()), given[:, step])
        effective = dense = 0
        for row in s:
            for i, j in positions([n, n]):
                if i != j:
                    effective += bool(row[i] != 0 and full[i, j] != 0)
                    dense += 1
        observed.add_operations("radlif.V", (effective, dense), s)
        w = beta * w + a * u + b * s
        before = u
        u = alpha * (u - s) + (1 - alpha) * (current + s @ v - w)
        s = (u - threshold > 0).float()
        observed.add_neurons("radlif", s, before if step else None, u, torch.tensor(threshold))
        outputs.append(s)
    observed.check_spikes()
    layers = [
        ("fc", "linear", [f"in_features = {inputs}", f"out_features = {n}"]),
        ("radlif", "radlif", [f"threshold = {threshold}"]),
    ]
    (FOLDER / f"{name}.toml").write_text(network_file(name, [inputs], ["time_steps = true"], layers))
    weights = (
        {"fc.weight": weight} | {f"radlif.{key}": tensor for key, tensor in constants.items()} | {"radlif.V": full}
    )
    entry = {
        "tolerance": 0.0,
        "footprint": bytes_of(weights),
        "parameters": sum(tensor.numel() for tensor in weights.values()),
    }
    entry |= {table: getattr(observed, table) for table in ("spikes", "updates", "operations")}
    finish(name, entry, weights, given, torch.stack(outputs, 1), observed.margin, attempt)


def sliding_window(name, random, attempt):
    """Records a small network on sums of the last inputs; it is silent until the window is full."""
    carries = name.endswith("sequence")
    window, channels = 4, 5
    model = nn.ModuleDict(
        {"fc1": nn.Linear(channels, 6), "activation": nn.ReLU(), "norm": nn.BatchNorm1d(6), "fc2": nn.Linear(6, 2)}
    )
    with at_rest(model):
        draw(model.state_dict(), random)
        shape = [11, channels] if carries else [SAMPLES, 9, channels]
        given = torch.randint(0, 3, shape, generator=random).float()
        observed, outputs = Observed(), []
        for sequence in [given[None]] if carries else given[:, None]:
            rows = []
            for step in range(sequence.shape[1]):
                rows.append(torch.zeros(2))
                if step + 1 >= window:
                    with observed.watching(model):
                        summed = sequence[:, step + 1 - window : step + 1].sum(1)
                        rows[-1] = model["fc2"](model["norm"](model["activation"](model["fc1"](summed))))[0]
            outputs.append(torch.stack(rows))
        outputs = outputs[0] if carries else torch.stack(outputs)
        weights = {"window.buffer": torch.zeros(1, channels)} | {
            key: tensor.clone() for key, tensor in model.state_dict().items()
        }
    layers = [
        ("window", "sliding_window", [f"steps = {window}"]),
        ("fc1", "linear", [f"in_features = {channels}", "out_features = 6"]),
        ("activation", "relu", []),
        ("norm", "batch_norm1d", ["num_features = 6", "eps = 1e-05"]),
        ("fc2", "linear", ["in_features = 6", "out_features = 2"]),
    ]
    head = ["carries_state = true" if carries else "time_steps = true"]
    (FOLDER / f"{name}.toml").write_text(network_file(name, [channels], head, layers))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    entry = {
        "tolerance": 1e-6,
        "footprint": bytes_of(weights),
        "parameters": parameters,
        "operations": observed.operations,
    }
    finish(name, entry, weights, given, outputs, 0, attempt)


def echo_state(name, random, attempt):
    """Records a leaky reservoir in double precision.

    x = tanh(W r + Win (1, u)), r <- (1 - 0.3) r + 0.3 x, out = Wout (1, u, r)
    """
    carries = name.endswith("sequence")
    n = 7
    sizes = {"Win": (n, 2), "W": (n, n), "Wout": (1, n + 2)}
    weights = {
        f"{key}.weight": torch.empty(size, dtype=torch.double).uniform_(-1, 1, generator=random)
        * (torch.rand(size, generator=random) > 0.25)
        for key, size in sizes.items()
    }
    initial = torch.empty(n, dtype=torch.double).uniform_(-0.5, 0.5, generator=random)
    given = torch.empty([12, 1] if carries else [SAMPLES, 8, 1], dtype=torch.double).uniform_(0, 1, generator=random)
    observed, outputs = Observed(), []
    for sequence in [given] if carries else given:
        r, rows = initial, []
        for u in sequence:
            v = torch.cat([torch.ones(1, dtype=torch.double), u])
            for key, values in [("Win", v), ("W", r)]:
                observed.add_operations(
                    key, linear_operations(values.numpy(), weights[f"{key}.weight"].numpy()), values
                )
            x = torch.tanh(weights["W.weight"] @ r + weights["Win.weight"] @ v)
            r = (1 - 0.3) * r + 0.3 * x
            values = torch.cat([v, r])
            observed.add_operations("Wout", linear_operations(values.numpy(), weights["Wout.weight"].numpy()), values)
            rows.append(weights["Wout.weight"] @ values)
        outputs.append(torch.stack(rows))
    layers = [
        ("one", "constant", ["inputs = []", "value = 1.0", "shape = [1]"]),
        ("v", "concatenate", ['inputs = ["one", "input"]']),
        ("Win", "linear", ["in_features = 2", f"out_features = {n}"]),
        ("W", "linear", ['inputs = ["r"]', f"input_shape = [{n}]", f"in_features = {n}", f"out_features = {n}"]),
        ("x", "tanh", ['inputs = ["W", "Win"]']),
        ("r", "low_pass", ["rate = 0.3", f"initial = {initial.tolist()}"]),
        ("all", "concatenate", ['inputs = ["one", "input", "r"]']),
        ("Wout", "linear", [f"in_features = {n + 2}", "out_features = 1"]),
    ]
    head = ['dtype = "f64"', "carries_state = true" if carries else "time_steps = true"]
    (FOLDER / f"{name}.toml").write_text(network_file(name, [1], head, layers))
    parameters = sum(tensor.numel() for tensor in weights.values())
    entry = {
        "tolerance": 1e-12,
        "footprint": bytes_of(weights),
        "parameters": parameters,
        "operations": observed.operations,
    }
    finish(name, entry, weights, given, outputs[0] if carries else torch.stack(outputs), 0, attempt)


def main():
    torch.set_num_threads(1)
    for old in FOLDER.glob("*.toml"):
        old.unlink()
    for name, make, input_shape, options in [*stateless_cases(), *recurrent_cases(), *neuron_cases()]:
        module_case(name, make, input_shape, **options)
    with torch.no_grad():
        for name, record in {
            "sum_pool1d": sum_pool1d,
            "radlif": radlif,
            "sliding_window": sliding_window,
            "sliding_window_sequence": sliding_window,
            "echo_state": echo_state,
            "echo_state_sequence": echo_state,
        }.items():
            redrawn(name, record)
    save_file({key: tensor.contiguous() for key, tensor in TENSORS.items()}, FOLDER / "layers.safetensors")
    lines = ",\n".join(f'  "{name}": {json.dumps(entry)}' for name, entry in CASES.items())
    (FOLDER / "layers.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
