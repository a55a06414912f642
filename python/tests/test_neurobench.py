"""Exported networks, run by neurobench. Skipped if cargo is not on the path."""

import json
import shutil
import subprocess
import unittest

import torch
from support import PYTHON, ExportCase, Loop, check, export, spiking
from torch import nn


@unittest.skipUnless(shutil.which("cargo"), "cargo is not on the path")
class TestNeurobench(ExportCase):
    def test_neurobench_computes_the_outputs_of_the_module(self):
        convolutions = nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 4)
        )
        cases = [
            (spiking(), [2, 4], {"time_steps": True}),
            (Loop(0), [4], {"loop_axis": 0}),
            (convolutions, [2, 4, 4], {}),
        ]
        for module, shape, options in cases:
            path = export(module, self.folder / "model", shape, **options)
            check(module, path, torch.rand(6, *([9] if options else []), *shape) * 2, **options)
            # Spikes are the same; sums of analog outputs may be rounded in another order.
            self.assertLessEqual(self.mean_squared_difference(), 0.0 if options else 1e-12)

    def mean_squared_difference(self):
        results = self.folder / "out.json"
        command = ["cargo", "run", "-q", "-p", "neurobench", "--", "run", str(self.folder / "model.check.toml")]
        done = subprocess.run([*command, "--output", str(results)], cwd=PYTHON.parent, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        value = json.loads(results.read_text())["metrics"][0]["value"]
        results.unlink()
        return value


if __name__ == "__main__":
    unittest.main()
