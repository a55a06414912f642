"""The command line."""

import contextlib
import io
import os
import subprocess
import sys
import unittest

import numpy
import torch
from support import PYTHON, ExportCase, main
from torch import nn

SMALL = "from torch import nn\ndef small():\n    return nn.Sequential(nn.Linear(3, 2), nn.Dropout2d())\n"
LOOP = """
import snntorch, torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        nn.init.ones_(self.fc.weight), nn.init.zeros_(self.fc.bias)
        self.lif = snntorch.Leaky(0.9)
    def forward(self, x):
        mem, out = self.lif.reset_mem(), []
        for step in range(9):
            spk, mem = self.lif(self.fc(x[step]), mem)
            out.append(spk)
        return torch.stack(out)
def single():
    return nn.Sequential(nn.Flatten(), snntorch.Leaky(0.9, init_hidden=True))
def other():
    return nn.Sequential(nn.Linear(3, 2), nn.ReLU())
"""
VARIANTS = """
from torch import nn
number = 3
def small():
    return nn.Sequential(nn.Linear(3, 2))
def scaled(by):
    return nn.Linear(by, 2)
def nothing():
    return None
def odd():
    return nn.Sequential(nn.Linear(3, 2), nn.Bilinear(2, 2, 2))
"""
INPUT_SHAPE = ["--input-shape", "3"]


