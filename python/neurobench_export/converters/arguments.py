"""Arguments of PyTorch in the form of a network file."""

from __future__ import annotations

from typing import Any

from ..errors import ExportError


def number_or_list(value: Any) -> Any:
    """Returns a number if it holds for all axes, and a list with one number per axis otherwise."""
    if isinstance(value, tuple | list):
        value = [int(each) for each in value]
        return value[0] if all(each == value[0] for each in value) else value
    return value


def without_defaults(found: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Returns the arguments that differ from their defaults, in the order of the defaults."""
    settings = {}
    for name, default in defaults.items():
        value = number_or_list(found.get(name))
        if value is not None and value != [] and value != default:
            settings[name] = value
    return settings


def sample_axis(axis: int, dimensions: int, where: str) -> int:
    """Returns an axis of a batch as an axis of one sample."""
    axis = axis + dimensions if axis < 0 else axis
    if axis == 0:
        raise ExportError(f"{where} works along the axis of the samples; use another axis")
    return axis - 1
