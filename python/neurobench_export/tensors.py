"""Tensors that remember their meaning while the module runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from .meaning import Meaning

# Called with a function of PyTorch, its arguments and its keyword arguments; returns what the module gets.
Dispatch = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


class TracedTensor(torch.Tensor):
    """A tensor with a meaning. Every function of PyTorch that gets one goes to `dispatch` instead."""

    meaning: Meaning
    dispatch: Dispatch

    @classmethod
    def __torch_function__(
        cls, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if function in METADATA:
            return run_plain(function, args, kwargs)
        traced = next(value for value in tensors_in((args, kwargs)) if isinstance(value, TracedTensor))
        return traced.dispatch(function, args, kwargs)


# Functions whose result depends on the shape, the type or the place of a tensor alone.
METADATA = {
    *(
        getattr(torch.Tensor, name).__get__
        for name in ["shape", "dtype", "device", "ndim", "layout", "is_cuda", "requires_grad"]
    ),
    *(
        getattr(torch.Tensor, name)
        for name in ["untyped_storage", "size", "dim", "numel", "stride", "__len__", "is_floating_point", "get_device"]
    ),
    *(
        getattr(torch.Tensor, name)
        for name in ["is_complex", "is_contiguous", "ndimension", "__hash__", "element_size", "nelement"]
    ),
}


def flat(value: Any) -> Iterator[Any]:
    """Yields the leaves of nested tuples and lists."""
    if isinstance(value, tuple | list):
        for part in value:
            yield from flat(part)
    else:
        yield value


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Yields the tensors in nested tuples, lists and dicts."""
    for part in flat(value):
        if isinstance(part, torch.Tensor):
            yield part
        elif isinstance(part, dict):
            yield from tensors_in(list(part.values()))


def outputs_of(returned: Any) -> list[torch.Tensor]:
    """Returns the tensors that `forward` returned, in order."""
    return [value for value in flat(returned) if isinstance(value, torch.Tensor)]


def plain(value: Any) -> Any:
    """Returns the same value with ordinary tensors in place of traced ones."""
    if isinstance(value, TracedTensor):
        return value.as_subclass(torch.Tensor)
    if isinstance(value, tuple | list):
        parts = [plain(part) for part in value]
        # The constructor of a named tuple takes its parts one by one.
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return value


def run_plain(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs a function of PyTorch on ordinary tensors."""
    with torch._C.DisableTorchFunctionSubclass():
        return function(*plain(args), **plain(kwargs))
