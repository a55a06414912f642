"""Records the results that Python NeuroBench 2.3.0 reports for the network of this folder.

Run with `python record_reference.py`; there are no options. The script reads
the files beside it (network.toml, weights.safetensors, inputs.npy,
targets.npy) and writes reference.json to the same folder.

The network runs through NeuroBench's Benchmark once per batch size, each time
on a fresh model: the membrane of a neuron layer is empty until the first
forward pass, and Footprint would count it afterwards.

In addition to NeuroBench's results, the file holds the integer totals behind
them. A second implementation in numpy, which shares no code with torch,
snnTorch or NeuroBench, recomputes the spikes and all of these totals. If
anything differs, the script fails and writes nothing.
"""

import io
import json
import platform
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path

import numpy as np
import snntorch as snn
import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics.static import ConnectionSparsity, Footprint, ParameterCount
from neurobench.metrics.workload import (
    ActivationSparsity,
    ActivationSparsityByLayer,
    ClassificationAccuracy,
    MembraneUpdates,
    NeuronOperations,
    SynapticOperations,
)
from neurobench.models import SNNTorchModel
from neurobench.processors.postprocessors import ChooseMaxCount
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file as load_torch
from torch.utils.data import DataLoader, TensorDataset

HERE = Path(__file__).resolve().parent

TIME_STEPS = 25
BATCH_SIZES = [360, 64, 7]

STATIC = [Footprint, ConnectionSparsity, ParameterCount]
WORKLOAD = [
    ClassificationAccuracy,
    ActivationSparsity,
    ActivationSparsityByLayer,
    SynapticOperations,
    MembraneUpdates,
    NeuronOperations,
]

# NeuronOperations counts 4 operations for each update of a Leaky neuron with reset by subtraction.
OPERATIONS_PER_UPDATE = 4


# --- files ------------------------------------------------------------------


def read_description():
    with open(HERE / "network.toml", "rb") as file:
        description = tomllib.load(file)
    assert description["format"] == "neurobench-network"
    assert description["version"] == 1
    assert description["time_steps"] is True
    # The layers become the children of a Sequential, in this order.
    paths = [layer["path"] for layer in description["layers"]]
    assert paths == [str(index) for index in range(len(paths))]
    return description


def build_network(description):
    """Builds a fresh torch module from network.toml, with the stored weights."""
    layers = description["layers"]
    modules = []
    for position, layer in enumerate(layers):
        if layer["kind"] == "flatten":
            modules.append(torch.nn.Flatten())
        elif layer["kind"] == "linear":
            modules.append(torch.nn.Linear(layer["in_features"], layer["out_features"]))
        elif layer["kind"] == "leaky":
            # beta and threshold are placeholders; the stored state replaces
            # them.
            modules.append(
                snn.Leaky(
                    beta=0.0,
                    threshold=0.0,
                    reset_mechanism=layer["reset"],
                    init_hidden=True,
                    output=position == len(layers) - 1,
                )
            )
        else:
            raise ValueError(f"unknown kind of layer: {layer['kind']}")
    net = torch.nn.Sequential(*modules)
    state = load_torch(HERE / description["weights"])
    for position, layer in enumerate(layers):
        if layer["kind"] == "leaky":
            # The stored number must agree with the name in network.toml.
            stored = state[f"{position}.reset_mechanism_val"]
            assert stored == net[position].reset_mechanism_val
    net.load_state_dict(state, strict=True)
    return net.eval()


# --- NeuroBench -------------------------------------------------------------


def run_neurobench(description, data, targets, batch_size):
    """Runs one Benchmark; returns (results, raw totals, predictions, output spike counts)."""
    net = build_network(description)
    loader = DataLoader(
        TensorDataset(torch.from_numpy(data), torch.from_numpy(targets)),
        batch_size=batch_size,
        shuffle=False,
    )

    # Two more postprocessors record their inputs and pass them on unchanged.
    spike_counts, predictions = [], []

    def keep_spike_counts(spikes):
        spike_counts.append(spikes.sum(1))
        return spikes

    def keep_predictions(classes):
        predictions.append(classes)
        return classes

    benchmark = Benchmark(
        SNNTorchModel(net),
        loader,
        [],
        [keep_spike_counts, ChooseMaxCount(), keep_predictions],
        [STATIC, WORKLOAD],
    )

    # NeuroBench reports a metric that raises on standard output and counts it as
    # zero. The output is therefore captured, and must be the usual first line
    # alone. (`quiet=True` would hide the report as well.) Standard error carries
    # the progress bar, which is dropped.
    printed = io.StringIO()
    with torch.no_grad(), redirect_stdout(printed), redirect_stderr(io.StringIO()):
        results = benchmark.run(quiet=False)
    if printed.getvalue() != "Running benchmark\n":
        raise RuntimeError(f"unexpected output of NeuroBench:\n{printed.getvalue()}")
    expected_names = {metric.__name__ for metric in STATIC + WORKLOAD}
    assert set(results) == expected_names, set(results) ^ expected_names

    metrics = benchmark.workload_metric_manager.metrics
    by_layer = metrics["ActivationSparsityByLayer"]
    synaptic = metrics["SynapticOperations"]
    membranes = metrics["MembraneUpdates"]
    neurons = metrics["NeuronOperations"]
    assert synaptic.total_samples == membranes.total_samples == neurons.total_samples

    predictions = torch.cat(predictions).numpy()
    connections = {
        name: module.weight.detach()
        for name, module in net.named_children()
        if isinstance(module, torch.nn.Linear)
    }
    totals = {
        "samples": synaptic.total_samples,
        "correct_predictions": int((predictions == targets).sum()),
        "spikes_by_layer": dict(by_layer.layer_spike_num),
        "outputs_by_layer": dict(by_layer.layer_neuro_num),
        "synaptic_macs": synaptic.MAC,
        "synaptic_acs": synaptic.AC,
        "synaptic_dense": synaptic.total_synops,
        "membrane_updates": sum(membranes.neuron_membrane_updates.values()),
        "neuron_ops_effective": sum(neurons.macs.values()),
        "neuron_ops_dense": sum(neurons.dense.values()),
        "zero_weights_by_layer": {k: int((w == 0).sum()) for k, w in connections.items()},
        "weights_by_layer": {k: w.numel() for k, w in connections.items()},
    }
    return results, totals, predictions, torch.cat(spike_counts).numpy()


