"""Records the results of Python NeuroBench 2.3.0 for the network of this folder.

Run with `python record_reference.py FOLDER`, where FOLDER holds `JapaneseVowels_TEST.ts`. The script reads the network
of this folder and writes reference.json. It fails if a membrane comes so close to a threshold that rounding could decide
about a spike.
"""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path

import snntorch as snn
import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics.static import ConnectionSparsity, Footprint, ParameterCount
from neurobench.metrics.workload import (
    ActivationSparsity,
    ActivationSparsityByLayer,
    ClassificationAccuracy,
    MembraneUpdates,
    SynapticOperations,
)
from neurobench.models import SNNTorchModel
from neurobench.processors.postprocessors import ChooseMaxCount
from safetensors.torch import load_file
from torch.utils.data import DataLoader, TensorDataset
from train import HERE, STEPS, build_network, read_series, run_steps

STATIC = [Footprint, ParameterCount, ConnectionSparsity]
WORKLOAD = [
    ClassificationAccuracy,
    ActivationSparsity,
    ActivationSparsityByLayer,
    SynapticOperations,
    MembraneUpdates,
]


def trained():
    network = build_network()
    network.load_state_dict(load_file(HERE / "weights.safetensors"), strict=True)
    return network.eval()


def main():
    torch.set_num_threads(1)
    inputs, classes = read_series(Path(sys.argv[1]) / "JapaneseVowels_TEST.ts")
    loader = DataLoader(TensorDataset(inputs, classes), batch_size=len(inputs), shuffle=False)
    with torch.no_grad(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        model = SNNTorchModel(trained())
        results = Benchmark(model, loader, [], [ChooseMaxCount()], [STATIC, WORKLOAD]).run()

    # Spikes of every neuron, and the closest approach to a threshold.
    network, spikes, closest = trained(), {}, float("inf")

    def keep(name, layer, output):
        nonlocal closest
        spike = output[0] if isinstance(output, tuple) else output
        spikes[name] = spikes.get(name, 0) + spike.long().sum(0)
        closest = min(closest, float((layer.mem - layer.threshold).abs().min()))

    for name, layer in network.named_children():
        if isinstance(layer, snn.Leaky):
            layer.register_forward_hook(lambda layer, _, output, name=name: keep(name, layer, output))
    with torch.no_grad():
        counts = run_steps(network, inputs)[0].sum(0)
    print(f"closest approach of a membrane to its threshold: {closest:.1e}")
    # Membranes are sums of some hundred terms of size 1.
    assert closest > 1e-11, closest
    predictions = counts.argmax(1)
    top = counts.sort(1).values
    reference = {
        "versions": {name: version(name) for name in ("neurobench", "numpy", "safetensors", "snntorch", "torch")},
        "samples": len(inputs),
        "steps": STEPS,
        "results": results,
        "membrane_updates": round(results["MembraneUpdates"] * len(inputs)),
        "correct_predictions": int((predictions == classes).sum()),
        "tied_predictions": int((top[:, -1] == top[:, -2]).sum()),
        "spikes_by_neuron": {name: count.tolist() for name, count in spikes.items()},
    }
    (HERE / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")
    print(json.dumps({**reference, "spikes_by_neuron": "..."}, indent=1))


if __name__ == "__main__":
    main()
