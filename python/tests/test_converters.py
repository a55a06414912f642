"""The registry of converters."""

import os
import subprocess
import sys
import unittest

from support import PYTHON, ExportCase, Lambda, registry
from torch import nn
from torch.nn import functional

WITHOUT_SNNTORCH = """
import sys
sys.modules["snntorch"] = None
from export_snntorch import export
from torch import nn
export(nn.Linear(3, 2), "model", [3])
"""


class TestConverters(ExportCase):
    def test_a_new_converter_is_one_function(self):
        self.addCleanup(lambda: (registry.MODULES.pop(nn.Softplus, None), registry.FUNCTIONS.pop("softplus", None)))

        @registry.module_layer(nn.Softplus)
        def softplus(call):
            return registry.LayerSpec("softplus", {"beta": call.module.beta})

        @registry.function_layer("softplus")
        def softplus_function(call):
            return call.layer("softplus", {"beta": float(call.get(1, "beta", 1))})

        module = Lambda(lambda self, x: functional.softplus(self.first(x), 3), first=nn.Softplus(2.0))
        _, layers, _ = self.export(module, [3])
        expected = {
            "first": {"path": "first", "kind": "softplus", "beta": 2.0},
            "softplus": {"path": "softplus", "kind": "softplus", "beta": 3.0},
        }
        self.assertEqual(layers, expected)

    def test_snntorch_is_optional(self):
        environment = os.environ | {"PYTHONPATH": str(PYTHON)}
        command = [sys.executable, "-c", WITHOUT_SNNTORCH]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "model.toml").exists())


if __name__ == "__main__":
    unittest.main()
