"""Tests of export_snntorch.py, against PyTorch and snnTorch; run by hand:

    pip install torch==2.6.0 snntorch==1.0.0 safetensors==0.8.0 numpy==2.2.6
    python -m unittest python/test_export_snntorch.py      (from the root of the repository)

With cargo on the path, exported networks also run, and give what the modules give. Every kind of layer is compared by
`cargo test -p neurobench-network layers`, on networks that were exported once.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
import warnings
from pathlib import Path

import numpy
import snntorch
import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from export_snntorch import ExportError, check, export, main  # noqa: E402


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
    """One time step whose states are handed in and out."""

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
    """A loop over time, as in snnTorch's tutorials, with spikes that go back."""

    def __init__(self, axis, back=False):
        super().__init__()
        self.axis, self.back = axis, back
        self.fc1, self.lif1, self.fc2, self.lif2 = (
            nn.Linear(4, 5),
            snntorch.Leaky(0.9),
            nn.Linear(5, 2),
            snntorch.Leaky(0.8),
        )
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
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(8, 6),
        snntorch.Leaky(0.9, init_hidden=True),
        nn.Sequential(
            nn.Linear(6, 3), snntorch.Synaptic(torch.tensor([0.9, 0.5, 0.2]), 0.8, init_hidden=True, output=True)
        ),
    )


