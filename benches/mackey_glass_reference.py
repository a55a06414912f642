"""Compares the task `mackey_glass` with an echo state network in PyTorch and Python NeuroBench, on the same series.

    python benches/mackey_glass_reference.py

Needs torch==2.6.0, neurobench==2.3.0 and numpy. The network follows the published formulas and settings (Yik et al.
2025, doi 10.1038/s41467-025-56739-4) and shares no code with neurobench: reservoirs are drawn by PyTorch, connection by
connection, and the readout is fitted by `torch.linalg.lstsq`. The series are those of the data set `mackey_glass`;
`python/mackey_glass_series.py` computes them, and a test of neurobench compares them.

The script prints the symmetric mean absolute percentage error of both sides for each series with its standard deviation
over repeats and the number of repeats above 150 %, which diverge early, the costs, and the times. Times do not include the
series; Python's do not include drawing the reservoirs. NeuroBench counts operations slowly, so only the first repeats
have all metrics. Python runs on one thread: its operations are small.
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics.static import ConnectionSparsity, Footprint
from neurobench.metrics.workload import SMAPE, ActivationSparsity, SynapticOperations
from neurobench.models import TorchModel
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))
from mackey_glass_series import HORIZON, POINTS, REPEATS, SERIES, sequence, series  # noqa: E402

UNITS, BIAS_SCALE, INPUT_SCALE, PROBABILITY, RADIUS = 186, 0.68, 0.85, 0.11, 1.09
LEAK, RIDGE, WASHOUT = 0.58, 1e-8, 45
TRAINING = HORIZON * POINTS
# neurobench limits forecasts that diverge in the same way. Without the limit, NeuroBench would give a whole forecast that
# overflows an error of 200 %, the part before it diverges included.
LIMIT = 1e300


class EchoStateNetwork(nn.Module):
    """The network. `forward` takes the inputs of a whole sequence, and uses the first only: it forecasts."""

    def __init__(self, seed):
        super().__init__()
        draws = torch.Generator().manual_seed(seed)
        inputs = torch.rand(UNITS, 2, generator=draws) - 0.5
        weights = torch.randn(UNITS, UNITS, generator=draws)
        weights *= torch.rand(UNITS, UNITS, generator=draws) < PROBABILITY
        weights *= RADIUS / torch.linalg.eigvals(weights).abs().max()
        self.input_weights = nn.Linear(2, UNITS, bias=False)
        self.reservoir = nn.Linear(UNITS, UNITS, bias=False)
        self.readout = nn.Linear(2 + UNITS, 1, bias=False)
        self.input_weights.weight.data = inputs * torch.tensor([BIAS_SCALE, INPUT_SCALE])
        self.reservoir.weight.data = weights
        self.state = torch.zeros(1, UNITS)

    def step(self, value):
        """Updates the state, and returns the inputs of the readout."""
        entered = torch.cat((torch.ones(1, 1), value), dim=1)
        new = torch.tanh(self.input_weights(entered) + self.reservoir(self.state))
        self.state = (1 - LEAK) * self.state + LEAK * new
        return torch.cat((entered, self.state), dim=1)

    def fit(self, values):
        """Fits the readout to predict each next value."""
        features = torch.cat([self.step(value) for value in values[:-1].view(-1, 1, 1)])[WASHOUT:]
        features = torch.cat((features, RIDGE**0.5 * torch.eye(2 + UNITS)))
        targets = torch.cat((values[WASHOUT + 1 :], torch.zeros(2 + UNITS)))
        self.readout.weight.data = torch.linalg.lstsq(features, targets[:, None]).solution.T

    def forward(self, inputs):
        value, predictions = inputs[:1].reshape(1, 1), []
        for _ in range(len(inputs)):
            value = self.readout(self.step(value)).clamp(-LIMIT, LIMIT)
            predictions.append(value)
        return torch.cat(predictions)


def forecast(values, seed, with_costs):
    """Fits and runs a network on one repeat. Returns NeuroBench's results and the seconds."""
    network = EchoStateNetwork(seed)
    loader = DataLoader(TensorDataset(values[TRAINING:-1, None], values[TRAINING + 1 :, None]), batch_size=TRAINING)
    metrics = [[Footprint, ConnectionSparsity], [SMAPE, ActivationSparsity, SynapticOperations]]
    if not with_costs:
        metrics = [[], [SMAPE]]
    begun = time.perf_counter()
    network.fit(values[: TRAINING + 1])
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        results = Benchmark(TorchModel(network), loader, [], [], metrics).run()
    return results, time.perf_counter() - begun


