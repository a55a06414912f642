"""The meanings of traced tensors: the part of the network that each tensor is."""

from __future__ import annotations

import dataclasses

INPUT = "input"
POSTPROCESSOR_HINT = "select or sum them with a postprocessor of the benchmark, `last_step` or `aggregate`"


@dataclasses.dataclass(frozen=True)
class Term:
    """The outputs of a layer, or the input of the network, at one step. Neurons output spikes or membranes."""

    layer: str
    step: int
    membrane: bool = False


@dataclasses.dataclass(frozen=True)
class Sum:
    """A sum of terms, added from first to last. Without terms: zeros."""

    terms: tuple[Term, ...]


@dataclasses.dataclass(frozen=True)
class LayerState:
    """A state of a neuron or cell after a step."""

    layer: str
    name: str
    step: int


@dataclasses.dataclass(frozen=True)
class StateArgument:
    """A state passed to the module: the one that it returned at the step before, or zeros at the first step."""

    argument: str


@dataclasses.dataclass(frozen=True)
class WholeSequence:
    """The whole input of a module that loops over time, with time on this axis."""

    axis: int


@dataclasses.dataclass(frozen=True)
class AllSteps:
    """The stacked terms of all steps."""

    terms: tuple[Term, ...]


@dataclasses.dataclass(frozen=True)
class Unusable:
    """A tensor that a network file cannot express, and the reason."""

    reason: str


Meaning = Sum | LayerState | StateArgument | WholeSequence | AllSteps | Unusable


def meaning_of(value: object) -> Meaning | None:
    """Returns the meaning of a traced tensor, and `None` for every other value."""
    return getattr(value, "meaning", None)


def terms_of(value: object) -> tuple[Term, ...]:
    """Returns the terms that a value is made of, if it is a sum or a stack of terms."""
    meaning = meaning_of(value)
    return meaning.terms if isinstance(meaning, Sum | AllSteps) else ()
