"""Trains the spiking network of this folder, which recognizes speakers, and writes its files.

Run with `python train.py FOLDER`, where FOLDER holds `JapaneseVowels_TRAIN.ts`. The script writes network.toml and
weights.safetensors to its own folder. It never reads the test set.

The network, per time step:

    [0] Linear(12, 64) -> [1] Leaky -> [2] Linear(64, 9) -> [3] Leaky

The 12 coefficients of a time step are the inputs of that step; shorter utterances are padded with zeros to 29 steps.
The speaker with the most output spikes wins.

The network computes in double precision. Sums in another order differ by rounding, and a neuron that comes closer to its
threshold than that may spike in one library and not in the other. record_reference.py measures the closest approach: it
is many times larger than the rounding of double precision, so that every implementation has the same spikes.
"""

import sys
from pathlib import Path

import numpy as np
import snntorch as snn
import torch
from safetensors.torch import save
from snntorch import utils

HERE = Path(__file__).resolve().parent

SEED = 0
STEPS, CHANNELS, HIDDEN, SPEAKERS = 29, 12, 64, 9
BETA = 0.9
BATCH = 30
EPOCHS = 60
LEARNING_RATE = 5e-3
WEIGHT_DECAY = 1e-4

NETWORK_TOML = f"""\
# Spiking classifier of speakers; written by train.py.
format = "neurobench-network"
version = 1
weights = "weights.safetensors"
# Shape of one sample at one time step.
input_shape = [{CHANNELS}]
# Inputs are [batch, step, ..input_shape], outputs [batch, step, ..].
time_steps = true
dtype = "f64"

[[layers]]
path = "0"
kind = "linear"
in_features = {CHANNELS}
out_features = {HIDDEN}

[[layers]]
path = "1"
kind = "leaky"
reset = "subtract"

[[layers]]
path = "2"
kind = "linear"
in_features = {HIDDEN}
out_features = {SPEAKERS}

[[layers]]
path = "3"
kind = "leaky"
reset = "subtract"
"""


def read_series(file):
    """Reads a `.ts` file: inputs [sample, step, channel] in single precision, as neurobench reads them, and classes."""
    inputs, classes = [], []
    lines = Path(file).read_text().splitlines()
    for line in lines[lines.index("@data") + 1 :]:
        *channels, speaker = line.split(":")
        values = np.array([channel.split(",") for channel in channels], np.float32).T
        inputs.append(np.pad(values, ((0, STEPS - len(values)), (0, 0))))
        classes.append(int(speaker) - 1)
    return torch.from_numpy(np.stack(inputs)).double(), torch.tensor(classes)


class Linear(torch.nn.Linear):
    """A linear layer that accepts snnTorch's spikes, which are always in single precision."""

    def forward(self, inputs):
        return super().forward(inputs.to(self.weight.dtype))


def build_network():
    neuron = dict(beta=BETA, reset_mechanism="subtract", init_hidden=True)
    return torch.nn.Sequential(
        Linear(CHANNELS, HIDDEN),
        snn.Leaky(**neuron),
        Linear(HIDDEN, SPEAKERS),
        snn.Leaky(**neuron, output=True),
    ).double()


def run_steps(network, inputs):
    """Returns output spikes and membranes, both [step, batch, speaker]."""
    utils.reset(network)
    spikes, membranes = zip(*(network(inputs[:, step]) for step in range(STEPS)))
    return torch.stack(spikes), torch.stack(membranes)


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    inputs, classes = read_series(Path(sys.argv[1]) / "JapaneseVowels_TRAIN.ts")
    network = build_network()
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for epoch in range(EPOCHS):
        correct = 0
        for chosen in torch.randperm(len(inputs)).split(BATCH):
            spikes, membranes = run_steps(network, inputs[chosen])
            # The number of spikes decides; membranes give neurons that do not spike a gradient.
            scores = 0.5 * spikes.sum(0) + membranes.mean(0)
            loss = torch.nn.functional.cross_entropy(scores, classes[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            correct += int((spikes.sum(0).argmax(1) == classes[chosen]).sum())
        schedule.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1}: {correct} of {len(inputs)} training samples are right", flush=True)
    (HERE / "network.toml").write_text(NETWORK_TOML)
    state = {name: value for name, value in network.state_dict().items() if not name.endswith(".mem")}
    (HERE / "weights.safetensors").write_bytes(save(state))


if __name__ == "__main__":
    main()
