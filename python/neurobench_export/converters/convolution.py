"""Convolutions and transposed convolutions."""

from __future__ import annotations

from torch import nn

from ..graph import Settings
from .arguments import number_or_list, without_defaults
from .registry import LayerSpec, ModuleCall, module_layer

DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


@module_layer(nn.Conv1d, nn.Conv2d, nn.Conv3d)
def convolution(call: ModuleCall) -> LayerSpec:
    return LayerSpec(f"conv{call.suffix}", convolution_settings(call, DEFAULTS), ["weight", "bias"])


@module_layer(nn.ConvTranspose1d, nn.ConvTranspose2d)
def transposed_convolution(call: ModuleCall) -> LayerSpec:
    settings = convolution_settings(call, DEFAULTS | {"output_padding": 0})
    return LayerSpec(f"conv_transpose{call.suffix}", settings, ["weight", "bias"])


def convolution_settings(call: ModuleCall, defaults: Settings) -> Settings:
    module = call.module
    if module.padding_mode != "zeros":
        call.refuse(f"padding_mode={module.padding_mode!r} is not supported; use padding_mode='zeros'")
    settings = {"in_channels": module.in_channels, "out_channels": module.out_channels}
    settings["kernel_size"] = number_or_list(module.kernel_size)
    return settings | without_defaults({name: getattr(module, name) for name in defaults}, defaults)
