"""Addition of outputs, which a network file writes as several inputs of one layer."""

from __future__ import annotations

from typing import Any

import torch

from ..meaning import Sum, Term
from .registry import FunctionCall, function_layer


@function_layer("add", "add_", "__add__", "__radd__", "__iadd__")
def add_function(call: FunctionCall) -> Any:
    one, two = call.first, call.get(1, "other")
    if call.kwargs.get("alpha", 1) != 1:
        call.refuse("alpha is not supported; put the factor into the weights of the layer before")
    one_terms, two_terms = addend(call, one), addend(call, two)
    if len(one_terms) > 1 and len(two_terms) > 1:
        # The second sum is rounded before it is added.
        two_terms = (call.graph.term(two, f"{call.name} takes"),)
    elif len(two_terms) > 1:
        # Addition is commutative but not associative.
        one_terms, two_terms = two_terms, one_terms
    total = Sum(one_terms + two_terms)
    if call.name in ("add_", "__iadd__"):
        return call.graph.change_in_place(one, total)
    return call.graph.wrap(call.result, total)


def addend(call: FunctionCall, value: Any) -> tuple[Term, ...]:
    """Returns the terms of an addend, which is zero or has the shape of the result."""
    if not isinstance(value, torch.Tensor):
        if value != 0:
            call.refuse("it adds a number; put it into the bias of a layer")
        return ()
    terms = call.graph.terms(value, f"{call.name} takes")
    if terms and value.shape != call.result.shape:
        call.refuse(
            f"it broadcasts shape {list(value.shape)} to {list(call.result.shape)}; "
            "a network file adds only outputs of the same shape"
        )
    return terms
