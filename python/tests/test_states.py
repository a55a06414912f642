"""Neurons and cells that run one time step, and their states."""

import unittest

import snntorch
import torch
from support import TIME_STEPS, ExportCase, Lambda, Step, check
from torch import nn


def leaky(**options):
    return nn.Sequential(snntorch.Leaky(0.9, init_hidden=True, **options))


class ForgottenState(nn.Module):
    """Takes a membrane and does not return the new one."""

    def __init__(self):
        super().__init__()
        self.lif = snntorch.Leaky(0.9)

    def forward(self, x, mem):
        return self.lif(x, mem)[0]


class TestStates(ExportCase):
    def test_states_can_be_arguments_and_outputs_of_forward(self):
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

    def test_unsupported_neurons_are_refused(self):
        changed = leaky()
        changed[0].reset_mechanism = "zero"
        dilated = nn.Sequential(snntorch.RLeaky(0.9, conv2d_channels=2, kernel_size=3, init_hidden=True))
        dilated[0].recurrent.dilation = (2, 2)
        fixed = snntorch.RLeaky(0.9, all_to_all=False, learn_recurrent=False, init_hidden=True)
        double = torch.tensor(0.1, dtype=torch.float64)
        slstm = nn.Sequential(snntorch.SLSTM(3, 2, init_hidden=True))
        cases = [
            (leaky(inhibition=True), {}, "`0` (snntorch.Leaky): inhibition=True"),
            (leaky(state_quant=lambda x: x), {}, "state_quant is not supported"),
            (leaky(reset_delay=False), {}, "reset_delay=False"),
            (leaky(graded_spikes_factor=2.0), {}, "graded_spikes_factor is not 1"),
            (leaky(learn_threshold=True), {}, "PyTorch counts the learned threshold as parameters"),
            (leaky(spike_grad=torch.sigmoid), {}, "its spike_grad does not return 1"),
            (leaky(threshold=double), {}, "torch.float32 cannot represent `threshold` exactly"),
            (nn.Sequential(fixed), {}, "learn_recurrent=False makes V a buffer"),
            (changed, {}, "reset_mechanism was changed to 'zero' after the neuron was created"),
            (dilated, {"shape": [2, 4, 4]}, "its recurrent convolution differs from the one that snnTorch creates"),
            (slstm, {}, "`0` (snntorch.SLSTM): a network file has no such layer"),
        ]
        self.assert_refused(cases, **TIME_STEPS)

    def test_states_that_do_not_come_from_the_step_before_are_refused(self):
        def resets(self, x):
            self.lif.reset_mem()
            return self.lif(x)

        hidden = snntorch.Leaky(0.9, init_hidden=True)
        zeros = Lambda(lambda self, x: self.lif(x, torch.zeros(3, 3))[0], lif=snntorch.Leaky(0.9))
        both = Lambda(lambda self, x: sum(self.lif(x)), lif=snntorch.Leaky(0.9))
        forgotten = "forward takes `mem`, the state `mem` of `lif`, but does not return the new one"
        cases = [
            (Lambda(resets, lif=hidden), {}, "`lif` (snntorch.Leaky): forward resets its membrane"),
            (zeros, {}, "forward sets its state `mem` to zero"),
            (Lambda(lambda self, x: self.cell(x), cell=nn.GRUCell(3, 2)), {}, "it is called without a state"),
            (ForgottenState(), {}, forgotten),
            (both, {}, "both the spikes and the membranes of `lif`"),
        ]
        self.assert_refused(cases, **TIME_STEPS)


if __name__ == "__main__":
    unittest.main()
