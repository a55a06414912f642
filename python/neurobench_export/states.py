"""The states of neurons and cells: a network file keeps each inside its layer, from one step to the next."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .converters import LayerCall, Role
from .meaning import LayerState, Meaning, StateArgument, Sum, Term, meaning_of
from .options import Options
from .tensors import TracedTensor, plain

# States that are also the outputs of their layer.
OUTPUT_STATES = ("spk", "h")


class StateTracker:
    """Follows the states of one run."""

    def __init__(self, options: Options, membranes: dict[str, torch.Tensor]) -> None:
        self.stepped, self.looped = options.stepped, options.looped
        # Membranes, by path, that the run before left in the neurons, or the step before of a loop.
        self.membranes = membranes
        # The layer and the state that each argument of `forward` is.
        self.arguments: dict[str, tuple[str, str]] = {}

    def module_states(self, call: LayerCall, step: int, states: list[Any]) -> list[Any]:
        """Checks the states that a layer is called with, and returns those that the module gets.

        A state must be the one that the layer returned at the step before, or zeros at the first step.
        """
        if call.role is Role.STATELESS:
            return []
        passed = {name: state for name, state in zip(call.converter.states, states) if state is not None}
        if call.role is Role.SEQUENCE:
            self.check_sequence(call, passed)
            return []
        if not passed and (self.stepped or step):
            self.check_unbroken(call)
        for name, state in passed.items():
            self.check_state(call, step, name, state)
        if call.role is Role.CELL and step == 0:
            # Without a state a cell starts from zeros, and so does a state passed to the module.
            return []
        if call.converter.module_class is nn.LSTMCell:
            return [tuple(plain(state) for state in states)]
        if any(isinstance(meaning_of(state), StateArgument) for state in states):
            return [None if state is None else torch.zeros(0) for state in states]
        return [plain(state) for state in states if state is not None or call.role is Role.NEURON]

    def check_sequence(self, call: LayerCall, passed: dict[str, Any]) -> None:
        if self.stepped or self.looped:
            call.refuse(
                "it takes a whole sequence; export the module without time steps, or use the cell of this layer"
            )
        if any(isinstance(state, TracedTensor) or state.any() for state in passed.values()):
            call.refuse(
                "it starts from a state that is not zero, which a network file cannot express; start from zeros"
            )

    def check_unbroken(self, call: LayerCall) -> None:
        """Checks that a layer without passed states continues from the step before."""
        if call.role is Role.CELL:
            call.refuse(
                "it is called without a state, so every step starts from zeros; pass the state of the step before"
            )
        membrane = call.module.mem
        # The membrane is the same tensor, unless the module resets the neuron in between.
        if self.membranes.get(call.path, membrane) is not membrane:
            call.refuse(
                "forward resets its membrane, so a later step starts from rest; reset it outside forward, or before "
                "the loop"
            )

    def check_state(self, call: LayerCall, step: int, name: str, state: Any) -> None:
        meaning = meaning_of(state)
        if isinstance(meaning, StateArgument):
            if self.arguments.setdefault(meaning.argument, (call.path, name)) != (call.path, name):
                call.refuse(
                    f"the argument `{meaning.argument}` is the state of several layers; pass a separate state to each"
                )
        elif step == 0 and (meaning is None or meaning == Sum(())) and not plain(state).any():
            if self.stepped:
                call.refuse(
                    f"forward sets its state `{name}` to zero, so every step starts from rest; take the state as an "
                    "argument, or use init_hidden=True"
                )
        elif step == 0 or meaning != state_after(call.path, name, step - 1):
            call.refuse(
                f"its state `{name}` is not the one that it returned at the step before, which is the only one that a "
                "network file has; pass that one"
            )

    def remember(self, call: LayerCall) -> None:
        """Records the membrane that a neuron has after a step of a loop."""
        if self.looped and call.role is Role.NEURON:
            self.membranes[call.path] = call.module.mem


def state_after(path: str, name: str, step: int) -> Meaning:
    """Returns the meaning of a state of a layer after a step."""
    return Sum((Term(path, step),)) if name in OUTPUT_STATES else LayerState(path, name, step)