def python_side(repeats, repeats_with_costs, minutes):
    """Runs the repeats of all series in turn, so that each has as many as any other when the time is over."""
    all_series = {tau: torch.from_numpy(series(tau)) for tau in SERIES}
    begun, found = time.perf_counter(), {tau: [] for tau in SERIES}
    for repeat in range(repeats):
        if time.perf_counter() - begun > 60 * minutes:
            print(f"stopped after {repeat} repeats: {minutes} minutes are over")
            break
        for place, tau in enumerate(SERIES):
            seed = place * REPEATS + repeat
            found[tau].append(forecast(sequence(all_series[tau], repeat), seed, repeat < repeats_with_costs))
    return found


def our_side(command):
    """Runs the task, and returns its results, the seconds of a run, and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([command, "run", "mackey_glass"], cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
        results = json.loads((Path(folder) / "mackey_glass.results.json").read_text())
    return results, results["timing"]["total_seconds"], run.stdout


def our_smape(results):
    smape = next(metric for metric in results["metrics"] if metric["name"] == "smape")["samples"]
    return np.array(smape["values"]).reshape(len(SERIES), REPEATS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=REPEATS, help="number of repeats in Python [default: 30]")
    parser.add_argument("--repeats-with-costs", type=int, default=3, help="of these, with all metrics [default: 3]")
    parser.add_argument("--minutes", type=float, default=10, help="begin no repeat after this time [default: 10]")
    parser.add_argument("--command", help="neurobench, built in release [default: build it]")
    options = parser.parse_args()
    command = options.command
    if command is None:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        command = ROOT / "target/release/neurobench"
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        # Our side runs before and after Python, so that a machine that is slow for some minutes affects both.
        results, earlier, _ = our_side(command)
        found = python_side(options.repeats, options.repeats_with_costs, options.minutes)
        _, later, printed = our_side(command)

    ours = our_smape(results)
    print(f"{'series':<8}{'repeats':>8}{'Python sMAPE':>16}{'>150 %':>10}{'our sMAPE':>16}{'>150 %':>10}")
    everything = {"Python": [], "ours": []}
    for row, (tau, runs) in enumerate(found.items()):
        cells = []
        for side, values in [("Python", np.array([run[0]["SMAPE"] for run in runs])), ("ours", ours[row])]:
            everything[side].append(values)
            cells.append(f"{values.mean():>8.2f} ± {values.std(ddof=1):<5.2f}{(values > 150).sum():>9}/{len(values)}")
        print(f"tau {tau:<4}{len(runs):>8}" + "".join(cells))
    for side, values in everything.items():
        values = np.concatenate(values)
        print(
            f"{side}, all: mean {values.mean():.2f}, standard deviation {values.std(ddof=1):.2f}, "
            f"median {np.median(values):.2f}, above 150 %: {(values > 150).mean():.1%}"
        )

    every_run = [run for runs in found.values() for run in runs]
    costs = [results for results, _ in every_run if "Footprint" in results]
    print("Python, mean costs:")
    print(f"  footprint            {np.mean([cost['Footprint'] for cost in costs]):.0f} bytes")
    print(f"  connection sparsity  {np.mean([cost['ConnectionSparsity'] for cost in costs]):.4f}")
    print(f"  activation sparsity  {np.mean([cost['ActivationSparsity'] for cost in costs]):.4f}")
    for name in ("Dense", "Effective_MACs", "Effective_ACs"):
        print(f"  {name:<20} {np.mean([cost['SynapticOperations'][name] for cost in costs]):.1f} a sample")
    print(re.sub(r"(?s).*?(\S+ +leaderboard)", r"\1", printed))

    plain = np.mean([seconds for results, seconds in every_run if "Footprint" not in results])
    measured = np.mean([seconds for results, seconds in every_run if "Footprint" in results])
    best = min(earlier, later)
    total = len(SERIES) * REPEATS
    print(f"Python, a sequence: {plain:.3f} s with the error alone, {measured:.3f} s with all metrics")
    print(f"neurobench with all metrics, {total} sequences on two workers: {best:.1f} s (best of two)")
    print(f"ratio {measured * total / best:.1f}, or {plain * total / best:.1f} if Python measures the error alone")


if __name__ == "__main__":
    main()
