"""The check that every number that PyTorch counts is in the file once."""

from __future__ import annotations

from torch import nn

from .converters import converter_of
from .errors import ExportError
from .graph import Graph


def check_complete(root: nn.Module, graph: Graph, steps: int | None) -> None:
    """Checks that each parameter and buffer belongs to one layer.

    `steps` is the number of steps of a module that loops over time.
    """
    at, otherwise = "", ""
    if steps is not None:
        at = f" at any of the {steps} steps of this run"
        otherwise = "; if a later step uses it, run on more steps (--steps)"
    written = {f"{path}.{name}" for path, layer in graph.layers.items() for name in layer.tensors}
    layers = [path for path, module in root.named_modules() if converter_of(module) and path in graph.layers]
    names_by_id: dict[int, str] = {}
    for name, tensor in [*root.named_parameters(remove_duplicate=False), *root.named_buffers(remove_duplicate=False)]:
        inside = any(name.startswith(f"{path}.") for path in layers)
        if tensor.numel() and not inside and name not in written:
            raise ExportError(
                f"`{name}` is used by no layer{at}, so its {tensor.numel() * tensor.element_size()} bytes would be "
                f"missing; remove it, or use it through a layer{otherwise}"
            )
        first_name = names_by_id.setdefault(id(tensor), name) if name in written else name
        if first_name != name:
            raise ExportError(
                f"`{first_name}` and `{name}` are the same tensor, which a network file would store and count twice; "
                "give each layer a separate tensor"
            )
