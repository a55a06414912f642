"""The files: their tensors, their places, and when they are overwritten."""

import os
import tomllib
import unittest

import snntorch
import torch
from support import TIME_STEPS, ExportCase, ExportError, export, spiking
from torch import nn


class TestFiles(ExportCase):
    def test_tensors_keep_their_names_types_and_bytes(self):
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

    def test_single_layer_is_written_into_an_existing_folder(self):
        path = export(nn.Linear(3, 2), self.folder, [3])
        self.assertEqual(path, self.folder / "network.toml")
        self.assertEqual([layer["path"] for layer in tomllib.loads(path.read_text())["layers"]], ["0"])

    def test_export_leaves_the_module_unchanged(self):
        module = spiking()
        module(torch.rand(5, 2, 4))
        before = [tensor.clone() for tensor in module.buffers()]
        self.export(module, [2, 4], time_steps=True)
        self.assertTrue(all(torch.equal(one, two) for one, two in zip(before, module.buffers(), strict=True)))
        self.assertTrue(all(part.training for part in module.modules()))
        self.assertFalse(any(part._forward_hooks or part._forward_pre_hooks for part in module.modules()))

    def test_only_force_overwrites_files(self):
        self.export(nn.Linear(3, 2), 3)
        before = (self.folder / "model.safetensors").read_bytes()
        with self.assertRaisesRegex(ExportError, "model.toml exists with other contents.*--force"):
            self.export(nn.ReLU(), [3], force=False)
        with self.assertRaisesRegex(ExportError, "model.safetensors exists with other contents"):
            self.export(nn.Linear(3, 2), [3], force=False)
        self.assertEqual((self.folder / "model.safetensors").read_bytes(), before)
        same = nn.Linear(3, 2)
        self.export(same, [3])
        self.export(same, [3], force=False)
        with self.assertRaisesRegex(ExportError, "model.toml/model cannot be written"):
            export(same, self.folder / "model.toml" / "model", [3])

    def test_file_states_double_precision_and_sequences(self):
        table, _, tensors = self.export(nn.Linear(3, 2).double(), [3], carries_state=True)
        self.assertEqual((table["dtype"], table["carries_state"]), ("f64", True))
        self.assertNotIn("time_steps", table)
        self.assertEqual(tensors["0.weight"].dtype, torch.float64)

    def test_learned_constants_are_written_if_accepted_as_buffers(self):
        module = nn.Sequential(snntorch.Leaky(0.9, learn_beta=True, init_hidden=True))
        _, _, tensors = self.export(module, [3], **TIME_STEPS, learned_constants_as_buffers=True)
        self.assertIn("0.beta", tensors)

    @unittest.skipIf(os.name == "nt", "permissions are those of POSIX")
    def test_files_have_the_permissions_of_new_files(self):
        export(nn.Linear(3, 2), self.folder / "model", [3])
        (self.folder / "new").write_text("")
        modes = {path.stat().st_mode for path in self.folder.iterdir()}
        self.assertEqual(len(modes), 1, sorted(self.folder.iterdir()))


if __name__ == "__main__":
    unittest.main()
