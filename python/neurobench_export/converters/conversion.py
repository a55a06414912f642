"""Functions that copy or convert a tensor, or create zeros; none of them is a layer."""

from typing import Any

import torch

from ..meaning import Sum
from .registry import FunctionCall, function_layer


@function_layer("contiguous", "clone", "detach")
def copy_function(call: FunctionCall) -> Any:
    return call.graph.wrap(call.result, call.first.meaning)


@function_layer("to", "float", "double", "long", "int", "type", "cpu")
def convert_function(call: FunctionCall) -> Any:
    value, dtype = call.first, call.graph.dtype
    to_integers = call.result.dtype in (torch.int64, torch.int32) and value.dtype == dtype
    if call.result.dtype != value.dtype and not to_integers:
        call.refuse(
            f"it converts {value.dtype} to {call.result.dtype}, but the network file computes only in {dtype}; "
            "remove the conversion"
        )
    return call.graph.wrap(call.result, value.meaning)


@function_layer("zeros_like", "new_zeros")
def zeros_function(call: FunctionCall) -> Any:
    return call.graph.wrap(call.result, Sum(()))
