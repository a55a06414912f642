"""Modules that loop over time."""

import unittest

import snntorch
import torch
from support import ExportCase, ExportError, Lambda, Loop
from torch import nn

DEFAULT_STEPS = "it ran on 7 steps, a default: set the number of steps with steps (--steps)"


def loop(body, count=len, **parts):
    """Returns a loop of a linear layer and a neuron, whose step is `body`, over `count(x)` steps."""

    def forward(self, x):
        mem, out = self.lif.reset_mem(), []
        for step in range(count(x)):
            spk, mem = body(self, self.fc(x[step]), mem, step, x)
            out.append(spk)
        return torch.stack(out)

    return Lambda(forward, fc=nn.Linear(3, 3), lif=snntorch.Leaky(0.9), **parts)


# Steps of a loop.


def same(self, current, mem, step, x):
    return self.lif(current, mem)


def doubled_later(self, current, mem, step, x):
    return self.lif(current + current if step >= 6 else current, mem)


def reset_at_times(self, current, mem, step, x):
    spk, mem = self.lif(current, mem)
    return spk, torch.zeros_like(mem) if step % 4 == 3 else mem


def longer_differs(self, current, mem, step, x):
    return self.lif(self.relu(current) if len(x) > 10 else current, mem)


def normed_by_step(self, current, mem, step, x):
    return self.lif(self.bn[step](current), mem)


def normed_at_first(self, current, mem, step, x):
    return self.lif(self.bn[step // 100](current), mem)


def reset_once(self, x):
    """Forward of a loop that resets the neuron at a later step."""
    out = []
    for step in range(len(x)):
        if step == 5:
            self.lif.reset_mem()
        out.append(self.lif(self.fc(x[step])))
    return torch.stack(out)


class TestLoops(ExportCase):
    def test_loops_over_time_become_one_step(self):
        for axis in (0, 1):
            _, layers, _ = self.export(Loop(axis), [4], loop_axis=axis)
            self.assertEqual([layers[path].get("inputs") for path in ("fc1", "lif1", "fc2", "lif2")], [None] * 4)
        table, layers, _ = self.export(Loop(1, back=True), [4], loop_axis=1, readout=1)
        self.assertEqual((layers["recurrent"]["inputs"], layers["lif1"]["inputs"]), (["lif1"], ["fc1", "recurrent"]))
        # All inputs of `recurrent` come from later layers, so the file states their shape; for `lif1` only one does.
        self.assertEqual((layers["recurrent"]["input_shape"], layers["lif1"].get("input_shape")), ([5], None))
        self.assertEqual((layers["lif2"]["output"], table["time_steps"]), ("membrane", True))
        self.assertNotIn("output", layers["lif1"])

    def test_loops_that_depend_on_the_step_are_refused(self):
        nine, norms = {"steps": 9}, snntorch.BatchNormTT1d(3, 9)
        hidden = {"fc": nn.Linear(3, 3), "lif": snntorch.Leaky(0.9, init_hidden=True)}
        other_inputs = "`lif` takes different inputs at different steps"
        other_state = "its state `mem` is not the one that it returned at the step before"
        counts = "layers run different numbers of times"
        cases = [
            (loop(doubled_later), {}, other_inputs),
            (loop(doubled_later), nine, other_inputs),
            (loop(reset_at_times), {}, other_state),
            (loop(reset_at_times), nine, other_state),
            (Lambda(reset_once, **hidden), {}, "forward resets its membrane"),
            (loop(longer_differs, relu=nn.ReLU()), {}, "of 7 and of 16 steps first differ at `lif` and `relu`"),
            (loop(normed_by_step, bn=norms), {"steps": 5}, counts),
            (loop(normed_by_step, bn=norms), nine, counts),
            (loop(normed_at_first, bn=norms), nine, "is used by no layer at any of the 9 steps of this run"),
        ]
        self.assert_refused(cases, loop_axis=0)
        with self.assertRaises(ExportError) as raised:
            self.export(loop(normed_by_step, bn=norms), [3], loop_axis=0)
        # On 7 steps the last two norms are unused, but a longer run uses them, so removing them is no remedy.
        self.assertNotIn("remove it", str(raised.exception))

    def test_loops_over_a_fixed_number_of_steps_need_that_number(self):
        fixed, nine = loop(same, count=lambda x: 9), {"steps": 9}
        mean = Lambda(lambda self, x: fixed(x).mean(0), fixed=fixed)
        last = Lambda(lambda self, x: fixed(x)[-1], fixed=fixed)
        mean_hint = "mean (on outputs of fixed.lif) cannot be exported: for a mean over time steps, return all steps"
        cases = [
            (fixed, {}, DEFAULT_STEPS),
            (loop(same, count=lambda x: 5), {}, DEFAULT_STEPS),
            (fixed, {"steps": -2}, "must run on at least 3 steps to show how it goes from step to step, not on -2"),
            (fixed, {"example": torch.zeros(1, 3, 3)}, "must run on at least 3 steps to show how it goes from step to"),
            (fixed, nine | {"loop_axis": None}, "steps is the number of steps of a module that loops"),
            (mean, nine, mean_hint),
            (last, nine, "select or sum them with a postprocessor of the benchmark, `last_step`"),
        ]
        self.assert_refused(cases, loop_axis=0)
        _, layers, _ = self.export(fixed, 3, loop_axis=0, steps=9)
        self.assertEqual(list(layers), ["fc", "lif"])

    def test_steps_of_an_input_without_axis_of_time_are_refused(self):
        self.assert_refused([(Loop(1), {"shape": [5, 4]}, "pass the axis of time as loop_axis")])

    def test_loops_over_inputs_without_time_get_advice(self):
        def forward(self, x):
            mem, out = self.lif.reset_mem(), []
            for _ in range(25):
                spk, mem = self.lif(self.fc(x), mem)
                out.append(spk)
            return torch.stack(out)

        module = Lambda(forward, fc=nn.Linear(3, 3), lif=snntorch.Leaky(0.9))
        for options in ({}, {"loop_axis": 0}):
            with self.assertRaisesRegex(ExportError, "`x\\[step\\]`.* preprocessor `repeat_over_time`"):
                self.export(module, [3], **options)


if __name__ == "__main__":
    unittest.main()
