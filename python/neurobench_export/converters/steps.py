"""Functions that take the steps of a whole sequence apart, and that stack outputs of steps."""

from __future__ import annotations

from typing import Any

from ..graph import describe
from ..meaning import INPUT, AllSteps, Sum, Term, Unusable, WholeSequence
from .registry import FunctionCall, function_layer


@function_layer("__getitem__", "select")
def select_function(call: FunctionCall) -> Any:
    value = call.first
    index = call.get(1, "index")
    index = index if isinstance(index, tuple) else (index,)
    if call.name == "select":
        index = (slice(None),) * call.get(1, "dim") + (call.get(2, "index"),)
    if isinstance(value.meaning, WholeSequence):
        step = selected_step(index, value.meaning.axis)
        if step is None:
            call.refuse("it takes more or less than a single step of the whole sequence; use `x[step]` or `x[:, step]`")
        return call.graph.wrap(call.result, Sum((Term(INPUT, step % value.shape[value.meaning.axis]),)))
    if isinstance(value.meaning, Unusable | AllSteps):
        call.refuse(f"it takes {describe(value)}")
    call.refuse(
        "a network file has no layer that selects a part; for the last step of a sequence, return all steps and write "
        '`postprocessors = ["last_step"]` in the benchmark; '
        "for the steps of a loop over time, pass the axis of time as loop_axis (--loop-axis)"
    )


def selected_step(index: tuple[Any, ...], axis: int) -> int | None:
    """Returns the step that an index selects, if it selects one step and nothing else."""
    while index and index[-1] in (slice(None), Ellipsis):
        index = index[:-1]
    if len(index) != axis + 1 or not all(part == slice(None) for part in index[:axis]):
        return None
    return index[axis] if isinstance(index[axis], int) else None


@function_layer("unbind")
def unbind_function(call: FunctionCall) -> Any:
    meaning = call.first.meaning
    if isinstance(meaning, WholeSequence) and meaning.axis == call.get(1, "dim", 0):
        return tuple(call.graph.wrap(part, Sum((Term(INPUT, step),))) for step, part in enumerate(call.result))
    call.refuse("only the whole sequence can be unbound, and only along the axis of time")


@function_layer("stack")
def stack_function(call: FunctionCall) -> Any:
    terms = tuple(call.graph.term(value, f"{call.name} takes") for value in call.get(0, "tensors"))
    return call.graph.wrap(call.result, AllSteps(terms))
