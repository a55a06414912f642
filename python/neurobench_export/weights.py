"""The tensors of a layer, as the network file stores them."""

from __future__ import annotations

import torch
from torch import nn

from .converters import LayerCall, LayerSpec, Role


def stored_tensors(call: LayerCall, spec: LayerSpec, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Returns the tensors of a layer by their names in its state dict, after checking that none is left over."""
    stored = call.module.state_dict()
    for name in spec.repeated:
        stored.pop(name, None)
    surplus = stored.keys() - set(spec.tensors)
    if surplus:
        call.refuse(
            f"it also stores {', '.join(sorted(surplus))}, which its layer in a network file does not have; remove "
            "them (for weights that are parametrized or pruned, torch.nn.utils has functions that make them plain)"
        )
    absent = [name for name, tensor in call.module.named_buffers() if tensor.numel() and name not in stored]
    states = call.converter.states if call.role is Role.NEURON else ()
    if set(absent) - set(states):
        call.refuse(
            f"its buffers {', '.join(sorted(absent))} are not persistent, so their bytes would be missing; "
            "register them with persistent=True"
        )
    tensors = {name: stored[name] for name in spec.tensors if name in stored}
    for name, tensor in tensors.items():
        check_tensor(call, name, tensor, dtype)
    return tensors


def check_tensor(call: LayerCall, name: str, tensor: torch.Tensor, dtype: torch.dtype) -> None:
    # A network file converts constants to the type of the network; parameters have that type.
    constant = not isinstance(attribute(call.module, name), nn.Parameter) or call.role is Role.NEURON
    if constant and tensor.dtype in (torch.float32, torch.float64, torch.int64):
        if name != "num_batches_tracked" and not torch.equal(
            tensor.to(dtype).to(torch.float64), tensor.to(torch.float64)
        ):
            call.refuse(
                f"{dtype} cannot represent `{name}` exactly, so neurobench and PyTorch could round differently; "
                f"convert it to {dtype}"
            )
    elif tensor.dtype != dtype:
        call.refuse(f"`{name}` is {tensor.dtype}, but the network is {dtype}; convert it to {dtype}")
    if not torch.isfinite(tensor).all():
        call.refuse(f"`{name}` contains NaN or infinity; replace them with finite numbers")


def attribute(module: nn.Module, path: str) -> object:
    value: object = module
    for name in path.split("."):
        value = getattr(value, name)
    return value