class TestExport(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def export(self, module, *args, **kwargs):
        """The network file as a table, its layers by path, and the tensors."""
        path = export(module, self.folder / "model", *args, **kwargs)
        table = tomllib.loads(path.read_text())
        layers = {layer["path"]: layer for layer in table["layers"]}
        tensors = {}
        if "weights" in table:
            with safe_open(self.folder / table["weights"], "pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        return table, layers, tensors

    def test_tensors_keep_names_types_and_bytes(self):
        module = nn.Sequential(spiking(), nn.BatchNorm1d(3))
        module[0][3][1].output = False
        fresh = sum(tensor.numel() * tensor.element_size() for tensor in [*module.parameters(), *module.buffers()])
        table, layers, tensors = self.export(module, [2, 4], time_steps=True)
        self.assertEqual(sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()), fresh)
        state = module.state_dict()
        self.assertEqual(tensors.keys(), state.keys())
        self.assertTrue(
            all(torch.equal(tensors[name], state[name]) and tensors[name].dtype == state[name].dtype for name in state)
        )
        self.assertEqual(list(layers), ["0.0", "0.1", "0.2", "0.3.0", "0.3.1", "1"])
        self.assertEqual((table["input_shape"], table["time_steps"]), ([2, 4], True))

    def test_a_layer_alone_and_the_folder(self):
        path = export(nn.Linear(3, 2), self.folder, [3])
        self.assertEqual(path, self.folder / "network.toml")
        self.assertEqual([layer["path"] for layer in tomllib.loads(path.read_text())["layers"]], ["0"])

    def test_the_module_is_left_as_it_was(self):
        module = spiking()
        module(torch.rand(5, 2, 4))
        before = [tensor.clone() for tensor in module.buffers()]
        self.export(module, [2, 4], time_steps=True)
        self.assertTrue(all(torch.equal(one, two) for one, two in zip(before, module.buffers(), strict=True)))
        self.assertTrue(all(part.training for part in module.modules()))
        self.assertFalse(any(part._forward_hooks or part._forward_pre_hooks for part in module.modules()))

    def test_sums_follow_what_in_place_functions_change(self):
        def forward(self, x):
            first = self.one(x)
            same = first
            out = self.two(self.relu(first))
            out += same
            return functional.relu(out)

        parts = {"one": nn.Linear(3, 3), "two": nn.Linear(3, 3), "relu": nn.ReLU(inplace=True)}
        _, layers, _ = self.export(Lambda(forward, **parts), [3])
        # `relu` changed `first`; `relu_2` is the function, whose name a module has.
        self.assertEqual(layers["relu_2"]["inputs"], ["two", "relu"])

    def test_sums_are_rounded_in_the_order_of_the_module(self):
        parts = {name: nn.Linear(3, 3) for name in "abcd"}

        def forward(self, x):
            a, b, c, d = self.a(x), self.b(x), self.c(x), self.d(x)
            return a + (b + c) + d

        table, layers, _ = self.export(Lambda(forward, **parts), [3])
        self.assertEqual(layers["add"], {"path": "add", "kind": "identity", "inputs": ["b", "c", "a", "d"]})
        self.assertNotIn("output", table)

    def test_concatenation_is_along_an_axis_of_one_sample(self):
        for dim, axis in [(1, {}), (2, {"axis": 1}), (-1, {"axis": 2}), (-3, {})]:
            module = Lambda(lambda self, x, dim=dim: torch.cat([self.relu(x), x], dim), relu=nn.ReLU())
            _, layers, _ = self.export(module, [2, 3, 4])
            expected = {"path": "cat", "kind": "concatenate", "inputs": ["relu", "input"]} | axis
            self.assertEqual(next(layer for layer in layers.values() if layer["kind"] == "concatenate") | {"path": "cat"}, expected)

    def test_functions_become_layers(self):
        def forward(self, x):
            x = functional.max_pool2d(functional.relu(self.conv(x)), 3, stride=2, ceil_mode=True)
            x = functional.avg_pool2d(x, x.shape[-2:])
            x = torch.cat([x.view(x.size(0), -1), torch.ones(len(x), 1)], -1)
            x = functional.dropout(x, training=self.training)
            return functional.log_softmax(self.fc(x), dim=1)

        module = Lambda(forward, conv=nn.Conv2d(2, 3, (3, 1), padding=(1, 0)), fc=nn.Linear(4, 2))
        _, layers, _ = self.export(module, [2, 5, 5])
        expected = {
            "conv": {"kind": "conv2d", "in_channels": 2, "out_channels": 3, "kernel_size": [3, 1], "padding": [1, 0]},
            "relu": {"kind": "relu"},
            "max_pool2d": {"kind": "max_pool2d", "kernel_size": 3, "stride": 2, "ceil_mode": True},
            "avg_pool2d": {"kind": "avg_pool2d", "kernel_size": 2},
            "flatten": {"kind": "flatten"},
            "constant": {"kind": "constant", "inputs": [], "value": 1.0, "shape": [1]},
            "concatenate": {"kind": "concatenate", "inputs": ["flatten", "constant"]},
            "dropout": {"kind": "dropout", "p": 0.5},
            "fc": {"kind": "linear", "in_features": 4, "out_features": 2},
            "log_softmax": {"kind": "log_softmax"},
        }
        self.assertEqual(layers, {path: {"path": path} | layer for path, layer in expected.items()})

    def test_moving_axes_of_length_one_is_reshaping(self):
        module = Lambda(
            lambda self, x: self.fc(self.conv(x).permute(0, 2, 1)), conv=nn.Conv1d(2, 3, 5), fc=nn.Linear(3, 2)
        )
        _, layers, _ = self.export(module, [2, 5])
        self.assertEqual(layers["reshape"]["shape"], [1, 3])

    def test_states_that_are_handed_in_and_out(self):
        module = Step()
        _, layers, _ = self.export(module, [4], time_steps=True, readout=3)
        self.assertEqual(layers["lif2"], {"path": "lif2", "kind": "synaptic", "reset": "zero", "output": "membrane"})
        inputs = torch.rand(3, 6, 4)
        found = check(module, self.folder / "model", inputs, time_steps=True, readout=3)
        states = [torch.zeros(0), torch.zeros(3, 3), torch.zeros(3, 3), torch.zeros(0), torch.zeros(0)]
        for step in range(6):
            with torch.no_grad():
                out, c, h, mem2, syn2, mem1 = module(inputs[:, step], *states)
            states = [mem1, h, c, syn2, mem2]
            self.assertTrue(torch.equal(found[:, step], mem2))

    def test_loops_over_time_become_one_step(self):
        for axis in (0, 1):
            _, layers, _ = self.export(Loop(axis), [4], loop_axis=axis)
            self.assertEqual([layers[path].get("inputs") for path in ("fc1", "lif1", "fc2", "lif2")], [None] * 4)
        table, layers, _ = self.export(Loop(1, back=True), [4], loop_axis=1, readout=1)
        self.assertEqual((layers["recurrent"]["inputs"], layers["lif1"]["inputs"]), (["lif1"], ["fc1", "recurrent"]))
        # Its inputs come later, so their shape must be said; those of `lif1` partly come before.
        self.assertEqual((layers["recurrent"]["input_shape"], layers["lif1"].get("input_shape")), ([5], None))
        self.assertEqual((layers["lif2"]["output"], table["time_steps"]), ("membrane", True))
        self.assertNotIn("output", layers["lif1"])

    def test_loops_that_depend_on_the_step_are_refused(self):
        def loop(body, count=lambda x: len(x), **parts):
            """A loop of a linear layer and a neuron, which `body` steps."""

            def forward(self, x):
                mem, out = self.lif.reset_mem(), []
                for step in range(count(x)):
                    spk, mem = body(self, self.fc(x[step]), mem, step, x)
                    out.append(spk)
                return torch.stack(out)

            return Lambda(forward, fc=nn.Linear(3, 3), lif=snntorch.Leaky(0.9), **parts)

        def doubled(self, current, mem, step, x):
            return self.lif(current + current if step >= 6 else current, mem)

        def reset(self, current, mem, step, x):
            spk, mem = self.lif(current, mem)
            return spk, torch.zeros_like(mem) if step % 4 == 3 else mem

        def long(self, current, mem, step, x):
            return self.lif(self.relu(current) if len(x) > 10 else current, mem)

        def normed(self, current, mem, step, x):
            return self.lif(self.bn[step](current), mem)

        def first(self, current, mem, step, x):
            return self.lif(self.bn[step // 100](current), mem)

        def usual(self, current, mem, step, x):
            return self.lif(current, mem)

        def anew(self, x):
            out = []
            for step in range(len(x)):
                if step == 5:
                    self.lif.reset_mem()
                out.append(self.lif(self.fc(x[step])))
            return torch.stack(out)

        nine, norms = {"steps": 9}, snntorch.BatchNormTT1d(3, 9)
        choice = "it ran on 7 steps, which is the exporter's choice: say how many by steps (--steps)"
        fixed = loop(usual, count=lambda x: 9)
        hidden = {"fc": nn.Linear(3, 3), "lif": snntorch.Leaky(0.9, init_hidden=True)}
        mean = Lambda(lambda self, x: fixed(x).mean(0), fixed=fixed)
        last = Lambda(lambda self, x: fixed(x)[-1], fixed=fixed)
        cases = [
            (loop(doubled), {}, "`lif` takes other inputs in one step than in another"),
            (loop(doubled), nine, "`lif` takes other inputs in one step than in another"),
            (loop(reset), {}, "its state `mem` is not the one that it returned a step before"),
            (loop(reset), nine, "its state `mem` is not the one that it returned a step before"),
            (Lambda(anew, **hidden), {}, "its membrane is reset inside forward"),
            (loop(long, relu=nn.ReLU()), {}, "of 7 and of 16 steps differ first at `lif` and `relu`"),
            (loop(normed, bn=norms), {"steps": 5}, "layers do not run once for each step"),
            (loop(normed, bn=norms), nine, "layers do not run once for each step"),
            (loop(first, bn=norms), nine, "takes part in no layer at any of the 9 steps of this run"),
            (fixed, {}, choice),
            (loop(usual, count=lambda x: 5), {}, choice),
            (fixed, {"steps": -2}, "shows at 3 steps or more, not at -2"),
            (fixed, {"example": torch.zeros(1, 3, 3)}, "shows at 3 steps or more, not at 1"),
            (fixed, nine | {"loop_axis": None}, "steps is how many steps a module that loops"),
            (mean, nine, "mean (of what fixed.lif gives) cannot be exported: for a mean over time steps, return all steps"),
            (last, nine, "choose or sum them by a postprocessor of the benchmark, `last_step`"),
        ]
        for module, keys, expected in cases:
            with self.subTest(expected, **keys):
                with self.assertRaises(ExportError) as raised:
                    self.export(module, [3], **{"loop_axis": 0} | keys)
                self.assertIn(expected, str(raised.exception))
        _, layers, _ = self.export(fixed, 3, loop_axis=0, steps=9)
        self.assertEqual(list(layers), ["fc", "lif"])
        with self.assertRaises(ExportError) as raised:
            self.export(loop(normed, bn=norms), [3], loop_axis=0)
        # At 7 steps the last two norms take part in nothing, which is no reason to remove them.
        self.assertNotIn("remove it", str(raised.exception))

    def test_loops_over_inputs_without_time_are_told_how_to_have_it(self):
        def forward(self, x):
            mem, out = self.lif.reset_mem(), []
            for _ in range(25):
                spk, mem = self.lif(self.fc(x), mem)
                out.append(spk)
            return torch.stack(out)

        module = Lambda(forward, fc=nn.Linear(3, 3), lif=snntorch.Leaky(0.9))
        for keys in ({}, {"loop_axis": 0}):
            with self.assertRaisesRegex(ExportError, "`x\\[step\\]`.* preprocessor `repeat_over_time`"):
                self.export(module, [3], **keys)

    def test_files_are_replaced_by_force(self):
        self.export(nn.Linear(3, 2), 3)
        before = (self.folder / "model.safetensors").read_bytes()
        with self.assertRaisesRegex(ExportError, "model.toml is there and has other contents.*--force"):
            self.export(nn.ReLU(), [3], force=False)
        with self.assertRaisesRegex(ExportError, "model.safetensors is there and has other contents"):
            self.export(nn.Linear(3, 2), [3], force=False)
        self.assertEqual((self.folder / "model.safetensors").read_bytes(), before)
        same = nn.Linear(3, 2)
        self.export(same, [3])
        self.export(same, [3], force=False)
        with self.assertRaisesRegex(ExportError, "model.toml/model cannot be written"):
            export(same, self.folder / "model.toml" / "model", [3])

    def test_precision_and_sequences(self):
        table, _, tensors = self.export(nn.Linear(3, 2).double(), [3], carries_state=True)
        self.assertEqual((table["dtype"], table["carries_state"]), ("f64", True))
        self.assertNotIn("time_steps", table)
        self.assertEqual(tensors["0.weight"].dtype, torch.float64)

    def test_learned_constants_are_written_if_that_is_accepted(self):
        module = nn.Sequential(snntorch.Leaky(0.9, learn_beta=True, init_hidden=True))
        _, _, tensors = self.export(module, [3], time_steps=True, learned_constants_as_buffers=True)
        self.assertIn("0.beta", tensors)

    def test_what_cannot_be_written_is_refused(self):
        leaky = lambda **keys: nn.Sequential(snntorch.Leaky(0.9, init_hidden=True, **keys))  # noqa: E731
        fc = lambda: nn.Linear(3, 3)  # noqa: E731
        changed = leaky()
        changed[0].reset_mechanism = "zero"
        dilated = nn.Sequential(snntorch.RLeaky(0.9, conv2d_channels=2, kernel_size=3, init_hidden=True))
        dilated[0].recurrent.dilation = (2, 2)
        shared = nn.Sequential(fc(), fc())
        shared[1].weight = shared[0].weight
        hooked = nn.Sequential(fc())
        hooked[0].register_forward_hook(lambda *_: None)
        steps = {"time_steps": True}

        def resetting(self, x):
            self.lif.reset_mem()
            return self.lif(x)

        class Forgets(nn.Module):
            def __init__(self):
                super().__init__()
                self.lif = snntorch.Leaky(0.9)

            def forward(self, x, mem):
                return self.lif(x, mem)[0]

        cases = [
            (leaky(inhibition=True), steps, "`0` (snntorch.Leaky): inhibition=True"),
            (leaky(state_quant=lambda x: x), steps, "state_quant is not there"),
            (leaky(reset_delay=False), steps, "reset_delay=False"),
            (leaky(graded_spikes_factor=2.0), steps, "graded_spikes_factor is not 1"),
            (leaky(learn_threshold=True), steps, "threshold can be learned"),
            (leaky(spike_grad=torch.sigmoid), steps, "its spike_grad gives something else"),
            (
                leaky(threshold=torch.tensor(0.1, dtype=torch.float64)),
                steps,
                "torch.float32 does not hold `threshold` exactly",
            ),
            (
                nn.Sequential(snntorch.RLeaky(0.9, all_to_all=False, learn_recurrent=False, init_hidden=True)),
                steps,
                "learn_recurrent=False makes V a buffer",
            ),
            (changed, steps, "reset_mechanism became 'zero' after the neuron was made"),
            (
                dilated,
                steps | {"shape": [2, 4, 4]},
                "its recurrent convolution is not as snnTorch makes it",
            ),
            (
                nn.Sequential(snntorch.SLSTM(3, 2, init_hidden=True)),
                steps,
                "`0` (snntorch.SLSTM): network files have no such layer",
            ),
            (
                Lambda(resetting, lif=snntorch.Leaky(0.9, init_hidden=True)),
                steps,
                "`lif` (snntorch.Leaky): its membrane is reset inside forward",
            ),
            (
                Lambda(lambda self, x: self.lif(x, torch.zeros(3, 3))[0], lif=snntorch.Leaky(0.9)),
                steps,
                "its state `mem` is set to zero",
            ),
            (Lambda(lambda self, x: self.cell(x), cell=nn.GRUCell(3, 2)), steps, "it is called without a state"),
            (Forgets(), steps, "forward takes `mem`, the state `mem` of `lif`, but does not return the new one"),
            (
                Lambda(lambda self, x: sum(self.lif(x)), lif=snntorch.Leaky(0.9)),
                steps,
                "both the spikes and the membranes of `lif`",
            ),
            (Loop(1), {"shape": [5, 4]}, "say by loop_axis which axis is time"),
            (
                nn.Sequential(nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular")),
                {"shape": [1, 3]},
                "padding_mode='circular'",
            ),
            (nn.Sequential(nn.BatchNorm1d(3, track_running_stats=False)), {}, "no running statistics"),
            (nn.Sequential(nn.GroupNorm(1, 3)), {}, "`0` (torch.GroupNorm): network files have no such layer"),
            (nn.Sequential(nn.LSTM(3, 2)), {"shape": [5, 3]}, "batch_first=False"),
            (nn.Sequential(nn.LSTM(3, 4, proj_size=2, batch_first=True)), {"shape": [5, 3]}, "proj_size"),
            (
                Lambda(lambda self, x: self.rnn(x)[0][:, -1], rnn=nn.RNN(3, 2, batch_first=True)),
                {"shape": [5, 3]},
                "return all steps",
            ),
            (nn.Sequential(nn.Embedding(5, 3, max_norm=1.0)), {}, "max_norm"),
            (Lambda(lambda self, x: self.fc(x).int(), fc=fc()), {}, "the output takes torch.int32; a network file rounds"),
            (
                Lambda(lambda self, x: torch.relu(self.fc(x).long().flatten(1)), fc=fc()),
                {},
                "relu takes torch.int64; a network file rounds",
            ),
            (
                Lambda(lambda self, x: torch.cat([self.fc(x), x], 0), fc=fc()),
                {"shape": [2, 3]},
                "cat works along the axis of the samples",
            ),
            (nn.Sequential(nn.utils.parametrizations.weight_norm(fc())), {}, "weights that are parametrised or pruned"),
            (
                nn.Sequential(nn.utils.parametrizations.spectral_norm(fc())),
                {},
                "weights that are parametrised or pruned",
            ),
            (shared, {}, "`0.weight` and `1.weight` are one tensor"),
            (hooked, {}, "it has forward hooks"),
            (nn.Sequential(fc().half()), {}, "torch.float16"),
            (Lambda(lambda self, x: self.fc(x), fc=fc(), other=fc()), {}, "`other.weight` takes part in no layer"),
            (Lambda(lambda self, x: self.fc(self.fc(x)), fc=fc()), {}, "`fc` (torch.Linear): it runs more than once"),
            (Lambda(lambda self, x: functional.linear(x, self.fc.weight), fc=fc()), {}, "use nn.Linear"),
            (
                Lambda(lambda self, x: x if x.sum() > 0 else self.fc(x), fc=fc()),
                {},
                "sum (of what input gives) cannot be exported",
            ),
            (Lambda(lambda self, x: self.fc(x) * 2, fc=fc()), {}, "mul (of what fc gives) cannot be exported"),
            (Lambda(lambda self, x: self.fc(x) + 1, fc=fc()), {}, "a number cannot be added"),
            (Lambda(lambda self, x: self.fc(x) + self.fc.bias, fc=fc()), {}, "weights inside layers only"),
            (Lambda(lambda self, x: self.fc(x).detach().numpy(), fc=fc()), {}, "must not depend on the numbers"),
            (Lambda(lambda self, x: functional.dropout(self.fc(x)), fc=fc()), {}, "training=self.training"),
            (Lambda(lambda self, x: self.fc(x).softmax(0), fc=fc()), {}, "the axis of the samples"),
            (
                Lambda(lambda self, x: self.fc(x).transpose(1, 2), fc=fc()),
                {"shape": [2, 3]},
                "no layer that moves axes",
            ),
            (Lambda(lambda self, x: x), {}, "has no layer"),
            (nn.Sequential(nn.Conv2d(3, 2, 1)), {"shape": [4, 4]}, "its inputs are [4, 4] for each sample"),
            (nn.Sequential(fc()), {"shape": []}, "check input_shape"),
            (Lambda(lambda self, x: self.input(x), input=fc()), {}, "give the module another name"),
            (Lambda(lambda self, x: self.fc(x.long().float()), fc=fc()), {}, "from torch.int64 to torch.float32"),
            (Lambda(lambda self, x: (self.fc(x), x.add_(1))[0], fc=fc()), {}, "a number cannot be added"),
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for module, keys, expected in cases:
                with self.subTest(expected):
                    keys = dict(keys)
                    with self.assertRaises(ExportError) as raised:
                        self.export(module, keys.pop("shape", [3]), **keys)
                    self.assertIn(expected, str(raised.exception))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_command(self):
        (self.folder / "nets.py").write_text(
            "from torch import nn\ndef small():\n    return nn.Sequential(nn.Linear(3, 2), nn.Dropout2d())\n"
        )
        numpy.save(self.folder / "x.npy", numpy.ones((4, 3), dtype=numpy.float32))
        command = [
            sys.executable,
            HERE / "export_snntorch.py",
            "nets:small",
            "--input-shape",
            "3",
            "--out",
            "model",
            "--check",
            "x.npy",
        ]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((done.stdout, done.returncode), ("model.toml\n", 0), done.stderr)
        self.assertEqual(numpy.load(self.folder / "model.output.npy").shape, (4, 2))
        done = subprocess.run([*command, "--input-shape"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)

    def test_whatever_is_wrong_is_told_in_one_line(self):
        (self.folder / "nets.py").write_text(
            "from torch import nn\n"
            "number = 3\n"
            "def small():\n    return nn.Sequential(nn.Linear(3, 2))\n"
            "def scaled(by):\n    return nn.Linear(by, 2)\n"
            "def nothing():\n    return None\n"
            "def odd():\n    return nn.Sequential(nn.Linear(3, 2), nn.Bilinear(2, 2, 2))\n"
        )
        (self.folder / "broken.py").write_text("import no_such_module\n")
        torch.save({"0.weight": torch.ones(2, 4), "0.bias": torch.ones(2)}, self.folder / "other.pt")
        torch.save({"epoch": 3, "model": nn.Linear(3, 2).state_dict()}, self.folder / "checkpoint.pt")
        numpy.save(self.folder / "wide.npy", numpy.ones((4, 5), dtype=numpy.float32))
        cases = [
            (["nets.py", "--input-shape", "3"], "`nets.py` is a file; name the module, as in nets:model"),
            (["nots", "--input-shape", "3"], "`nots` cannot be imported: ModuleNotFoundError"),
            (["broken", "--input-shape", "3"], "No module named 'no_such_module'"),
            (["nets:smal", "--input-shape", "3"], "`nets` has no `smal`; there are small, scaled, nothing, odd"),
            (["nets:number", "--input-shape", "3"], "`nets:number` is int, not a module"),
            (["nets:nothing", "--input-shape", "3"], "gives NoneType, not a torch.nn.Module"),
            (["nets:scaled", "--input-shape", "3"], "fails when it is called without arguments: TypeError"),
            (["nets:odd", "--input-shape", "3"], "Bilinear"),
            (["nets:small"], "input_shape is missing"),
            (["nets:small", "--input-shape", "4"], "the module fails on inputs of shape [3, 4]: RuntimeError"),
            (["nets:small", "--input-shape", "0"], "every axis must have a length of 1 at least"),
            (["nets:small", "--input-shape", "3", "--readout", "-1"], "readout is -1"),
            (["nets:small", "--input-shape", "3", "--carries-state", "--time-steps"], "carries_state excludes"),
            (["nets:small", "--input-shape", "3", "--state-dict", "no.pt"], "No such file or directory: 'no.pt'"),
            (["nets:small", "--input-shape", "3", "--state-dict", "nets.py"], "cannot be loaded as a state dict"),
            (["nets:small", "--input-shape", "3", "--state-dict", "other.pt"], "other.pt does not fit the module"),
            (["nets:small", "--input-shape", "3", "--state-dict", "checkpoint.pt"], "a checkpoint with epoch, model"),
            (["nets:small", "--input-shape", "3", "--check", "nets.py"], "is not an array that numpy.save wrote"),
            (["nets:small", "--input-shape", "3", "--check", "wide.npy"], "wide.npy: the module fails on inputs"),
        ]
        for arguments, expected in cases:
            with self.subTest(expected):
                errors, code = self.command(arguments)
                self.assertIn(expected, errors)
                self.assertTrue(errors.startswith("error: ") and errors.count("\n") == 1, errors)
                self.assertEqual(code, 1)

    def test_the_command_takes_the_steps_of_the_check(self):
        (self.folder / "nets.py").write_text(
            "import snntorch, torch\n"
            "from torch import nn\n"
            "class Net(nn.Module):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.fc = nn.Linear(3, 2)\n"
            "        nn.init.ones_(self.fc.weight), nn.init.zeros_(self.fc.bias)\n"
            "        self.lif = snntorch.Leaky(0.9)\n"
            "    def forward(self, x):\n"
            "        mem, out = self.lif.reset_mem(), []\n"
            "        for step in range(9):\n"
            "            spk, mem = self.lif(self.fc(x[step]), mem)\n"
            "            out.append(spk)\n"
            "        return torch.stack(out)\n"
            "def single():\n    return nn.Sequential(nn.Flatten(), snntorch.Leaky(0.9, init_hidden=True))\n"
            "def other():\n    return nn.Sequential(nn.Linear(3, 2), nn.ReLU())\n"
        )
        numpy.save(self.folder / "x.npy", numpy.ones((4, 9, 3), dtype=numpy.float32))
        numpy.save(self.folder / "wide.npy", numpy.ones((4, 5), dtype=numpy.float32))
        loop = ["nets:Net", "--input-shape", "3", "--loop-axis", "0"]
        # The second writes what is there.
        for arguments in ([*loop, "--check", "x.npy"], [*loop, "--steps", "9"]):
            self.assertEqual(self.command(arguments), ("", 0))
        self.assertEqual(numpy.load(self.folder / "model.output.npy").shape, (4, 9, 2))
        self.assertIn("it ran on 7 steps, which is the exporter's choice", self.command(loop)[0])
        self.assertIn("or replace it by --force", self.command(["nets:other", "--input-shape", "3"])[0])
        failed, _ = self.command(["nets:other", "--input-shape", "3", "--force", "--check", "wide.npy"])
        self.assertIn("; model.toml was written before, and stays", failed)
        single = ["nets:single", "--input-shape", "3", "--force"]
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.command(single)
        self.assertTrue(said.getvalue().startswith("note: the network has neurons with state (Leaky) and no time steps"))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.command([*single, "--time-steps"])
        self.assertEqual(said.getvalue(), "")

    def command(self, arguments):
        """What the command says, run here: PyTorch takes long to load."""
        argv, folder, path = sys.argv, os.getcwd(), list(sys.path)
        errors = ""
        code = 0
        try:
            os.chdir(self.folder)
            sys.argv = ["export_snntorch.py", *arguments, "--out", "model"]
            with contextlib.redirect_stdout(io.StringIO()):
                main()
        except SystemExit as stopped:
            errors, code = (f"{stopped.code}\n", 1) if isinstance(stopped.code, str) else ("", stopped.code)
        finally:
            os.chdir(folder)
            sys.argv, sys.path[:] = argv, path
            for name in ["nets", "broken"]:
                sys.modules.pop(name, None)
        return errors, code

    @unittest.skipIf(os.name == "nt", "permissions are those of POSIX")
    def test_files_may_be_read_by_whom_new_files_may_be_read_by(self):
        export(nn.Linear(3, 2), self.folder / "model", [3])
        (self.folder / "new").write_text("")
        modes = {path.stat().st_mode for path in self.folder.iterdir()}
        self.assertEqual(len(modes), 1, sorted(self.folder.iterdir()))

    @unittest.skipUnless(shutil.which("cargo"), "cargo is not on the path")
    def test_neurobench_gives_what_the_module_gives(self):
        convolutions = nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 4)
        )
        cases = [
            (spiking(), [2, 4], {"time_steps": True}),
            (Loop(0), [4], {"loop_axis": 0}),
            (convolutions, [2, 4, 4], {}),
        ]
        for module, shape, keys in cases:
            path = export(module, self.folder / "model", shape, **keys)
            check(module, path, torch.rand(6, *([9] if keys else []), *shape) * 2, **keys)
            command = [
                "cargo",
                "run",
                "-q",
                "-p",
                "neurobench",
                "--",
                "run",
                str(self.folder / "model.check.toml"),
                "--output",
                str(self.folder / "out.json"),
            ]
            done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            mse = json.loads((self.folder / "out.json").read_text())["metrics"][0]["value"]
            # Spikes are the same; sums of analog outputs may be rounded in another order.
            self.assertLessEqual(mse, 0.0 if keys else 1e-12)
            (self.folder / "out.json").unlink()


if __name__ == "__main__":
    unittest.main()
