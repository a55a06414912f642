"""Evaluation of a module from rest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import nn

from .converters import is_neuron


@contextlib.contextmanager
def at_rest(module: nn.Module) -> Iterator[None]:
    """Puts a module into evaluation mode, without gradients and with neurons at rest, and restores it afterwards."""
    training = {part: part.training for part in module.modules()}
    neurons = [part for part in module.modules() if is_neuron(part)]
    states = [(part, name, part._buffers[name]) for part in neurons for name in part._non_persistent_buffers_set]
    try:
        module.eval()
        for part, name, _ in states:
            part._buffers[name] = torch.zeros(0)
        with torch.no_grad():
            yield
    finally:
        for part, name, state in states:
            part._buffers[name] = state
        for part, mode in training.items():
            part.training = mode
