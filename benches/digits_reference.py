"""Compares the digits benchmark, end to end, with Python NeuroBench on the same machine in the same run.

    cargo build --release
    python benches/digits_reference.py

Needs the packages in examples/digits/requirements.txt. Both do the same work on the same 360 images in memory: the
forward pass and the metrics that both have. They run several times in turn, and the best run of each is compared, in
samples per second. The last row is the forward pass of PyTorch and snnTorch alone, without gradients.
"""

import io
import json
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
DIGITS = ROOT / "examples" / "digits"
sys.path.insert(0, str(DIGITS))
import record_reference as reference  # noqa: E402

ROUNDS = 5
SAMPLES = 360


def ours(workers):
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "results.json"
        command = [ROOT / "target/release/neurobench", "run", DIGITS / "benchmark.toml"]
        command += ["--workers", str(workers), "--output", output]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(output.read_text())["timing"]["total_seconds"]


def theirs(description, data, targets):
    begun = time.perf_counter()
    reference.run_neurobench(description, data, targets, 64)
    return time.perf_counter() - begun


def forward(description, data):
    net = reference.build_network(description)
    model = reference.SNNTorchModel(net)
    begun = time.perf_counter()
    with torch.no_grad(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for start in range(0, SAMPLES, 64):
            model(torch.from_numpy(data[start : start + 64]))
    return time.perf_counter() - begun


def main():
    description = reference.read_description()
    pixels = np.load(DIGITS / "inputs.npy")
    targets = np.load(DIGITS / "targets.npy")
    data = np.repeat((pixels.astype(np.float32) / 16)[:, None], reference.TIME_STEPS, axis=1)
    times = {"neurobench, 1 worker": [], "neurobench, 2 workers": [], "Python NeuroBench": [], "PyTorch forward alone": []}
    for _ in range(ROUNDS):
        times["neurobench, 1 worker"].append(ours(1))
        times["neurobench, 2 workers"].append(ours(2))
        times["Python NeuroBench"].append(theirs(description, data, targets))
        times["PyTorch forward alone"].append(forward(description, data))
    baseline = min(times["Python NeuroBench"])
    for name, seconds in times.items():
        best = min(seconds)
        print(f"{name:<24} {SAMPLES / best:>12.0f} samples/s {baseline / best:>8.1f} times Python NeuroBench")


if __name__ == "__main__":
    main()