class TestCommand(ExportCase):
    def test_command_writes_the_network_and_the_check(self):
        (self.folder / "nets.py").write_text(SMALL)
        numpy.save(self.folder / "x.npy", numpy.ones((4, 3), dtype=numpy.float32))
        arguments = ["nets:small", *INPUT_SHAPE, "--out", "model", "--check", "x.npy"]
        command = [sys.executable, PYTHON / "export_snntorch.py", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((done.stdout, done.returncode), ("model.toml\n", 0), done.stderr)
        self.assertEqual(numpy.load(self.folder / "model.output.npy").shape, (4, 2))
        done = subprocess.run([*command, "--input-shape"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)

    def test_package_is_the_same_command(self):
        (self.folder / "nets.py").write_text(SMALL)
        command = [sys.executable, "-m", "neurobench_export", "nets:small", *INPUT_SHAPE]
        environment = os.environ | {"PYTHONPATH": str(PYTHON)}
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=environment)
        self.assertEqual((done.stdout, done.returncode), ("network.toml\n", 0), done.stderr)

    def test_errors_are_one_line(self):
        (self.folder / "nets.py").write_text(VARIANTS)
        (self.folder / "broken.py").write_text("import no_such_module\n")
        torch.save({"0.weight": torch.ones(2, 4), "0.bias": torch.ones(2)}, self.folder / "other.pt")
        torch.save({"epoch": 3, "model": nn.Linear(3, 2).state_dict()}, self.folder / "checkpoint.pt")
        numpy.save(self.folder / "wide.npy", numpy.ones((4, 5), dtype=numpy.float32))
        small = ["nets:small", *INPUT_SHAPE]
        cases = [
            (["nets.py", *INPUT_SHAPE], "`nets.py` is a file; name the Python module instead, as in nets:model"),
            (["nots", *INPUT_SHAPE], "`nots` cannot be imported: ModuleNotFoundError"),
            (["broken", *INPUT_SHAPE], "No module named 'no_such_module'"),
            (["nets:smal", *INPUT_SHAPE], "`nets` has no `smal`; choose one of small, scaled, nothing, odd"),
            (["nets:number", *INPUT_SHAPE], "`nets:number` is of type int; name a torch.nn.Module"),
            (["nets:nothing", *INPUT_SHAPE], "returns NoneType; expected a torch.nn.Module"),
            (["nets:scaled", *INPUT_SHAPE], "fails when it is called without arguments: TypeError"),
            (["nets:odd", *INPUT_SHAPE], "Bilinear"),
            (["nets:small"], "input_shape is missing"),
            (["nets:small", "--input-shape", "4"], "the module fails on inputs of shape [3, 4]: RuntimeError"),
            (["nets:small", "--input-shape", "0"], "the length of every axis must be at least 1"),
            ([*small, "--readout", "-1"], "readout is -1"),
            ([*small, "--carries-state", "--time-steps"], "it excludes time_steps and loop_axis"),
            ([*small, "--state-dict", "no.pt"], "No such file or directory: 'no.pt'"),
            ([*small, "--state-dict", "nets.py"], "cannot be loaded as a state dict"),
            ([*small, "--state-dict", "other.pt"], "other.pt does not fit the module"),
            ([*small, "--state-dict", "checkpoint.pt"], "a checkpoint with epoch, model"),
            ([*small, "--check", "nets.py"], "nets.py is not an array"),
            ([*small, "--check", "wide.npy"], "wide.npy: the module fails on inputs"),
        ]
        for arguments, expected in cases:
            with self.subTest(expected):
                errors, code = self.run_command(arguments)
                self.assertIn(expected, errors)
                self.assertTrue(errors.startswith("error: ") and errors.count("\n") == 1, errors)
                self.assertEqual(code, 1)

    def test_loops_run_on_the_steps_of_the_check(self):
        (self.folder / "nets.py").write_text(LOOP)
        numpy.save(self.folder / "x.npy", numpy.ones((4, 9, 3), dtype=numpy.float32))
        loop = ["nets:Net", *INPUT_SHAPE, "--loop-axis", "0"]
        # The second run writes the same files.
        for arguments in ([*loop, "--check", "x.npy"], [*loop, "--steps", "9"]):
            self.assertEqual(self.run_command(arguments), ("", 0))
        self.assertEqual(numpy.load(self.folder / "model.output.npy").shape, (4, 9, 2))
        self.assertIn("it ran on 7 steps, a default", self.run_command(loop)[0])

    def test_files_of_other_contents_need_force(self):
        (self.folder / "nets.py").write_text(LOOP)
        numpy.save(self.folder / "wide.npy", numpy.ones((4, 5), dtype=numpy.float32))
        other = ["nets:other", *INPUT_SHAPE]
        self.assertEqual(self.run_command(["nets:single", *INPUT_SHAPE, "--time-steps"]), ("", 0))
        self.assertIn("or overwrite it with --force", self.run_command(other)[0])
        failed, _ = self.run_command([*other, "--force", "--check", "wide.npy"])
        self.assertIn("(model.toml is already written and is kept)", failed)

    def test_neurons_without_time_steps_get_a_note(self):
        (self.folder / "nets.py").write_text(LOOP)
        single = ["nets:single", *INPUT_SHAPE, "--force"]
        with contextlib.redirect_stderr(io.StringIO()) as notes:
            self.run_command(single)
        note = "note: the network has neurons with state (Leaky) but no time steps"
        self.assertTrue(notes.getvalue().startswith(note), notes.getvalue())
        with contextlib.redirect_stderr(io.StringIO()) as notes:
            self.run_command([*single, "--time-steps"])
        self.assertEqual(notes.getvalue(), "")

    def run_command(self, arguments):
        """Returns the message and the code of the command. It runs in this process, because PyTorch loads slowly."""
        argv, folder, path = sys.argv, os.getcwd(), list(sys.path)
        message, code = "", 0
        try:
            os.chdir(self.folder)
            sys.argv = ["export_snntorch.py", *arguments, "--out", "model"]
            with contextlib.redirect_stdout(io.StringIO()):
                main()
        except SystemExit as stopped:
            message, code = (f"{stopped.code}\n", 1) if isinstance(stopped.code, str) else ("", stopped.code)
        finally:
            os.chdir(folder)
            sys.argv, sys.path[:] = argv, path
            for name in ["nets", "broken"]:
                sys.modules.pop(name, None)
        return message, code


if __name__ == "__main__":
    unittest.main()
