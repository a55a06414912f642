"""Dropout, which changes nothing in evaluation."""

from typing import Any

from torch import nn

from .registry import FunctionCall, LayerSpec, ModuleCall, function_layer, module_layer


@module_layer(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, least_axes=lambda module: 1)
def dropout(call: ModuleCall) -> LayerSpec:
    return LayerSpec("dropout", {"p": call.module.p})


@function_layer("dropout")
def dropout_function(call: FunctionCall) -> Any:
    if call.get(2, "training", True):
        call.refuse("it drops outputs in evaluation too; pass `training=self.training`")
    return call.layer("dropout", {"p": float(call.get(1, "p", 0.5))})
