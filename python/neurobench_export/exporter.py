"""The export of a module: its runs, the network that they agree on, and the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .completeness import check_complete
from .converters import converter_of, is_neuron
from .errors import ExportError
from .files import write_network
from .loops import STEPS, check_same, check_steps, steps_hint
from .network import network_of
from .options import Options
from .rest import at_rest
from .trace import Run, trace

# Number of samples in the inputs of a run.
BATCH = 3


def export(
    module: nn.Module,
    destination: str | Path,
    input_shape: int | Sequence[int] | None = None,
    time_steps: bool = False,
    example: Any = None,
    *,
    steps: int | None = None,
    loop_axis: int | None = None,
    carries_state: bool = False,
    readout: int = 0,
    learned_constants_as_buffers: bool = False,
    force: bool = True,
) -> Path:
    """Writes a module as a network file with its weights, and returns the path of the network file.

    `destination`: path without extension, or with `.toml`, or an existing folder, in which the files are named
    `network`.
    `input_shape`: shape of one sample at one time step.
    `time_steps`: the module is one time step, called with `[batch, ..input_shape]` again and again.
    `example`: inputs of the module, `[batch, ..input_shape]`, with the axis of time (at least 3 steps) if it loops. It
    is needed only if the module does not accept arbitrary numbers.
    `steps`: number of steps that a module that loops runs on, if there is no example.
    `loop_axis`: axis of time, 0 or 1, in the input of a module that loops over it.
    `carries_state`: as `time_steps`, for a network whose samples are the steps of one sequence.
    `readout`: zero-based index of the output among the tensors that `forward` returns.
    `learned_constants_as_buffers`: count learned constants of neurons as buffers instead of refusing them.
    `force`: overwrite existing files with other contents.

    Raises `ExportError` for a module that cannot be exported, and then writes nothing.
    """
    if not isinstance(module, nn.Module):
        raise ExportError(f"expected a torch.nn.Module, found {type(module).__name__}")
    if carries_state and (time_steps or loop_axis is not None):
        raise ExportError(
            "carries_state makes the samples the steps of one sequence, so it excludes time_steps and loop_axis; "
            "pass only one of them"
        )
    # The tensors of a module that is itself a layer need a path in front of their names.
    root = module if converter_of(module) is None else nn.Sequential(module)
    if loop_axis not in (None, 0, 1):
        raise ExportError(
            f"loop_axis is {loop_axis}; it must be 0 or 1, because time and samples are the first two axes"
        )
    dtype = network_dtype(root)
    shape = checked_shape(input_shape, example, loop_axis)
    if steps is not None and (loop_axis is None or example is not None):
        raise ExportError(
            "steps is the number of steps of a module that loops (loop_axis) and has no example; "
            "pass it only together with loop_axis and without an example"
        )
    stepped = (time_steps and loop_axis is None) or carries_state
    options = Options(dtype, stepped, loop_axis, readout, learned_constants_as_buffers)
    # A loop runs twice, with different numbers of steps, unless the caller passes the number.
    counts: list[tuple[int | None, str]] = [(steps, "")]
    if loop_axis is not None and steps is None and example is None:
        counts = [(count, steps_hint(count)) for count in STEPS]
    networks = []
    for count, hint in counts:
        inputs = example_inputs(example, count, shape, options)
        run = run_from_rest(root, inputs, options, hint)
        networks.append(network_of(run.graph, run.output))
    if len(networks) > 1:
        check_same(*networks)
    check_complete(root, run.graph, None if loop_axis is None else inputs.shape[loop_axis])
    head = network_head(shape, dtype, time_steps or loop_axis is not None, carries_state)
    return write_network(destination, head, networks[-1], run.graph.layers, force)


def network_head(input_shape: list[int], dtype: torch.dtype, time_steps: bool, carries_state: bool) -> dict[str, Any]:
    """Returns the keys of the network itself."""
    head: dict[str, Any] = {"input_shape": input_shape}
    if dtype == torch.float64:
        head["dtype"] = "f64"
    if carries_state:
        head["carries_state"] = True
    elif time_steps:
        head["time_steps"] = True
    return head


def run_from_rest(root: nn.Module, inputs: torch.Tensor, options: Options, hint: str) -> Run:
    """Runs the module; a module that is one time step runs twice, because each step must do the same."""
    with at_rest(root):
        run = trace(root, inputs, options, hint=hint)
        if options.stepped:
            membranes = {path: part.mem for path, part in root.named_modules() if is_neuron(part)}
            again = trace(root, inputs, options, membranes)
            if (run.graph.fingerprint(), run.output) != (again.graph.fingerprint(), again.output):
                raise ExportError(
                    "the module does something different when it is called a second time, but a network file does the "
                    "same at every step; make forward independent of earlier calls"
                )
    return run


def network_dtype(root: nn.Module) -> torch.dtype:
    """Returns the type of the parameters, which is the type that the network computes in."""
    types = {tensor.dtype for tensor in root.parameters() if tensor.is_floating_point()}
    if not types:
        return torch.float32
    if len(types) > 1 or not types <= {torch.float32, torch.float64}:
        raise ExportError(
            f"parameters are {' and '.join(sorted(map(str, types)))}; all must be torch.float32, or all torch.float64, "
            "so convert the module with `.float()` or `.double()`"
        )
    return types.pop()


def checked_shape(input_shape: int | Sequence[int] | None, example: Any, loop_axis: int | None) -> list[int]:
    """Returns the shape of one sample at one time step."""
    if input_shape is None:
        if example is None:
            raise ExportError("input_shape is missing; pass the shape of one sample at one time step (--input-shape)")
        input_shape = example.shape[1 if loop_axis is None else 2 :]
    shape = [int(axis) for axis in ([input_shape] if isinstance(input_shape, int) else input_shape)]
    if any(axis < 1 for axis in shape):
        raise ExportError(f"input_shape is {shape}; the length of every axis must be at least 1")
    return shape


def example_inputs(example: Any, steps: int | None, input_shape: list[int], options: Options) -> torch.Tensor:
    """Returns the inputs of a run: the example, or zeros."""
    lead: list[Any] = [BATCH]
    if options.loop_axis is not None:
        lead.insert(options.loop_axis, steps)
    example = None if example is None else torch.as_tensor(example)
    shape = [*lead, *input_shape] if example is None else list(example.shape)
    if shape[len(lead) :] != input_shape or len(shape) != len(lead) + len(input_shape):
        axes = {None: "batch", 0: "step, batch", 1: "batch, step"}[options.loop_axis]
        raise ExportError(
            f"the example has shape {shape}; expected [{axes}, {', '.join(map(str, input_shape))}], from input_shape"
        )
    if options.loop_axis is not None:
        check_steps(shape[options.loop_axis])
    if example is None:
        return torch.zeros(shape, dtype=options.dtype)
    return example.to(options.dtype) if example.is_floating_point() else example
