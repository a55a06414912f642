"""Modules and helpers that the tests share."""

import sys
import tempfile
import tomllib
import unittest
import warnings
from pathlib import Path

import snntorch
import torch
from safetensors import safe_open
from torch import nn

PYTHON = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PYTHON))

from export_snntorch import ExportError, check, export, main  # noqa: E402
from neurobench_export.converters import registry  # noqa: E402

# Tests import what they test from here, because this file puts it on the path.
__all__ = [
    "PYTHON",
    "TIME_STEPS",
    "ExportCase",
    "ExportError",
    "Lambda",
    "Loop",
    "Step",
    "check",
    "export",
    "main",
    "registry",
    "spiking",
]

TIME_STEPS = {"time_steps": True}


class Lambda(nn.Module):
    """A module of parts and a forward function."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.run = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.run(self, x)


class Step(nn.Module):
    """One time step that takes its states as arguments and returns them."""

    def __init__(self):
        super().__init__()
        self.fc1, self.lif1, self.cell = nn.Linear(4, 6), snntorch.Leaky(0.9, threshold=0.4), nn.LSTMCell(6, 3)
        self.fc2, self.lif2 = nn.Linear(3, 2), snntorch.Synaptic(0.7, 0.8, reset_mechanism="zero")

    def forward(self, x, mem1, h, c, syn2, mem2):
        spk1, mem1 = self.lif1(self.fc1(x), mem1)
        h, c = self.cell(spk1, (h, c))
        spk2, syn2, mem2 = self.lif2(self.fc2(h), syn2, mem2)
        return spk2, c, h, mem2, syn2, mem1


class Loop(nn.Module):
    """A loop over time, as in snnTorch's tutorials. With `back`, spikes return to the first layer."""

    def __init__(self, axis, back=False):
        super().__init__()
        self.axis, self.back = axis, back
        self.fc1, self.lif1 = nn.Linear(4, 5), snntorch.Leaky(0.9)
        self.fc2, self.lif2 = nn.Linear(5, 2), snntorch.Leaky(0.8)
        if back:
            self.recurrent = nn.Linear(5, 5)

    def forward(self, x):
        mem1, mem2 = self.lif1.init_leaky(), self.lif2.reset_mem()
        spk1 = torch.zeros(x.shape[1 - self.axis], 5)
        spikes, membranes = [], []
        for step in range(x.shape[self.axis]):
            current = self.fc1(x[step] if self.axis == 0 else x[:, step])
            if self.back:
                current = current + self.recurrent(spk1)
            spk1, mem1 = self.lif1(current, mem1)
            spk2, mem2 = self.lif2(self.fc2(spk1), mem2)
            spikes.append(spk2)
            membranes.append(mem2)
        return torch.stack(spikes, self.axis), torch.stack(membranes, self.axis)


def spiking():
    """A network of neurons that keep their states themselves."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(8, 6),
        snntorch.Leaky(0.9, init_hidden=True),
        nn.Sequential(
            nn.Linear(6, 3), snntorch.Synaptic(torch.tensor([0.9, 0.5, 0.2]), 0.8, init_hidden=True, output=True)
        ),
    )


class ExportCase(unittest.TestCase):
    """A test that exports into a temporary folder."""

    def setUp(self):
        torch.manual_seed(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def export(self, module, *args, **options):
        """Returns the network file as a table, its layers by path, and the tensors."""
        path = export(module, self.folder / "model", *args, **options)
        table = tomllib.loads(path.read_text())
        layers = {layer["path"]: layer for layer in table["layers"]}
        tensors = {}
        if "weights" in table:
            with safe_open(self.folder / table["weights"], "pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        return table, layers, tensors

    def assert_refused(self, cases, shape=(3,), **defaults):
        """Checks that exporting each module fails with a message that contains the text, and writes nothing.

        Each case is a module, options of `export`, among them the input `shape`, and the text.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for module, options, message in cases:
                with self.subTest(message, **options):
                    options = {"shape": list(shape)} | defaults | options
                    with self.assertRaises(ExportError) as raised:
                        self.export(module, options.pop("shape"), **options)
                    self.assertIn(message, str(raised.exception))
        self.assertEqual(list(self.folder.iterdir()), [])