# --- independent implementation in numpy ------------------------------------


def sum_in_order(inputs, weight, bias, order):
    """Computes bias + inputs @ weight.T in f32, one input at a time, in the given order."""
    current = np.broadcast_to(bias, (len(inputs), len(bias))).copy()
    for index in order:
        current += inputs[:, index, None] * weight[None, :, index]
    return current


def linear(inputs, weight, bias):
    """Computes the current of a linear layer, and checks that the order of summation does not matter."""
    order = range(weight.shape[1])
    current = sum_in_order(inputs, weight, bias, order)
    assert np.array_equal(current, sum_in_order(inputs, weight, bias, reversed(order)))
    return current


def run_numpy(description, data, targets):
    """Runs all samples at once, in single precision throughout."""
    state = load_numpy(HERE / description["weights"])
    assert all(value.dtype in (np.float32, np.int64) for value in state.values())
    layers = description["layers"]
    samples = len(data)
    membrane = {}
    spikes = {layer["path"]: [] for layer in layers if layer["kind"] == "leaky"}
    totals = {
        "samples": samples,
        "synaptic_macs": 0,
        "synaptic_acs": 0,
        "synaptic_dense": 0,
        "membrane_updates": 0,
        "neuron_ops_dense": 0,
        "zero_weights_by_layer": {},
        "weights_by_layer": {},
    }
    for step in range(data.shape[1]):
        x = data[:, step]
        for layer in layers:
            path = layer["path"]
            if layer["kind"] == "flatten":
                x = x.reshape(samples, -1)
            elif layer["kind"] == "linear":
                weight, bias = state[f"{path}.weight"], state[f"{path}.bias"]
                totals["zero_weights_by_layer"][path] = int((weight == 0).sum())
                totals["weights_by_layer"][path] = weight.size
                # An effective operation has a non-zero input and a non-zero
                # weight. It is an accumulate if all inputs of the layer at
                # this step are -1, 0 or 1.
                active = (x != 0).astype(np.int64) @ (weight != 0).T.astype(np.int64)
                binary = bool(np.isin(x, (-1, 0, 1)).all())
                totals["synaptic_acs" if binary else "synaptic_macs"] += int(active.sum())
                totals["synaptic_dense"] += samples * weight.size
                x = linear(x, weight, bias)
            else:
                assert layer["kind"] == "leaky" and layer["reset"] == "subtract"
                beta, threshold = state[f"{path}.beta"], state[f"{path}.threshold"]
                factor = state[f"{path}.graded_spikes_factor"]
                old = membrane.get(path, np.zeros_like(x))
                reset = (old - threshold > 0).astype(np.float32)
                new = (beta * old + x) - reset * threshold
                assert new.dtype == np.float32
                # All neurons count at the first step, and changed ones at later steps.
                changed = new.size if step == 0 else int(np.count_nonzero(old - new))
                totals["membrane_updates"] += changed
                totals["neuron_ops_dense"] += OPERATIONS_PER_UPDATE * new.size
                membrane[path] = new
                x = (new - threshold > 0).astype(np.float32) * factor
                spikes[path].append(x)
    spikes = {path: np.stack(steps, axis=1) for path, steps in spikes.items()}
    counts = spikes[layers[-1]["path"]].sum(axis=1)
    predictions = counts.argmax(axis=1)
    totals["spikes_by_layer"] = {k: int(np.count_nonzero(v)) for k, v in spikes.items()}
    totals["outputs_by_layer"] = {k: v.size for k, v in spikes.items()}
    totals["neuron_ops_effective"] = OPERATIONS_PER_UPDATE * totals["membrane_updates"]
    totals["correct_predictions"] = int((predictions == targets).sum())
    return totals, predictions, counts, spikes


