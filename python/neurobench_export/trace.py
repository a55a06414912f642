"""A traced run of the module, and what follows from it: its layers, its output, and the states that it returns."""

from __future__ import annotations

import dataclasses
import inspect

import torch
from torch import nn

from .errors import ExportError, one_line
from .graph import Graph, check_not_rounded
from .meaning import INPUT, POSTPROCESSOR_HINT, AllSteps, StateArgument, Sum, Term, WholeSequence, meaning_of
from .options import Options
from .states import state_after
from .tensors import TracedTensor, outputs_of
from .tracer import Tracer


@dataclasses.dataclass(frozen=True)
class Run:
    """A traced run of the module."""

    graph: Graph
    # The output of the network at the first step.
    output: Term
    # For each argument of `forward` that is a state: the place of the new state among the tensors that it returns, and
    # the shape of the state of one sample.
    states: dict[str, tuple[int, tuple[int, ...]]]


def trace(
    root: nn.Module,
    inputs: torch.Tensor,
    options: Options,
    membranes: dict[str, torch.Tensor] | None = None,
    hint: str = "",
) -> Run:
    """Runs the module once.

    `membranes` are those that an earlier run left in the neurons. `hint` follows messages whose cause can be the
    number of steps.
    """
    tracer = Tracer(root, inputs.shape[options.sample_axis], options, {} if membranes is None else membranes)
    inputs = inputs.clone()
    meaning = Sum((Term(INPUT, 0),)) if options.loop_axis is None else WholeSequence(options.loop_axis)
    traced = tracer.graph.wrap(inputs, meaning)
    states = state_arguments(tracer, root) if options.stepped else {}
    handles = tracer.attach()
    try:
        returned = outputs_of(root(traced, **states))
    except ExportError:
        raise
    except Exception as error:
        shape = list(inputs.shape)
        raise ExportError(f"the module fails on inputs of shape {shape}: {one_line(error)}{hint}") from error
    finally:
        for handle in handles:
            handle.remove()
    returned_states = {
        argument: returned_state(returned, argument, path, name)
        for argument, (path, name) in tracer.states.arguments.items()
    }
    readout = options.readout
    if not returned:
        raise ExportError("forward returns no tensor; return the outputs of a layer")
    if not 0 <= readout < len(returned):
        tensors = "1 tensor" if len(returned) == 1 else f"{len(returned)} tensors"
        raise ExportError(f"readout is {readout}, but forward returns {tensors}; pass the zero-based index of one")
    return Run(tracer.graph, output_of(tracer.graph, returned[readout], options, inputs, hint), returned_states)


def state_arguments(tracer: Tracer, root: nn.Module) -> dict[str, TracedTensor]:
    """Returns a traced state for each argument of `forward` after the first whose default is absent or `None`."""
    states = {}
    for parameter in [*inspect.signature(root.forward).parameters.values()][1:]:
        named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if named and parameter.default in (None, parameter.empty):
            zeros = torch.zeros(0, dtype=tracer.options.dtype)
            states[parameter.name] = tracer.graph.wrap(zeros, StateArgument(parameter.name))
    return states


def returned_state(returned: list[torch.Tensor], argument: str, path: str, name: str) -> tuple[int, tuple[int, ...]]:
    new = state_after(path, name, 0)
    for place, value in enumerate(returned):
        if meaning_of(value) == new:
            return place, tuple(value.shape[1:])
    raise ExportError(
        f"forward takes `{argument}`, the state `{name}` of `{path}`, but does not return the new one; return it too"
    )


def output_of(graph: Graph, value: torch.Tensor, options: Options, inputs: torch.Tensor, hint: str) -> Term:
    """Returns the output of the network at the first step."""
    check_not_rounded(value, "the output is")
    if options.loop_axis is None:
        return graph.term(value, "the output is")
    meaning = meaning_of(value)
    steps = inputs.shape[options.loop_axis]
    if not isinstance(meaning, AllSteps):
        raise ExportError(f"forward must return torch.stack of the outputs of all steps; {POSTPROCESSOR_HINT}")
    terms = meaning.terms
    if [term.step for term in terms] != list(range(steps)) or len({(term.layer, term.membrane) for term in terms}) != 1:
        raise ExportError(
            f"the stacked outputs are not those of one layer at each of the {steps} steps; "
            f"stack the outputs of one layer at every step, in order{hint}"
        )
    return terms[0]
