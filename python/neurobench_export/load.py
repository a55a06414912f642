"""Modules, state dicts and inputs that the command line names."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import numpy
import torch
from torch import nn

from .errors import ExportError, one_line


def load_module(reference: str) -> nn.Module:
    """Returns the module that `package.module:factory` names."""
    package, _, name = reference.partition(":")
    name = name or "model"
    found = attribute(imported(package, name), package, name)
    if not isinstance(found, nn.Module):
        if not callable(found):
            raise ExportError(
                f"`{reference}` is of type {type(found).__name__}; name a torch.nn.Module or a function that returns "
                "one"
            )
        try:
            found = found()
        except Exception as error:
            raise ExportError(
                f"`{reference}` fails when it is called without arguments: {one_line(error)}; "
                "name a function that needs no arguments"
            ) from error
    if not isinstance(found, nn.Module):
        raise ExportError(f"`{reference}` returns {type(found).__name__}; expected a torch.nn.Module")
    return found


def imported(package: str, name: str) -> ModuleType:
    if package.endswith(".py") or "/" in package:
        dotted = package.removesuffix(".py").strip("./").replace("/", ".")
        raise ExportError(f"`{package}` is a file; name the Python module instead, as in {dotted}:{name}")
    sys.path.insert(0, "")
    try:
        return importlib.import_module(package)
    except Exception as error:
        raise ExportError(
            f"`{package}` cannot be imported: {one_line(error)}; run the command in the folder that contains it"
        ) from error


def attribute(home: ModuleType, package: str, name: str) -> Any:
    if not hasattr(home, name):
        own = [key for key, value in vars(home).items() if getattr(value, "__module__", None) == home.__name__]
        choices = f"; choose one of {', '.join(own)}" if own else "; define it, or name another one"
        raise ExportError(f"`{package}` has no `{name}`{choices}")
    return getattr(home, name)


def load_state(module: nn.Module, path: str) -> None:
    """Loads a state dict that `torch.save` wrote."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:
        raise ExportError(
            f"{path} cannot be loaded as a state dict: {one_line(error)}; write it with "
            "`torch.save(module.state_dict(), ..)`"
        ) from error
    if not isinstance(state, dict):
        raise ExportError(
            f"{path} contains {type(state).__name__} instead of a state dict; "
            "write it with `torch.save(module.state_dict(), ..)`"
        )
    inner = [key for key, value in state.items() if isinstance(value, dict)]
    if inner and not any(isinstance(value, torch.Tensor) for value in state.values()):
        raise ExportError(
            f"{path} is a checkpoint with {', '.join(map(str, state))}; save only the state dict in it, "
            f"`torch.load(..)[{inner[0]!r}]`"
        )
    try:
        module.load_state_dict(state)
    except (RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise ExportError(
            f"{path} does not fit the module: {one_line(error)}; load the state dict of the same module"
        ) from error


def read_inputs(path: str) -> numpy.ndarray:
    try:
        return numpy.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ExportError(f"{path} is not an array: {one_line(error)}; write it with `numpy.save`") from error