def torch_spikes(description, data):
    """Returns the spikes of every neuron layer as computed by torch, each [sample, step, neuron]."""
    net = build_network(description)
    recorded = {}
    for name, module in net.named_children():
        if isinstance(module, snn.Leaky):
            recorded[name] = []

            def keep(module, inputs, output, name=name):
                recorded[name].append(output[0] if module.output else output)

            module.register_forward_hook(keep)
    with torch.no_grad():
        for step in range(data.shape[1]):
            net(torch.from_numpy(data[:, step]))
    return {k: torch.stack(v, dim=1).numpy() for k, v in recorded.items()}


# --- results of the guides ---------------------------------------------------


def activity_by_layer(spikes):
    """Summarizes, for each layer, the spikes of its neurons per sample and step, with numpy."""
    summaries = {}
    for path, layer in spikes.items():
        activity = layer.astype(np.float64).sum(axis=(0, 1)) / (layer.shape[0] * layer.shape[1])
        quartiles = np.quantile(activity, [0.25, 0.5, 0.75])
        summaries[path] = {
            "min": float(activity.min()),
            "q1": float(quartiles[0]),
            "median": float(quartiles[1]),
            "q3": float(quartiles[2]),
            "max": float(activity.max()),
            "mean": float(activity.mean()),
            "std": float(activity.std()),
        }
    return summaries


def largest_margin_loss(counts, targets):
    """Returns the largest lead of the best wrong class over the target, in spikes; 0 if the target always leads."""
    rows = np.arange(len(targets))
    wrong = counts.copy()
    wrong[rows, targets] = -np.inf
    return int(max(0, (wrong.max(axis=1) - counts[rows, targets]).max()))


# --- output -----------------------------------------------------------------


def as_integers(array):
    """Converts an array to a nested list of Python integers; fails if a number is not whole."""
    whole = array.astype(np.int64)
    assert np.array_equal(whole, array)
    return whole.tolist()


def to_json(value, indent=0):
    """Formats like json.dumps with sorted keys and indentation, but with each innermost list on one line."""
    pad = " " * (indent + 1)
    if isinstance(value, dict) and value:
        items = (f"{pad}{json.dumps(k)}: {to_json(value[k], indent + 1)}" for k in sorted(value))
        return "{\n" + ",\n".join(items) + "\n" + " " * indent + "}"
    if isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value):
        items = (pad + to_json(item, indent + 1) for item in value)
        return "[\n" + ",\n".join(items) + "\n" + " " * indent + "]"
    return json.dumps(value, allow_nan=False, separators=(",", ": "))


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)

    assert version("neurobench") == "2.3.0"
    description = read_description()
    pixels = np.load(HERE / "inputs.npy")
    targets = np.load(HERE / "targets.npy")
    assert pixels.dtype == np.uint8 and targets.dtype == np.int64
    # Scale the pixels to 0..1 and repeat the image at each step.
    data = np.repeat((pixels.astype(np.float32) / 16)[:, None], TIME_STEPS, axis=1)
    assert list(data.shape[2:]) == description["input_shape"]

    totals, predictions, counts, spikes = run_numpy(description, data, targets)
    for path, recorded in torch_spikes(description, data).items():
        assert np.array_equal(recorded, spikes[path]), f"spikes of layer {path} differ"

    runs = {}
    for batch_size in BATCH_SIZES:
        results, run_totals, run_predictions, run_counts = run_neurobench(
            description, data, targets, batch_size
        )
        assert np.array_equal(run_predictions, predictions)
        assert np.array_equal(run_counts, counts)
        # NeuroBench distinguishes accumulates from multiply-accumulates per
        # batch; the numpy pass is one batch. Here both agree at every batch size.
        assert run_totals == totals, (batch_size, run_totals, totals)
        runs[str(batch_size)] = {"results": results, "totals": run_totals}

    packages = ["neurobench", "numpy", "safetensors", "snntorch", "torch"]
    top_two = np.sort(counts, axis=1)[:, -2:]
    reference = {
        "versions": {name: version(name) for name in packages}
        | {"python": platform.python_version()},
        "time_steps": TIME_STEPS,
        # Samples in which classes share the highest spike count; the lowest class wins.
        "tied_predictions": int((top_two[:, 0] == top_two[:, 1]).sum()),
        "batch_sizes": runs,
        "guides": {
            "average_activity": activity_by_layer(spikes),
            "max_loss": largest_margin_loss(counts, targets),
        },
        "predictions": as_integers(predictions),
        "reference_spike_counts": as_integers(counts),
    }
    text = to_json(reference) + "\n"
    assert json.loads(text) == reference
    (HERE / "reference.json").write_text(text)

    print(json.dumps(runs, indent=1, sort_keys=True))
    print("tied predictions:", reference["tied_predictions"])


if __name__ == "__main__":
    main()
