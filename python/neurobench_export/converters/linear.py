"""Fully connected layers."""

from torch import nn

from .registry import LayerSpec, ModuleCall, module_layer


@module_layer(nn.Linear)
def linear(call: ModuleCall) -> LayerSpec:
    settings = {"in_features": call.module.in_features, "out_features": call.module.out_features}
    return LayerSpec("linear", settings, ["weight", "bias"])
