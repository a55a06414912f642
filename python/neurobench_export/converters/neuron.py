"""Neurons of snnTorch. Without snnTorch nothing is registered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from .registry import LayerSpec, ModuleCall, Role, module_layer

try:
    import snntorch
except ImportError:
    snntorch = None

# The name of the function of a neuron that resets it, by the value of the key `reset`, in the order of snnTorch's
# codes.
RESETS = {"subtract": "_base_sub", "zero": "_base_zero", "none": "_base_int"}

Converter = Callable[[ModuleCall], LayerSpec]


def neuron_layer(name: str, states: Sequence[str]) -> Callable[[Converter], Converter]:
    """Registers the decorated function as the converter of the neurons of this class of snnTorch."""
    classes = [] if snntorch is None else [getattr(snntorch, name)]
    return module_layer(*classes, role=Role.NEURON, states=states)


@neuron_layer("Leaky", states=["mem"])
def leaky(call: ModuleCall) -> LayerSpec:
    return neuron(call, "leaky", ["beta"])


@neuron_layer("Synaptic", states=["syn", "mem"])
def synaptic(call: ModuleCall) -> LayerSpec:
    return neuron(call, "synaptic", ["alpha", "beta"])


@neuron_layer("Lapicque", states=["mem"])
def lapicque(call: ModuleCall) -> LayerSpec:
    return neuron(call, "lapicque", ["beta", "R", "C", "time_step"])


@neuron_layer("Alpha", states=["syn_exc", "syn_inh", "mem"])
def alpha(call: ModuleCall) -> LayerSpec:
    return neuron(call, "alpha", ["alpha", "beta"])


@neuron_layer("RLeaky", states=["spk", "mem"])
def recurrent_leaky(call: ModuleCall) -> LayerSpec:
    return recurrent_neuron(call, "rleaky", ["beta"])


@neuron_layer("RSynaptic", states=["spk", "syn", "mem"])
def recurrent_synaptic(call: ModuleCall) -> LayerSpec:
    return recurrent_neuron(call, "rsynaptic", ["alpha", "beta"])


def neuron(call: ModuleCall, kind: str, constants: Sequence[str]) -> LayerSpec:
    module = call.module
    if module.inhibition:
        call.refuse("inhibition=True, which allows one spike per layer, is not supported; use inhibition=False")
    if module.state_quant:
        call.refuse("state_quant is not supported; export the neuron without it")
    if not getattr(module, "reset_delay", True):
        call.refuse(
            "reset_delay=False resets in the step of the spike, but a network file resets one step later, "
            "which is snnTorch's default; use reset_delay=True"
        )
    if (module.graded_spikes_factor != 1).any():
        call.refuse("graded_spikes_factor is not 1; multiply the weights of the next layer by it instead")
    reset = list(RESETS)[int(module.reset_mechanism_val)]
    if module.state_function.__name__ != RESETS[reset]:
        call.refuse(
            f"reset_mechanism was changed to {reset!r} after the neuron was created, and snnTorch still runs with the "
            f"old one; create the neuron with reset_mechanism={reset!r}"
        )
    if not steps_at_zero(module.spike_grad):
        call.refuse(
            "its spike_grad does not return 1 above the threshold and 0 below; use a deterministic step function"
        )
    constants = [*constants, "threshold", "graded_spikes_factor"]
    learned = [name for name in constants if isinstance(getattr(module, name), nn.Parameter)]
    if learned and not call.learned_constants_as_buffers:
        call.refuse(
            f"PyTorch counts the learned {' and '.join(learned)} as parameters, but a network file counts constants of "
            "neurons as buffers; pass learned_constants_as_buffers=True (--learned-constants-as-buffers) to accept a "
            "smaller parameter count"
        )
    return LayerSpec(kind, {"reset": reset}, [*constants, "reset_mechanism_val"])


def recurrent_neuron(call: ModuleCall, kind: str, constants: Sequence[str]) -> LayerSpec:
    """Converts a neuron whose spikes return to the neurons of its layer."""
    spec = neuron(call, kind, constants)
    module = call.module
    if not module.all_to_all:
        if not isinstance(module.V, nn.Parameter):
            call.refuse(
                "learn_recurrent=False makes V a buffer, but a network file counts it as a parameter; "
                "use learn_recurrent=True"
            )
        return LayerSpec(spec.kind, spec.settings, [*spec.tensors, "V"], REPEATED)
    recurrent = module.recurrent
    if isinstance(recurrent, nn.Conv2d):
        if not keeps_size(recurrent):
            call.refuse(
                "its recurrent convolution differs from the one that snnTorch creates; "
                "use stride 1, dilation 1, one group, and zero padding of half the kernel size"
            )
    elif not isinstance(recurrent, nn.Linear):
        call.refuse(
            f"its recurrent layer is {type(recurrent).__name__}; use a linear layer or a convolution over two axes"
        )
    return LayerSpec(spec.kind, spec.settings, [*spec.tensors, "recurrent.weight", "recurrent.bias"], REPEATED)


# snnTorch lists a learned `V` twice.
REPEATED = ["recurrent.V"]


def keeps_size(convolution: nn.Conv2d) -> bool:
    found = (
        convolution.stride,
        convolution.padding,
        convolution.dilation,
        convolution.groups,
        convolution.padding_mode,
    )
    half = tuple(taps // 2 for taps in convolution.kernel_size)
    return found == ((1, 1), half, (1, 1), 1, "zeros")


def steps_at_zero(function: Callable[[Any], Any]) -> bool:
    """Returns true if a function of snnTorch returns 1 above 0, and 0 otherwise."""
    probes = torch.tensor([-4.0, -0.5, -1e-6, 0.0, 1e-6, 0.5, 4.0])
    try:
        return torch.equal(function(probes), (probes > 0).to(probes.dtype))
    except TypeError:
        # Some functions of snnTorch cannot be called at all.
        return False
