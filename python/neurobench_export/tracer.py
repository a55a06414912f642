"""Follows a run of the module, by hooks around its modules and through the functions that it calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from .converters import FUNCTIONS, NO_LAYER, FunctionCall, LayerCall, ModuleCall, Role, converter_of, hint, module_name
from .errors import ExportError
from .graph import Graph, Layer
from .meaning import INPUT, Sum, Term, Unusable, terms_of
from .options import Options
from .states import OUTPUT_STATES, StateTracker, state_after
from .tensors import TracedTensor, plain, run_plain, tensors_in
from .weights import stored_tensors

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


class Tracer:
    """One run of a module."""

    def __init__(self, root: nn.Module, samples: int, options: Options, membranes: dict[str, torch.Tensor]) -> None:
        self.root, self.samples, self.options = root, samples, options
        self.paths = {id(module): path for path, module in root.named_modules()}
        self.graph = Graph(options.dtype, dict(root.named_modules()), self.call_function)
        self.states = StateTracker(options, membranes)
        # Ids of the hooks of this run.
        self.hooks: set[int] = set()
        # Number of modules that run now, from the layer inwards. Modules inside a layer are part of it.
        self.depth = 0
        # The layer that runs now, its step, and its inputs.
        self.running: tuple[LayerCall, int, Any] | None = None

    def attach(self) -> list[RemovableHandle]:
        """Adds hooks to all modules. The caller removes them."""
        handles = []
        for part in self.root.modules():
            handles.append(part.register_forward_pre_hook(self.enter, with_kwargs=True))
            handles.append(part.register_forward_hook(self.leave, with_kwargs=True))
        self.hooks = {handle.id for handle in handles}
        return handles

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs before a module: checks the arguments of a layer, and replaces traced tensors with ordinary ones."""
        if self.depth:
            self.depth += 1
            return None
        path = self.paths[id(module)]
        converter = converter_of(module)
        if converter is None:
            if type(module).__module__.startswith(("torch.nn.", "snntorch.")) and not isinstance(module, CONTAINERS):
                self.refuse(module, NO_LAYER)
            return None
        self.depth = 1
        call = LayerCall(module, path, converter)
        self.check_hooks(call)
        inputs, states = split_arguments(call, args, kwargs)
        terms = self.graph.terms(
            inputs, f"`{path}` ({converter.module_class.__name__}) takes", row_numbers=converter.takes_row_numbers
        )
        values = self.checked_inputs(call, inputs)
        check_arguments(call, values, states)
        layer = self.layer_of(call, values)
        step = len(layer.calls)
        if step and not self.options.looped:
            self.refuse_second_call(call, layer.calls[0] == terms)
        states = self.states.module_states(call, step, states)
        layer.calls[step] = terms
        self.running = call, step, inputs
        return (values, *states), {}

    def leave(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> Any:
        """Runs after a module: returns the outputs of a layer as traced tensors."""
        if not self.depth:
            return None
        self.depth -= 1
        if self.depth or self.running is None:
            return None
        call, step, inputs = self.running
        self.states.remember(call)
        first = outputs[0] if isinstance(outputs, tuple) else outputs
        self.check_outputs(call, first, outputs)
        self.graph.layers[call.path].shape = tuple(first.shape[1:])
        meaning = Sum((Term(call.path, step),))
        if getattr(module, "inplace", False) and isinstance(inputs, TracedTensor):
            return self.graph.change_in_place(inputs, meaning)
        if not isinstance(outputs, tuple):
            return self.graph.wrap(outputs, meaning)
        if call.role is Role.SEQUENCE:
            return self.graph.wrap(first, meaning), self.last_states(call, outputs[1])
        names = [name for name in call.converter.states if name not in OUTPUT_STATES]
        states = zip(names, outputs[1:], strict=True)
        return (
            self.graph.wrap(first, meaning),
            *(self.graph.wrap(state, state_after(call.path, name, step)) for name, state in states),
        )

    def check_hooks(self, call: LayerCall) -> None:
        hooks = call.module._forward_hooks.keys() | call.module._forward_pre_hooks.keys()
        if hooks - self.hooks:
            call.refuse(
                "it has forward hooks, which may change its outputs; remove them "
                "(torch.nn.utils has functions for parametrize, prune and weight_norm)"
            )

    def checked_inputs(self, call: LayerCall, inputs: Any) -> torch.Tensor:
        """Returns the inputs of a layer as an ordinary tensor, after checking its type and shape."""
        values = plain(inputs)
        if call.converter.takes_row_numbers:
            values = values.long()
        elif values.dtype != self.options.dtype:
            call.refuse(
                f"its inputs are {values.dtype}, but the network is {self.options.dtype}; "
                f"convert them to {self.options.dtype}"
            )
        least = call.converter.minimum_axes(call.module)
        if values.dim() < 1 + least or len(values) != self.samples:
            axes = "axis" if least == 1 else "axes"
            call.refuse(
                f"its inputs have shape {list(values.shape[1:])} for each sample, but it takes at least {least} "
                f"{axes}; check input_shape (--input-shape)"
            )
        return values

    def check_outputs(self, call: LayerCall, first: torch.Tensor, outputs: Any) -> None:
        dtype = self.options.dtype
        if first.dtype != dtype:
            call.refuse(f"its outputs are {first.dtype}, but the network is {dtype}; convert the layer to {dtype}")
        if call.role is Role.NEURON and any(state.dtype != dtype for state in tensors_in(outputs)):
            call.refuse(
                f"a constant of another precision changes the type of its membrane from {dtype}; "
                f"convert its constants to {dtype}"
            )

    def last_states(self, call: LayerCall, states: Any) -> Any:
        meaning = Unusable(f"the last state of `{call.path}`; a network file only passes on its outputs at every step")
        if isinstance(states, tuple):
            return tuple(self.graph.wrap(state, meaning) for state in states)
        return self.graph.wrap(states, meaning)

    def layer_of(self, call: LayerCall, inputs: torch.Tensor) -> Layer:
        """Returns the layer that a module is, and adds it at its first call."""
        if call.path in self.graph.layers:
            return self.graph.layers[call.path]
        if call.path == INPUT:
            call.refuse("a network file uses the name `input` for its own input; give the module another name")
        options = self.options
        spec = call.converter.convert(
            ModuleCall(call.module, call.path, call.converter, inputs, options.learned_constants_as_buffers)
        )
        tensors = stored_tensors(call, spec, options.dtype)
        layer = Layer(call.path, spec.kind, spec.settings, tensors, is_neuron=call.role is Role.NEURON)
        self.graph.layers[call.path] = layer
        return layer

    def refuse(self, module: nn.Module, problem: str) -> NoReturn:
        raise ExportError(f"{module_name(self.paths[id(module)], module)}: {problem}")

    def refuse_second_call(self, call: LayerCall, same_inputs: bool) -> NoReturn:
        if same_inputs:
            call.refuse(
                "it runs more than once on the same inputs; if these calls are time steps, write the loop over "
                "`x[step]`, with x of shape [step, batch, ..], pass loop_axis=0 (--loop-axis 0), and let the "
                "benchmark's preprocessor `repeat_over_time` repeat the inputs"
            )
        call.refuse(
            "it runs more than once; use a separate module for each call (for a loop over time inside forward, pass "
            "the axis of time as loop_axis)"
        )

    def call_function(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs a function of PyTorch that takes a traced tensor."""
        name = getattr(function, "__name__", str(function))
        if name == "__get__":
            if function == torch.Tensor.data.__get__:
                return self.graph.wrap(plain(args[0]), args[0].meaning)
            name = "a property of tensors"
        if name == "__eq__" and args[1] is None:
            return False
        convert = FUNCTIONS.get(name)
        if convert is None:
            layers = sorted({term.layer for value in tensors_in((args, kwargs)) for term in terms_of(value)})
            raise ExportError(
                f"{name} (on outputs of {', '.join(layers) or 'the module'}) cannot be exported: {hint(name)}"
            )
        return convert(FunctionCall(self.graph, name, args, kwargs, run_plain(function, args, kwargs)))


def check_arguments(call: LayerCall, inputs: torch.Tensor, arguments: list[Any]) -> None:
    """Checks that a layer without state computes the same without arguments other than its inputs."""
    if call.role is not Role.STATELESS or all(argument is None for argument in arguments):
        return
    # `forward` runs no hooks.
    if not torch.equal(call.module.forward(inputs, *arguments), call.module.forward(inputs)):
        names = list(inspect.signature(call.converter.module_class.forward).parameters)[2:]
        passed = [name for name, argument in zip(names, arguments) if argument is not None]
        call.refuse(
            f"the argument {' and '.join(passed)} of its call changes its outputs, but a network file only has the "
            "settings of modules; use a setting of the module, such as output_padding, instead"
        )


def split_arguments(call: LayerCall, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Returns the inputs of a layer, and the states that it is called with (`None` for those that are left out)."""
    if call.role is Role.NEURON:
        names = ["input_", *call.converter.states]
    else:
        names = list(inspect.signature(call.converter.module_class.forward).parameters)[1:]
    passed = dict(zip(names, args)) | kwargs
    inputs, *states = [passed.get(name) for name in names]
    if call.role in (Role.CELL, Role.SEQUENCE):
        states = [part for state in states for part in (state if isinstance(state, tuple) else [state])]
    return inputs, states
