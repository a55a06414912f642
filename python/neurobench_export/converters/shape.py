"""Layers and functions that change the shape of the outputs and keep their order."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..graph import Settings, describe
from ..meaning import LayerState, StateArgument, WholeSequence
from .registry import FunctionCall, LayerSpec, ModuleCall, function_layer, module_layer


@module_layer(nn.Flatten)
def flatten(call: ModuleCall) -> LayerSpec:
    start, end = call.module.start_dim, call.module.end_dim
    if start == 0:
        call.refuse("it flattens the axis of the samples; use start_dim=1")
    # A network file does not count the axis of the samples.
    axes = {"start_axis": start - 1 if start > 0 else start, "end_axis": end - 1 if end > 0 else end}
    defaults = {"start_axis": 0, "end_axis": -1}
    return LayerSpec("flatten", {name: axis for name, axis in axes.items() if axis != defaults[name]})


@module_layer(nn.Unflatten)
def unflatten(call: ModuleCall) -> LayerSpec:
    outputs = call.inputs.unflatten(call.module.dim, call.module.unflattened_size)
    return LayerSpec("reshape", {"shape": list(outputs.shape[1:])})


@function_layer("flatten", "view", "reshape", "squeeze", "unsqueeze", "unflatten")
def reshape_function(call: FunctionCall) -> Any:
    value = call.first
    if isinstance(value.meaning, LayerState | StateArgument):
        call.refuse(f"it takes {describe(value)}")
    if call.result.dim() < 1 or call.result.shape[0] != value.shape[0]:
        call.refuse("it moves or changes the axis of the samples; keep it first and of the same length")
    if call.result.shape == value.shape:
        return call.graph.wrap(call.result, value.meaning)
    # Row numbers in another shape are still row numbers.
    if call.result.dim() == 2:
        return call.layer("flatten", row_numbers=True)
    settings: Settings = {"shape": list(call.result.shape[1:])}
    return call.layer("reshape", settings, row_numbers=True)


@function_layer("permute", "transpose", "swapaxes")
def permute_function(call: FunctionCall) -> Any:
    """Exchanges time and samples of a whole sequence; elsewhere moves axes of length 1 only, which is a reshape."""
    value = call.first
    order = axis_order(call, value.dim())
    if isinstance(value.meaning, WholeSequence):
        if sorted(order[:2]) != [0, 1] or order[2:] != list(range(2, value.dim())):
            call.refuse("it moves other axes of the whole sequence than time and samples; exchange only these two")
        return call.graph.wrap(call.result, WholeSequence(order.index(value.meaning.axis)))
    long = [axis for axis in order if value.shape[axis] != 1]
    if order[0] != 0 or long != sorted(long):
        call.refuse("a network file has no layer that moves axes; only axes of length 1 can be moved")
    return reshape_function(call)


def axis_order(call: FunctionCall, dimensions: int) -> list[int]:
    """Returns the axis of the argument that each axis of the result was."""
    if call.name == "permute":
        axes = call.args[1:] if len(call.args) > 2 else call.get(1, "dims")
        return [axis % dimensions for axis in axes]
    order = list(range(dimensions))
    one, two = (axis % dimensions for axis in (call.get(1, "dim0"), call.get(2, "dim1")))
    order[one], order[two] = two, one
    return order
