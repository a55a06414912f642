"""Functions as layers, sums and concatenations."""

import unittest

import torch
from support import ExportCase, Lambda
from torch import nn
from torch.nn import functional


class TestFunctions(ExportCase):
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

    def test_sums_follow_changes_in_place(self):
        def forward(self, x):
            first = self.one(x)
            same = first
            out = self.two(self.relu(first))
            out += same
            return functional.relu(out)

        parts = {"one": nn.Linear(3, 3), "two": nn.Linear(3, 3), "relu": nn.ReLU(inplace=True)}
        _, layers, _ = self.export(Lambda(forward, **parts), [3])
        # `relu` changed `first`. `relu_2` is the function, because a module has its name.
        self.assertEqual(layers["relu_2"]["inputs"], ["two", "relu"])

    def test_sums_are_rounded_in_the_order_of_the_module(self):
        parts = {name: nn.Linear(3, 3) for name in "abcd"}

        def forward(self, x):
            a, b, c, d = self.a(x), self.b(x), self.c(x), self.d(x)
            return a + (b + c) + d

        table, layers, _ = self.export(Lambda(forward, **parts), [3])
        self.assertEqual(layers["add"], {"path": "add", "kind": "identity", "inputs": ["b", "c", "a", "d"]})
        self.assertNotIn("output", table)

    def test_concatenation_counts_axes_of_one_sample(self):
        for dim, axis in [(1, {}), (2, {"axis": 1}), (-1, {"axis": 2}), (-3, {})]:
            module = Lambda(lambda self, x, dim=dim: torch.cat([self.relu(x), x], dim), relu=nn.ReLU())
            _, layers, _ = self.export(module, [2, 3, 4])
            expected = {"path": "cat", "kind": "concatenate", "inputs": ["relu", "input"]} | axis
            found = next(layer for layer in layers.values() if layer["kind"] == "concatenate")
            self.assertEqual(found | {"path": "cat"}, expected)

    def test_moving_axes_of_length_one_is_a_reshape(self):
        module = Lambda(
            lambda self, x: self.fc(self.conv(x).permute(0, 2, 1)), conv=nn.Conv1d(2, 3, 5), fc=nn.Linear(3, 2)
        )
        _, layers, _ = self.export(module, [2, 5])
        self.assertEqual(layers["reshape"]["shape"], [1, 3])

    def test_unsupported_functions_are_refused(self):
        def of_fc(forward):
            return Lambda(forward, fc=nn.Linear(3, 3))

        cases = [
            (
                of_fc(lambda self, x: torch.cat([self.fc(x), x], 0)),
                {"shape": [2, 3]},
                "cat works along the axis of the",
            ),
            (of_fc(lambda self, x: functional.linear(x, self.fc.weight)), {}, "use nn.Linear"),
            (
                of_fc(lambda self, x: x if x.sum() > 0 else self.fc(x)),
                {},
                "sum (on outputs of input) cannot be exported",
            ),
            (of_fc(lambda self, x: self.fc(x) * 2), {}, "mul (on outputs of fc) cannot be exported"),
            (of_fc(lambda self, x: self.fc(x) + 1), {}, "it adds a number"),
            (of_fc(lambda self, x: self.fc(x) + self.fc.bias), {}, "weights only inside layers"),
            (of_fc(lambda self, x: self.fc(x).detach().numpy()), {}, "must not depend on the values of its tensors"),
            (of_fc(lambda self, x: functional.dropout(self.fc(x))), {}, "training=self.training"),
            (of_fc(lambda self, x: self.fc(x).softmax(0)), {}, "the axis of the samples"),
            (of_fc(lambda self, x: self.fc(x).transpose(1, 2)), {"shape": [2, 3]}, "no layer that moves axes"),
            (of_fc(lambda self, x: self.fc(x.long().float())), {}, "it converts torch.int64 to torch.float32"),
            (of_fc(lambda self, x: (self.fc(x), x.add_(1))[0]), {}, "it adds a number"),
        ]
        self.assert_refused(cases)


if __name__ == "__main__":
    unittest.main()
