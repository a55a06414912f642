"""Concatenation of outputs and constants along an axis."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch

from ..graph import Graph
from ..meaning import Sum, Term
from ..tensors import TracedTensor
from .arguments import sample_axis
from .registry import FunctionCall, function_layer


@function_layer("cat", "concat", "concatenate")
def concatenate_function(call: FunctionCall) -> Any:
    graph = call.graph
    axis = sample_axis(call.get(1, "dim", call.kwargs.get("axis", 0)), call.result.dim(), call.name)
    terms = [part(call, value) for value in call.get(0, "tensors")]
    last = max(term.step for term in terms)
    # A constant is the same at every step.
    terms = [dataclasses.replace(term, step=last) if is_constant(graph, term) else term for term in terms]
    for term in terms:
        if is_constant(graph, term):
            graph.layers[term.layer].calls[last] = ()
    settings = {"axis": axis} if axis else {}
    return graph.wrap(call.result, Sum((graph.add_function("concatenate", settings, tuple(terms), call.result),)))


def part(call: FunctionCall, value: torch.Tensor) -> Term:
    """Returns a part of the concatenation; a tensor that is no output of a layer becomes a layer of constants."""
    if isinstance(value, TracedTensor):
        return call.graph.term(value, f"{call.name} takes")
    sample = value[0]
    if not (value == sample).all():
        call.refuse(
            "a tensor that is not the output of a layer differs between the samples; use the same numbers for all of "
            "them"
        )
    first = sample.flatten()[0]
    number = first.item() if (sample == first).all() else sample.tolist()
    settings = {"value": number, "shape": list(sample.shape)}
    return call.graph.add_function("constant", settings, (), value, takes_input=False)


def is_constant(graph: Graph, term: Term) -> bool:
    return term.layer in graph.layers and graph.layers[term.layer].kind == "constant"
