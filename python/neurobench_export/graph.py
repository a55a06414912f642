"""The layers that a run of the module has gone through, and the meanings of its tensors."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

import torch

from .errors import ExportError
from .meaning import (
    INPUT,
    POSTPROCESSOR_HINT,
    AllSteps,
    LayerState,
    Meaning,
    StateArgument,
    Sum,
    Term,
    Unusable,
    WholeSequence,
    meaning_of,
)
from .tensors import Dispatch, TracedTensor, plain

Settings = dict[str, Any]


@dataclasses.dataclass
class Layer:
    """A layer of the network file."""

    path: str
    kind: str
    settings: Settings
    tensors: dict[str, torch.Tensor]
    # Neurons hand on their spikes or their membranes; every other layer has one output.
    is_neuron: bool = False
    # The terms that are the input of each call, by step.
    calls: dict[int, tuple[Term, ...]] = dataclasses.field(default_factory=dict)
    # The shape of the outputs for one sample.
    shape: tuple[int, ...] = ()


class Graph:
    """The layers of one run, by path, in the order of their first call."""

    def __init__(self, dtype: torch.dtype, module_paths: Iterable[str], dispatch: Dispatch) -> None:
        self.dtype = dtype
        self.layers: dict[str, Layer] = {}
        self.dispatch = dispatch
        # Names that layers made of functions cannot have.
        self.names = {*module_paths, INPUT}
        # Paths of layers made of functions, by what they compute from what.
        self.function_paths: dict[str, str] = {}
        self.aliases: dict[int, list[TracedTensor]] = {}

    def wrap(self, tensor: torch.Tensor, meaning: Meaning) -> TracedTensor:
        """Returns a traced tensor with this meaning."""
        traced = tensor.as_subclass(TracedTensor)
        traced.meaning, traced.dispatch = meaning, self.dispatch
        # Keeping the tensors alive prevents another tensor from taking their place in memory.
        self.aliases.setdefault(tensor.untyped_storage().data_ptr(), []).append(traced)
        return traced

    def change_in_place(self, traced: TracedTensor, meaning: Meaning) -> TracedTensor:
        """Gives a tensor a new meaning, and makes the tensors that share its memory unusable."""
        for other in self.aliases[traced.untyped_storage().data_ptr()]:
            other.meaning = Unusable(
                "it shares its memory with a tensor that was changed in place; use a function that returns a new tensor"
            )
        traced.meaning = meaning
        return traced

    def terms(self, value: Any, subject: str, row_numbers: bool = False) -> tuple[Term, ...]:
        """Returns the terms whose sum a value is. `subject` opens the message if there are none, as in "relu takes"."""
        if not row_numbers:
            check_not_rounded(value, subject)
        meaning = meaning_of(value)
        if isinstance(meaning, Sum):
            return meaning.terms
        if isinstance(meaning, LayerState) and meaning.name == "mem":
            return (Term(meaning.layer, meaning.step, membrane=True),)
        if meaning is None and isinstance(value, torch.Tensor) and not value.any():
            return ()
        raise ExportError(f"{subject} {describe(value)}")

    def term(self, value: Any, subject: str) -> Term:
        """Returns a value as the outputs of one layer. A sum becomes a layer."""
        terms = self.terms(value, subject)
        if len(terms) != 1:
            return self.add_function("identity", {}, terms, value, name="add")
        return terms[0]

    def add_function(
        self,
        kind: str,
        settings: Settings,
        terms: tuple[Term, ...],
        result: torch.Tensor,
        *,
        name: str | None = None,
        takes_input: bool = True,
    ) -> Term:
        """Returns the outputs of a layer without tensors. Adds the layer, unless it ran at an earlier step."""
        if not terms and takes_input:
            raise ExportError(f"{kind} takes only zeros; apply it to the outputs of a layer")
        step = max((term.step for term in terms), default=0)
        relative = tuple((term.layer, step - term.step, term.membrane) for term in terms)
        key = json.dumps([kind, settings, relative, name])
        path = self.function_paths.get(key)
        if path is None:
            path = self.free_name(name or kind)
            self.function_paths[key] = path
            self.layers[path] = Layer(path, kind, settings, {}, shape=tuple(result.shape[1:]))
        self.layers[path].calls[step] = terms
        return Term(path, step)

    def free_name(self, base: str) -> str:
        """Reserves a name that no module and no layer has: `base`, or `base_2`, `base_3`, and so on."""
        name, number = base, 1
        while name in self.names:
            number += 1
            name = f"{base}_{number}"
        self.names.add(name)
        return name

    def fingerprint(self) -> list[tuple[Any, ...]]:
        """Returns everything about the layers except their tensors, to compare two runs."""
        return [(layer.path, layer.kind, layer.settings, layer.calls, layer.shape) for layer in self.layers.values()]


def check_not_rounded(value: Any, subject: str) -> None:
    """Refuses integers.

    A network file has no layer that rounds, so integers can only be row numbers for `nn.Embedding`.
    """
    if isinstance(value, TracedTensor) and not plain(value).is_floating_point():
        raise ExportError(
            f"{subject} {plain(value).dtype}, but a network file has no layer that rounds; "
            "pass integers to nn.Embedding only"
        )


def describe(value: Any) -> str:
    """Describes a value that is not a sum of outputs of layers, with advice."""
    meaning = meaning_of(value)
    if isinstance(meaning, LayerState):
        return (
            f"the state `{meaning.name}` of `{meaning.layer}`, which a network file keeps inside that layer; "
            "use the outputs of the layer or its membrane"
        )
    if isinstance(meaning, StateArgument):
        return (
            f"the argument `{meaning.argument}`; arguments after the first are states, so pass it only to a neuron or "
            "a cell"
        )
    if isinstance(meaning, WholeSequence):
        return (
            "the whole sequence; take single steps of it, with `x[step]` or `x[:, step]` (for inputs that are the same "
            "at every step, the benchmark's preprocessor `repeat_over_time` adds the time steps)"
        )
    if isinstance(meaning, AllSteps):
        return (
            "outputs of several steps, but the network file describes one step; "
            f"return them unchanged, and {POSTPROCESSOR_HINT}"
        )
    if isinstance(meaning, Unusable):
        return f"a tensor that a network file cannot express: {meaning.reason}"
    if isinstance(value, torch.Tensor):
        return (
            "a tensor that is neither the input nor the output of a layer; a network file has weights only inside "
            "layers, so make it a weight of one"
        )
    return repr(value)
