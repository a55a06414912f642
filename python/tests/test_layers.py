"""Modules as layers: which tensors and settings are refused."""

import unittest

import torch
from support import ExportCase, Lambda
from torch import nn


def fc():
    return nn.Linear(3, 3)


class TestLayers(ExportCase):
    def test_unsupported_settings_are_refused(self):
        last = Lambda(lambda self, x: self.rnn(x)[0][:, -1], rnn=nn.RNN(3, 2, batch_first=True))
        circular = nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular")
        cases = [
            (nn.Sequential(circular), {"shape": [1, 3]}, "padding_mode='circular' is not supported"),
            (nn.Sequential(nn.BatchNorm1d(3, track_running_stats=False)), {}, "no running statistics"),
            (nn.Sequential(nn.GroupNorm(1, 3)), {}, "`0` (torch.GroupNorm): a network file has no such layer"),
            (nn.Sequential(nn.LSTM(3, 2)), {"shape": [5, 3]}, "batch_first=False"),
            (nn.Sequential(nn.LSTM(3, 4, proj_size=2, batch_first=True)), {"shape": [5, 3]}, "proj_size"),
            (last, {"shape": [5, 3]}, "return all steps"),
            (nn.Sequential(nn.Embedding(5, 3, max_norm=1.0)), {}, "max_norm"),
            (Lambda(lambda self, x: self.input(x), input=fc()), {}, "give the module another name"),
        ]
        self.assert_refused(cases)

    def test_arguments_of_calls_that_change_the_outputs_are_refused(self):
        def upsampled(size):
            # Without `output_size` there are seven outputs.
            return Lambda(lambda self, x: self.up(x, output_size=[size]), up=nn.ConvTranspose1d(1, 1, 3, stride=2))

        problem = "the argument output_size of its call changes its outputs"
        self.assert_refused([(upsampled(8), {"shape": [1, 3]}, problem)])
        _, layers, _ = self.export(upsampled(7), [1, 3])
        self.assertEqual(layers["up"]["kind"], "conv_transpose1d")

    def test_tensors_outside_of_the_file_are_refused(self):
        shared = nn.Sequential(fc(), fc())
        shared[1].weight = shared[0].weight
        hooked = nn.Sequential(fc())
        hooked[0].register_forward_hook(lambda *_: None)
        normed = nn.utils.parametrizations.weight_norm(fc())
        spectral = nn.utils.parametrizations.spectral_norm(fc())
        cases = [
            (nn.Sequential(normed), {}, "weights that are parametrized or pruned"),
            (nn.Sequential(spectral), {}, "weights that are parametrized or pruned"),
            (shared, {}, "`0.weight` and `1.weight` are the same tensor"),
            (hooked, {}, "it has forward hooks"),
            (nn.Sequential(fc().half()), {}, "torch.float16"),
            (Lambda(lambda self, x: self.fc(x), fc=fc(), other=fc()), {}, "`other.weight` is used by no layer"),
        ]
        self.assert_refused(cases)

    def test_wrong_inputs_are_refused(self):
        relu_of_integers = Lambda(lambda self, x: torch.relu(self.fc(x).long().flatten(1)), fc=fc())
        cases = [
            (nn.Sequential(nn.Conv2d(3, 2, 1)), {"shape": [4, 4]}, "its inputs have shape [4, 4] for each sample"),
            (nn.Sequential(fc()), {"shape": []}, "check input_shape"),
            (Lambda(lambda self, x: self.fc(x).int(), fc=fc()), {}, "the output is torch.int32, but a network file"),
            (relu_of_integers, {}, "relu takes torch.int64, but a network file"),
            (Lambda(lambda self, x: self.fc(self.fc(x)), fc=fc()), {}, "`fc` (torch.Linear): it runs more than once"),
            (Lambda(lambda self, x: x), {}, "has no layer"),
        ]
        self.assert_refused(cases)


if __name__ == "__main__":
    unittest.main()
