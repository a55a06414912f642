"""Batch normalization and layer normalization."""

from typing import Any

from torch import nn

from .registry import FunctionCall, LayerSpec, ModuleCall, function_layer, module_layer


# It also takes features without further axes.
@module_layer(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, least_axes=lambda module: 1)
def batch_norm(call: ModuleCall) -> LayerSpec:
    module = call.module
    if module.running_mean is None or module.running_var is None:
        call.refuse(
            "it has no running statistics and normalizes by those of the current batch; "
            "train it with track_running_stats=True"
        )
    settings = {"num_features": module.num_features, "eps": module.eps}
    tensors = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    return LayerSpec(f"batch_norm{call.suffix}", settings, tensors)


@module_layer(nn.LayerNorm, least_axes=lambda module: len(module.normalized_shape))
def layer_norm(call: ModuleCall) -> LayerSpec:
    settings = {"normalized_shape": list(call.module.normalized_shape), "eps": call.module.eps}
    return LayerSpec("layer_norm", settings, ["weight", "bias"])


@function_layer("layer_norm")
def layer_norm_function(call: FunctionCall) -> Any:
    if call.get(2, "weight") is not None or call.get(3, "bias") is not None:
        call.refuse("its weights must belong to a module; use nn.LayerNorm")
    settings = {"normalized_shape": list(call.get(1, "normalized_shape")), "eps": call.get(4, "eps", 1e-5)}
    return call.layer("layer_norm", settings)
