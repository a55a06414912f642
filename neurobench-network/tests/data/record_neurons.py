"""Records the responses of spiking neurons to seeded random currents in `neurons.safetensors` beside this script.

The neurons are those of snnTorch, and the RadLIF of Bittar and Garner (2022). Needs torch==2.6.0, snntorch==1.0.0 and
safetensors==0.8.0; run without arguments. Every case `NAME` has `NAME.currents`, `NAME.spikes` (u8) and
`NAME.membranes` of shape [sample, step, neuron], `NAME.updates` (i64), and the entries of the neuron's state dict as
`NAME.0.KEY`. If all-to-all weights feed spikes back, `NAME.operations` (i64) counts the products of a spike of the
previous step and a weight in which both are non-zero. Updates are counted as in NeuroBench 2.3.0: all neurons in the
first step, and in each later step the neurons whose membrane changed.
"""

import math
from pathlib import Path

import snntorch
import torch
from safetensors.torch import save_file

SAMPLES, STEPS, NEURONS = 2, 20, 7
RESETS = ["subtract", "zero", "none"]


class RadLif(torch.nn.Module):
    """Adaptive neurons with recurrent weights, starting at rest.

    The equations are those of the paper (doi 10.3389/fnins.2022.865897).
    """

    BOUNDS = {
        "alpha": (math.exp(-1 / 5), math.exp(-1 / 25)),
        "beta": (math.exp(-1 / 30), math.exp(-1 / 120)),
        "a": (-1, 1),
        "b": (0, 2),
    }

    def __init__(self, weight, **constants):
        super().__init__()
        self.recurrent = torch.nn.Linear(NEURONS, NEURONS, bias=False)
        self.recurrent.weight.data = weight * (1 - torch.eye(NEURONS))
        self.register_buffer("V", weight)
        for name, constant in constants.items():
            self.register_buffer(name, constant)

    def forward(self, current, spike=None, adaptation=None, membrane=None):
        alpha, beta, a, b = (getattr(self, name).clamp(*bounds) for name, bounds in self.BOUNDS.items())
        spike, adaptation, membrane = (torch.zeros_like(current) if old is None else old for old in (spike, adaptation, membrane))
        adaptation = beta * adaptation + a * membrane + b * spike
        feedback = spike @ self.recurrent.weight
        membrane = alpha * (membrane - spike) + (1 - alpha) * (current + feedback - adaptation)
        return (membrane > 1).to(current.dtype), adaptation, membrane


def cases(random):
    """Yields names and neurons of every kind and reset, with shared constants and with constants per neuron."""

    def each(low, high):
        return torch.rand(NEURONS, generator=random) * (high - low) + low

    for reset in RESETS:
        keys = {"reset_mechanism": reset}
        yield f"leaky_{reset}", snntorch.Leaky(0.9, **keys)
        yield f"leaky_each_{reset}", snntorch.Leaky(each(-0.1, 1.1), threshold=each(0.3, 1.5), **keys)
        yield f"synaptic_{reset}", snntorch.Synaptic(0.8, 0.9, **keys)
        synaptic = snntorch.Synaptic(each(-0.1, 1.1), each(0.2, 1.1), threshold=each(0.3, 1.5), **keys)
        yield f"synaptic_each_{reset}", synaptic
        yield f"lapicque_beta_{reset}", snntorch.Lapicque(beta=0.9, threshold=0.1, **keys)
        yield f"lapicque_rc_{reset}", snntorch.Lapicque(R=5.1, C=0.7, time_step=0.3, threshold=0.4, **keys)
        yield f"lapicque_r_{reset}", snntorch.Lapicque(beta=0.8, R=2.3, threshold=each(0.1, 0.6), **keys)
    for reset in RESETS:
        keys = {"reset_mechanism": reset}
        yield f"alpha_{reset}", snntorch.Alpha(0.9, 0.8, threshold=0.3, **keys)
        yield f"alpha_each_{reset}", snntorch.Alpha(each(0.6, 1.1), each(-0.1, 0.5), threshold=each(0.3, 0.9), **keys)
        own = {"all_to_all": False, **keys}
        yield f"rleaky_own_{reset}", snntorch.RLeaky(0.9, V=0.4, **own)
        yield f"rleaky_own_each_{reset}", snntorch.RLeaky(each(-0.1, 1.1), V=each(-1, 1), threshold=each(-0.1, 1.2), **own)
        yield f"rleaky_all_{reset}", snntorch.RLeaky(0.9, linear_features=NEURONS, **keys)
        yield f"rsynaptic_own_{reset}", snntorch.RSynaptic(0.7, 0.8, V=each(-1, 1), learn_recurrent=False, **own)
        rsynaptic = snntorch.RSynaptic(each(-0.1, 1.1), each(0.2, 1.1), linear_features=NEURONS, threshold=each(0.3, 1.5), **keys)
        with torch.no_grad():
            rsynaptic.recurrent.weight *= torch.rand(NEURONS, NEURONS, generator=random) < 0.7
        yield f"rsynaptic_all_{reset}", rsynaptic
    constants = {"alpha": each(0.8, 1), "beta": each(0.9, 1), "a": each(-1.2, 0), "b": each(-0.2, 1)}
    yield "radlif_all", RadLif(torch.randn(NEURONS, NEURONS, generator=random) * 4, **constants)


def record(neuron, currents):
    """Returns spikes, membranes, the number of updated membranes, and the operations of a recurrent linear layer."""
    spikes, membranes, updates, operations = [], [], 0, 0
    states = ()
    recurrent = isinstance(neuron, (snntorch.RLeaky, snntorch.RSynaptic, RadLif))
    for step in range(STEPS):
        before = states[-1] if states else None
        if recurrent and states:
            if hasattr(neuron.recurrent, "weight"):
                weight = neuron.recurrent.weight.T if isinstance(neuron, RadLif) else neuron.recurrent.weight
                operations += int(((spike[:, None, :] != 0) & (weight != 0)).sum())
            states = [spike, *states]
        spike, *states = neuron(currents[:, step], *states)
        after = states[-1]
        updates += after.numel() if before is None else int((after != before).sum())
        spikes.append(spike.to(torch.uint8))
        membranes.append(after)
    return torch.stack(spikes, 1), torch.stack(membranes, 1), updates, operations


def state(neuron):
    """Returns the state dict, without the recurrent weights of a RadLIF, which are derived from its `V`."""
    return {key: value for key, value in neuron.state_dict().items() if not (isinstance(neuron, RadLif) and "recurrent" in key)}


def main():
    random = torch.Generator().manual_seed(20260622)
    tensors = {}
    for name, neuron in cases(random):
        currents = torch.randn(SAMPLES, STEPS, NEURONS, generator=random) * 0.6 + 0.15
        # Steps without input, in which membranes decay, and one neuron without any input.
        currents *= torch.rand(currents.shape, generator=random) < 0.6
        currents[:, :, -1] = 0
        if name.startswith("radlif"):
            currents = currents.relu() * 20
        with torch.no_grad():
            spikes, membranes, updates, operations = record(neuron, currents)
        tensors |= {f"{name}.0.{key}": value.detach().clone() for key, value in state(neuron).items()}
        tensors[f"{name}.currents"] = currents
        tensors[f"{name}.spikes"] = spikes
        tensors[f"{name}.membranes"] = membranes
        tensors[f"{name}.updates"] = torch.tensor(updates)
        if "_all" in name:
            tensors[f"{name}.operations"] = torch.tensor(operations)
        print(name, "spikes", int(spikes.sum()), "updates", updates, "operations", operations)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, Path(__file__).with_name("neurons.safetensors"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(20260622)
    main()
