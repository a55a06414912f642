"""Inputs and outputs of the module, in a benchmark that compares the network file with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import nn

from .exporter import network_dtype
from .files import toml
from .options import Options
from .rest import at_rest
from .tensors import outputs_of
from .trace import trace


def check(
    module: nn.Module,
    path: str | Path,
    inputs: Any,
    *,
    time_steps: bool = False,
    loop_axis: int | None = None,
    carries_state: bool = False,
    readout: int = 0,
) -> torch.Tensor:
    """Runs the module on inputs of the network file, writes a benchmark next to it, and returns the outputs.

    `inputs` is `[batch, step, ..input_shape]` with time steps, and `[batch, ..input_shape]` otherwise. Writes
    `NAME.input.npy`, `NAME.output.npy` and the benchmark `NAME.check.toml`. `neurobench run NAME.check.toml` then
    prints the mean squared difference between the outputs of the network file and those of the module.

    The difference should be rounding error: below 1e-10 times the mean square of the outputs in single precision,
    below 1e-25 times it in double precision, and 0 for spikes. The benchmark states this limit as a number in its
    first line. A membrane that comes within rounding of its threshold can still change a spike.
    """
    inputs = torch.as_tensor(inputs)
    path = Path(path)
    stem = path.with_suffix("") if path.suffix == ".toml" else path
    with at_rest(module):
        if loop_axis is not None:
            outputs = outputs_of(module(inputs if loop_axis == 1 else inputs.transpose(0, 1)))[readout]
            outputs = outputs if loop_axis == 1 else outputs.transpose(0, 1)
        elif carries_state:
            outputs = torch.cat(run_steps(module, inputs.split(1), readout))
        elif time_steps:
            outputs = torch.stack(run_steps(module, inputs.unbind(1), readout), 1)
        else:
            outputs = outputs_of(module(inputs))[readout]
    numpy.save(f"{stem}.input.npy", inputs.numpy())
    numpy.save(f"{stem}.output.npy", outputs.contiguous().numpy())
    Path(f"{stem}.check.toml").write_text(benchmark_text(stem.name, outputs), encoding="utf-8")
    return outputs


def benchmark_text(name: str, outputs: torch.Tensor) -> str:
    relative = 1e-25 if outputs.dtype == torch.float64 else 1e-10
    limit = relative * float(outputs.double().square().mean())
    lines = [
        f"# An mse of at most {limit:.1e} is rounding error. "
        "A larger one can be a spike of a membrane that came within rounding of its threshold.",
        f"name = {toml(name + '.check')}",
        'metrics = ["mse"]',
        "",
        "[model]",
        f"network = {toml(name + '.toml')}",
        "",
        "[data]",
        f"inputs = {toml(name + '.input.npy')}",
        f"targets = {toml(name + '.output.npy')}",
    ]
    return "\n".join(lines) + "\n"


def run_steps(module: nn.Module, steps: Sequence[torch.Tensor], readout: int) -> list[torch.Tensor]:
    """Calls a module of one time step for each step. States that it takes start as zeros."""
    carried = carried_states(module, steps[0])
    states = {argument: steps[0].new_zeros(len(steps[0]), *shape) for argument, (_, shape) in carried.items()}
    outputs = []
    for inputs in steps:
        returned = outputs_of(module(inputs, **states))
        outputs.append(returned[readout])
        states = {argument: returned[place] for argument, (place, _) in carried.items()}
    return outputs


def carried_states(module: nn.Module, example: torch.Tensor) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Returns the states that a module of one time step takes as arguments after its input.

    For each argument: the place of the new state among the tensors that `forward` returns, and the shape for one
    sample.
    """
    options = Options(network_dtype(module), stepped=True, learned_constants_as_buffers=True)
    with at_rest(module):
        return trace(module, example, options).states
