"""Activation functions."""

from typing import Any

from torch import nn

from .registry import FunctionCall, LayerSpec, ModuleCall, function_layer, module_layer


@module_layer(nn.ReLU)
def relu(call: ModuleCall) -> LayerSpec:
    return LayerSpec("relu")


@function_layer("relu", "relu_")
def relu_function(call: FunctionCall) -> Any:
    return call.layer("relu", in_place=call.get(1, "inplace", False))


@module_layer(nn.LeakyReLU)
def leaky_relu(call: ModuleCall) -> LayerSpec:
    return LayerSpec("leaky_relu", {"negative_slope": call.module.negative_slope})


@function_layer("leaky_relu")
def leaky_relu_function(call: FunctionCall) -> Any:
    settings = {"negative_slope": float(call.get(1, "negative_slope", 0.01))}
    return call.layer("leaky_relu", settings, in_place=call.get(2, "inplace", False))


@module_layer(nn.GELU)
def gelu(call: ModuleCall) -> LayerSpec:
    return LayerSpec("gelu", {"approximate": call.module.approximate})


@function_layer("gelu")
def gelu_function(call: FunctionCall) -> Any:
    return call.layer("gelu", {"approximate": call.get(1, "approximate", "none")})


@module_layer(nn.Sigmoid)
def sigmoid(call: ModuleCall) -> LayerSpec:
    return LayerSpec("sigmoid")


@module_layer(nn.Tanh)
def tanh(call: ModuleCall) -> LayerSpec:
    return LayerSpec("tanh")


@function_layer("sigmoid", "tanh")
def sigmoid_or_tanh_function(call: FunctionCall) -> Any:
    return call.layer(call.name)


@module_layer(nn.Identity)
def identity(call: ModuleCall) -> LayerSpec:
    return LayerSpec("identity")
