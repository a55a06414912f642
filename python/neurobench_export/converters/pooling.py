"""Pooling over windows: maxima, means, and sums, which PyTorch writes as means with `divisor_override=1`."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..graph import Settings
from .arguments import number_or_list, without_defaults
from .registry import FunctionCall, LayerSpec, ModuleCall, function_layer, module_layer

MAX_ARGUMENTS = ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"]
AVERAGE_ARGUMENTS = ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"]
INDICES = "return_indices=True returns indices, which no layer takes; use return_indices=False"


@module_layer(nn.MaxPool1d, nn.MaxPool2d)
def max_pool(call: ModuleCall) -> LayerSpec:
    found = {name: getattr(call.module, name) for name in MAX_ARGUMENTS}
    return LayerSpec(f"max_pool{call.suffix}", max_pool_settings(call, found))


@function_layer("max_pool1d", "max_pool2d")
def max_pool_function(call: FunctionCall) -> Any:
    found = {name: call.get(place, name) for place, name in enumerate(MAX_ARGUMENTS, 1)}
    return call.layer(call.name, max_pool_settings(call, found))


def max_pool_settings(call: ModuleCall | FunctionCall, found: dict[str, Any]) -> Settings:
    if found["return_indices"]:
        call.refuse(INDICES)
    return window_settings(found)


@module_layer(nn.AvgPool1d, nn.AvgPool2d)
def average_pool(call: ModuleCall) -> LayerSpec:
    # `nn.AvgPool1d` has no divisor_override.
    found = {name: getattr(call.module, name, None) for name in AVERAGE_ARGUMENTS}
    return LayerSpec(*average_pool_layer(call, call.suffix, found))


@function_layer("avg_pool1d", "avg_pool2d")
def average_pool_function(call: FunctionCall) -> Any:
    found = {name: call.get(place, name) for place, name in enumerate(AVERAGE_ARGUMENTS, 1)}
    return call.layer(*average_pool_layer(call, call.name[-2:], found))


def average_pool_layer(call: ModuleCall | FunctionCall, suffix: str, found: dict[str, Any]) -> tuple[str, Settings]:
    """Returns the kind and the keys of a layer of means or, with `divisor_override=1`, of sums."""
    divisor = found.pop("divisor_override")
    if divisor is None:
        return f"avg_pool{suffix}", window_settings(found)
    if divisor != 1:
        call.refuse(f"divisor_override={divisor} is not supported; use 1, which computes sums, or None")
    if found.pop("ceil_mode"):
        call.refuse("sums over windows (divisor_override=1) have no ceil_mode; use ceil_mode=False")
    # Padding adds nothing to a sum.
    found.pop("count_include_pad")
    return f"sum_pool{suffix}", window_settings(found)


def window_settings(found: dict[str, Any]) -> Settings:
    kernel_size = number_or_list(found["kernel_size"])
    defaults = {
        "stride": kernel_size,
        "padding": 0,
        "dilation": 1,
        "ceil_mode": False,
        "count_include_pad": True,
    }
    return {"kernel_size": kernel_size} | without_defaults(found, defaults)


@module_layer(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
def adaptive_average_pool(call: ModuleCall) -> LayerSpec:
    return LayerSpec(f"adaptive_avg_pool{call.suffix}", adaptive_settings(call, call.module.output_size))


@module_layer(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d)
def adaptive_max_pool(call: ModuleCall) -> LayerSpec:
    if call.module.return_indices:
        call.refuse(INDICES)
    return LayerSpec(f"adaptive_max_pool{call.suffix}", adaptive_settings(call, call.module.output_size))


@function_layer("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d")
def adaptive_pool_function(call: FunctionCall) -> Any:
    if call.get(2, "return_indices", False):
        call.refuse(INDICES)
    return call.layer(call.name, adaptive_settings(call, call.get(1, "output_size")))


def adaptive_settings(call: ModuleCall | FunctionCall, size: Any) -> Settings:
    sizes = size if isinstance(size, tuple | list) else [size]
    if any(each is None for each in sizes):
        call.refuse("an output_size of None, which keeps the size of the inputs, is not supported; use a number")
    return {"output_size": number_or_list(size)}
