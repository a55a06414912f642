"""Softmax and its logarithm along one axis."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..graph import Settings
from .arguments import sample_axis
from .registry import FunctionCall, LayerSpec, ModuleCall, function_layer, module_layer


@module_layer(nn.Softmax)
def softmax(call: ModuleCall) -> LayerSpec:
    return LayerSpec("softmax", module_settings(call))


@module_layer(nn.LogSoftmax)
def log_softmax(call: ModuleCall) -> LayerSpec:
    return LayerSpec("log_softmax", module_settings(call))


@function_layer("softmax", "log_softmax")
def softmax_function(call: FunctionCall) -> Any:
    if call.result.dtype != call.graph.dtype:
        call.refuse(f"its dtype is {call.result.dtype}; it must be {call.graph.dtype}, the type of the network")
    return call.layer(call.name, settings(call.get(1, "dim"), call.result.dim(), call.name))


def module_settings(call: ModuleCall) -> Settings:
    return settings(call.module.dim, call.inputs.dim(), call.where)


def settings(axis: int | None, dimensions: int, where: str) -> Settings:
    if axis is None:
        # The default of PyTorch if `dim` is absent.
        axis = 0 if dimensions in (0, 1, 3) else 1
    axis = sample_axis(axis, dimensions, where)
    return {} if axis == dimensions - 2 else {"axis": axis}
