"""Compares three networks, as large as NeuroBench's baselines, with Python NeuroBench on the same machine in one run.

    python benches/networks_reference.py

Needs torch==2.6.0, snntorch==1.0.0, neurobench==2.3.0, safetensors==0.8.0 and numpy. Networks and inputs are random
and seeded. python/export_snntorch.py exports them, so both sides do the same work: the forward pass without
gradients, and the forward pass with all metrics that both have. Times are the best of one and two threads in Python,
and of one and two workers in neurobench. Neither side's time includes creating the network or reading the data.
"""

import io
import re
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
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
    SynapticOperations,
)
from neurobench.models import SNNTorchModel, TorchModel
from neurobench.processors.postprocessors import ChooseMaxCount
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))
import export_snntorch  # noqa: E402

ROUNDS = 3


def gained(layer, gain):
    """Multiplies the weights of the layer by `gain`, so that a random network spikes about as much as a trained one."""
    with torch.no_grad():
        layer.weight *= gain
    return layer


def leaky(beta, output=False):
    return snn.Leaky(beta, init_hidden=True, output=output)


def gsc_snn():
    layers = []
    for inputs, outputs, gain in [(20, 256, 3.2), (256, 256, 3.2), (256, 256, 2), (256, 35, 2)]:
        layers += [gained(nn.Linear(inputs, outputs), gain), leaky(0.9, outputs == 35)]
    events = (torch.rand(1024, 201, 20) < 0.1) * torch.sign(torch.rand(1024, 201, 20) - 0.5)
    return nn.Sequential(nn.Flatten(), *layers), events, 256, [20]


def gsc_ann():
    layers = []
    for inputs, outputs, taps, stride in [(1, 32, 80, 16), (32, 32, 3, 1), (32, 64, 3, 1), (64, 64, 3, 1)]:
        layers += [nn.Conv1d(inputs, outputs, taps, stride), nn.BatchNorm1d(outputs), nn.ReLU(), nn.MaxPool1d(4)]
    layers += [nn.Flatten(), nn.Linear(64, 35), nn.LogSoftmax(-1)]
    return nn.Sequential(*layers), torch.rand(1024, 1, 8000) * 2 - 1, 256, [1, 8000]


def dvs_snn():
    layers = []
    for inputs, outputs in [(2, 16), (16, 32), (32, 64)]:
        layers += [gained(nn.Conv2d(inputs, outputs, 5, padding="same"), 1.5), nn.MaxPool2d(2), leaky(0.8)]
    layers += [nn.Flatten(), gained(nn.Linear(1024, 11), 2), leaky(0.8, True)]
    draws = torch.rand(8, 150, 2, 32, 32)
    return nn.Sequential(*layers), (draws < 0.045).float() + (draws < 0.004).float(), 4, [2, 32, 32]


def ours(folder):
    """Returns the best samples per second over workers for each network: forward pass, and with all metrics."""
    command = ["cargo", "bench", "--quiet", "--bench", "networks", "--", folder]
    printed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(printed)
    best = {}
    for line in printed.splitlines():
        found = re.match(r"(\w+) +[12] workers +(\d+) .* s +(\d+) \(.*?\) +(\d+) \(", line)
        if found:
            name, forward, _, everything = found.groups()
            seen = best.get(name, (0, 0))
            best[name] = (max(seen[0], int(forward)), max(seen[1], int(everything)))
    return best


def seconds(work):
    """Returns the best time of a few rounds on one thread and on two."""
    times = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for _ in range(ROUNDS):
            with torch.no_grad(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                begun = time.perf_counter()
                work()
                times.append(time.perf_counter() - begun)
    return min(times)


def wrapped(module):
    spiking = any(isinstance(layer, snn.Leaky) for layer in module)
    return SNNTorchModel(module) if spiking else TorchModel(module)


def forward(module, inputs, batch_size):
    model = wrapped(module)
    for start in range(0, len(inputs), batch_size):
        model(inputs[start : start + batch_size])


def with_metrics(module, inputs, targets, batch_size):
    model = wrapped(module)
    spiking = isinstance(model, SNNTorchModel)
    workload = [ClassificationAccuracy, ActivationSparsity, ActivationSparsityByLayer, SynapticOperations]
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=batch_size, shuffle=False)
    after = [ChooseMaxCount()] if spiking else [lambda outputs: outputs.argmax(-1)]
    metrics = [[Footprint, ParameterCount, ConnectionSparsity], workload + [MembraneUpdates] * spiking]
    Benchmark(model, loader, [], after, metrics).run()


def main():
    cases = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed, make in enumerate([gsc_snn, gsc_ann, dvs_snn]):
            torch.manual_seed(seed)
            module, inputs, batch_size, shape = make()
            module.eval()
            targets = torch.randint(0, 11, (len(inputs),))
            cases[make.__name__] = (module, inputs, targets, batch_size)
            place = Path(folder) / make.__name__
            place.mkdir()
            spiking = "snn" in make.__name__
            export_snntorch.export(module, place / "network", input_shape=shape, time_steps=spiking)
            np.save(place / "inputs.npy", inputs.numpy())
            np.save(place / "targets.npy", targets.numpy())
        # Measured before and after Python, so that a machine that is slow for some minutes affects both.
        earlier, python = ours(folder), {name: python_rates(*case) for name, case in cases.items()}
        later = ours(folder)
    print(f"{'':<10}{'forward':>32}{'all metrics':>38}")
    for name, (plain, measured) in python.items():
        our_plain, our_measured = map(max, zip(earlier[name], later[name]))
        print(
            f"{name:<10}{our_plain:>9.0f} / {plain:>7.0f} = {our_plain / plain:>6.1f} times"
            f"{our_measured:>12.0f} / {measured:>7.0f} = {our_measured / measured:>6.1f} times"
        )


def python_rates(module, inputs, targets, batch_size):
    """Returns the samples per second of the forward pass alone and of the run with all metrics."""
    plain = len(inputs) / seconds(lambda: forward(module, inputs, batch_size))
    return plain, len(inputs) / seconds(lambda: with_metrics(module, inputs, targets, batch_size))


if __name__ == "__main__":
    main()
