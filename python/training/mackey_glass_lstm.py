"""Trains the network of the task `mackey_glass_lstm`, and records what PyTorch forecasts with it.

    python python/training/mackey_glass_lstm.py
    python python/training/mackey_glass_lstm.py --select-seed

Needs torch==2.6.0, safetensors==0.8.0 and numpy==2.2.6. The script writes `network.toml` and `weights.safetensors` of
the task, and for the tests of neurobench the first forecasts of two repeats and what they cost, in
`tests/data/mackey_glass`. With `--select-seed` it writes nothing, and prints how well networks of several seeds forecast
the end of the training samples after they were trained on the beginning.

The network is the published baseline (Yik et al. 2025, doi 10.1038/s41467-025-56739-4): the last 50 inputs, normalized,
enter an LSTM cell of 100 units, whose rectified outputs are summed to the prediction of the next value. It is trained
to predict each next value of the training samples of the first repeat (10 Lyapunov times), from the true values. The
window and the state are zero before the first sample, as they are before the warm-up of a forecast.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
from mackey_glass_series import HORIZON, POINTS, REPEATS, sequence, series  # noqa: E402

TASK = ROOT / "neurobench-tasks/tasks/mackey_glass_lstm"
RECORDED = ROOT / "tests/data/mackey_glass"

# The seed from 0 to 4 with the lowest error in `--select-seed`.
SEED = 4
TAU = 17
WINDOW = 50
HIDDEN = 100
EPOCHS = 200
LEARNING_RATE = 0.005
WEIGHT_DECAY = 0.001
TRAINING = HORIZON * POINTS
# Training samples to fit when seeds are compared, and samples after which the others are forecast.
FITTED = 8 * POINTS
STARTS = [FITTED, FITTED + 25, FITTED + 50, FITTED + 75]

NETWORK = f"""\
# LSTM on the last {WINDOW} values; written by python/training/mackey_glass_lstm.py.
format = "neurobench-network"
version = 1
weights = "weights.safetensors"
input_shape = [1]
carries_state = true
dtype = "f64"

[[layers]]
path = "copies"
kind = "concatenate"
inputs = [{", ".join(['"input"'] * WINDOW)}]

# The oldest value first.
[[layers]]
path = "window"
kind = "delay"
steps = {list(range(WINDOW - 1, -1, -1))}

[[layers]]
path = "layer_norm"
kind = "layer_norm"
normalized_shape = [{WINDOW}]

[[layers]]
path = "rnn"
kind = "lstm_cell"
input_size = {WINDOW}
hidden_size = {HIDDEN}

[[layers]]
path = "activation"
kind = "relu"

[[layers]]
path = "fc"
kind = "linear"
in_features = {HIDDEN}
out_features = 1
"""


class Lstm(nn.Module):
    """The network. It keeps its window and its state from call to call."""

    def __init__(self):
        super().__init__()
        self.layer_norm = nn.LayerNorm(WINDOW)
        self.rnn = nn.LSTMCell(WINDOW, HIDDEN)
        self.activation = nn.ReLU()
        self.fc = nn.Linear(HIDDEN, 1)
        self.restart()

    def restart(self):
        self.window = torch.zeros(WINDOW)
        self.state = (torch.zeros(HIDDEN), torch.zeros(HIDDEN))

    def step(self, value):
        self.window = torch.cat((self.window[1:], value))
        self.state = self.rnn(self.layer_norm(self.window), self.state)
        return self.fc(self.activation(self.state[0]))

    def forward(self, values):
        """Predicts each next value from the true ones."""
        return torch.cat([self.step(value) for value in values.split(1)])

    def forecast(self, value, steps):
        """Predicts from its own predictions. Also returns the number of units whose rectified output is not zero."""
        predictions, active = [], 0
        for _ in range(steps):
            value = self.step(value)
            active += int((self.state[0] > 0).sum())
            predictions.append(value)
        return torch.cat(predictions), active


def train(values, seed=SEED):
    torch.manual_seed(seed)
    network = Lstm()
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for epoch in range(EPOCHS):
        network.restart()
        loss = nn.functional.mse_loss(network(values[:-1]), values[1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (epoch + 1) % 20 == 0:
            print(f"epoch {epoch + 1}: mean squared error {loss.item():.3e}", flush=True)
    return network


def evaluate(network, values, start=TRAINING):
    """Warms the network up on the first values, and forecasts the rest."""
    network.restart()
    network(values[:start])
    targets = values[start + 1 :]
    predictions, active = network.forecast(values[start : start + 1], len(targets))
    smape = 200 * ((predictions - targets).abs() / (predictions.abs() + targets.abs())).mean()
    return predictions, active, smape.item()


def select_seed(values):
    """Prints the sMAPE of forecasts of the last training samples by networks that were trained on the first ones."""
    for seed in range(5):
        network = train(values[: FITTED + 1], seed)
        with torch.no_grad():
            smapes = [evaluate(network, values, start)[2] for start in STARTS]
        print(f"seed {seed}: sMAPE {np.mean(smapes):.3f}", flush=True)


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.set_default_dtype(torch.float64)
    values = torch.from_numpy(series(TAU))
    if sys.argv[1:] == ["--select-seed"]:
        select_seed(sequence(values, 0)[: TRAINING + 1])
        return
    network = train(sequence(values, 0)[: TRAINING + 1])
    TASK.mkdir(parents=True, exist_ok=True)
    (TASK / "network.toml").write_text(NETWORK)
    (TASK / "weights.safetensors").write_bytes(save(network.state_dict()))

    with torch.no_grad():
        forecasts = [evaluate(network, sequence(values, repeat)) for repeat in range(REPEATS)]
    smapes = np.array([smape for _, _, smape in forecasts])
    print(f"sMAPE of {REPEATS} repeats: mean {smapes.mean():.3f}, standard deviation {smapes.std(ddof=1):.3f}")
    active = sum(active for _, active, _ in forecasts)
    print(f"activation sparsity {1 - active / (REPEATS * TRAINING * HIDDEN):.4f}")
    RECORDED.mkdir(parents=True, exist_ok=True)
    np.save(RECORDED / "lstm_forecasts.npy", np.stack([forecasts[repeat][0][:POINTS].numpy() for repeat in (0, 1)]))
    recorded = {"smape": smapes.tolist(), "active_of_first_repeat": forecasts[0][1]}
    (RECORDED / "lstm.json").write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
