"""The registries of converters: from the class of a module, and from the name of a function, to its layer."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import torch
from torch import nn

from ..errors import ExportError
from ..graph import Graph, Settings
from ..meaning import Sum
from ..tensors import TracedTensor


class Role(enum.Enum):
    """The relation of a layer to time."""

    STATELESS = enum.auto()
    NEURON = enum.auto()
    CELL = enum.auto()
    # A recurrent layer that takes a whole sequence at once.
    SEQUENCE = enum.auto()


@dataclasses.dataclass(frozen=True)
class LayerSpec:
    """The description of a module as a layer: its kind, its keys, and the names of its tensors in the state dict."""

    kind: str
    settings: Settings = dataclasses.field(default_factory=dict)
    tensors: Sequence[str] = ()
    # Names under which the state dict lists one of these tensors a second time.
    repeated: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class FunctionCall:
    """A call of a function of PyTorch, with its result on ordinary tensors."""

    graph: Graph
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any

    def get(self, place: int, name: str, default: Any = None) -> Any:
        """Returns an argument by place or by name."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    @property
    def first(self) -> Any:
        """The first argument, which PyTorch names `input`."""
        return self.args[0] if self.args else self.kwargs["input"]

    def refuse(self, problem: str) -> NoReturn:
        """Raises an error that names the function."""
        raise ExportError(f"{self.name}: {problem}")

    def layer(
        self, kind: str, settings: Settings | None = None, *, row_numbers: bool = False, in_place: bool = False
    ) -> TracedTensor:
        """Returns the result as the outputs of a layer whose only input is the first argument.

        `row_numbers`: the layer also takes integers, because it keeps them as they are.
        """
        terms = self.graph.terms(self.first, f"{self.name} takes", row_numbers)
        outputs = Sum((self.graph.add_function(kind, settings or {}, terms, self.result),))
        if in_place or self.name.endswith("_") or self.kwargs.get("inplace", False):
            return self.graph.change_in_place(self.first, outputs)
        return self.graph.wrap(self.result, outputs)


@dataclasses.dataclass(frozen=True)
class ModuleConverter:
    """The conversion of modules of one class."""

    module_class: type[nn.Module]
    convert: Callable[[ModuleCall], LayerSpec]
    role: Role
    # Names of the states, in the order in which the module takes and returns them.
    states: tuple[str, ...]
    # The inputs are row numbers, which are integers.
    takes_row_numbers: bool
    least_axes: Callable[[Any], int] | None

    def minimum_axes(self, module: nn.Module) -> int:
        """Returns the minimum number of axes of one sample.

        PyTorch checks too little: it often takes inputs without the axis of the samples.
        """
        if self.least_axes is not None:
            return self.least_axes(module)
        return {"1d": 2, "2d": 3, "3d": 4}.get(self.module_class.__name__[-2:], 1)


@dataclasses.dataclass(frozen=True)
class LayerCall:
    """A call of a module that is a layer."""

    # Its attributes depend on its class.
    module: Any
    path: str
    converter: ModuleConverter

    @property
    def role(self) -> Role:
        return self.converter.role

    @property
    def suffix(self) -> str:
        """The end of the name of the class: `1d` for `nn.Conv1d`."""
        return self.converter.module_class.__name__[-2:]

    @property
    def where(self) -> str:
        """The name of the module in messages."""
        return module_name(self.path, self.module)

    def refuse(self, problem: str) -> NoReturn:
        """Raises an error that names the module."""
        raise ExportError(f"{self.where}: {problem}")


def module_name(path: str, module: nn.Module) -> str:
    """Returns the name of a module in messages: its path and its class."""
    return f"`{path}` ({type(module).__module__.split('.')[0]}.{type(module).__name__})"


@dataclasses.dataclass(frozen=True)
class ModuleCall(LayerCall):
    """The first call of a module, from which its converter makes the layer."""

    inputs: torch.Tensor
    learned_constants_as_buffers: bool


# The value that a function converter returns replaces the result of the function in the module.
FunctionConverter = Callable[[FunctionCall], Any]

MODULES: dict[type[nn.Module], ModuleConverter] = {}
FUNCTIONS: dict[str, FunctionConverter] = {}


def module_layer(
    *classes: type[nn.Module],
    role: Role = Role.STATELESS,
    states: Sequence[str] = (),
    takes_row_numbers: bool = False,
    least_axes: Callable[[Any], int] | None = None,
) -> Callable[[Callable[[ModuleCall], LayerSpec]], Callable[[ModuleCall], LayerSpec]]:
    """Registers the decorated function as the converter of modules of these classes.

    `least_axes` returns the minimum number of axes of one sample. By default, a module whose class ends in `1d`, `2d`
    or `3d` takes an axis of channels and that number of further axes, and every other module takes one axis or more.
    """

    def register(convert: Callable[[ModuleCall], LayerSpec]) -> Callable[[ModuleCall], LayerSpec]:
        for each in classes:
            MODULES[each] = ModuleConverter(each, convert, role, tuple(states), takes_row_numbers, least_axes)
        return convert

    return register


def function_layer(*names: str) -> Callable[[FunctionConverter], FunctionConverter]:
    """Registers the decorated function as the converter of calls of these functions of PyTorch."""

    def register(convert: FunctionConverter) -> FunctionConverter:
        FUNCTIONS.update(dict.fromkeys(names, convert))
        return convert

    return register


def converter_of(module: nn.Module) -> ModuleConverter | None:
    """Returns the converter of a module, if it is a layer.

    A subclass of a layer is one if it has the same `forward`.
    """
    for base in type(module).__mro__:
        if base in MODULES:
            return MODULES[base] if type(module).forward is base.forward else None
    return None


def is_neuron(module: nn.Module) -> bool:
    """Returns true for a neuron that is a layer."""
    converter = converter_of(module)
    return converter is not None and converter.role is Role.NEURON
