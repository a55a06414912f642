"""Records two small convolutional networks of PyTorch in convolutions/: network files, weights, outputs and counts.

Operations are counted as in NeuroBench: the layer runs without a bias and with 1 for everything that is not zero, so
each output is its number of effective operations. With all weights and inputs 1, each output is its number of dense
operations.

Run it from any directory, with the packages at these versions:

    pip install torch==2.6.0 numpy==2.2.6 safetensors==0.8.0
    python record_convolutions.py
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

SEED = 20_240_229
SAMPLES = 3
FOLDER = Path(__file__).parent / "convolutions"

NETWORKS = {
    "one_axis": (
        [3, 40],
        nn.Sequential(
            nn.Conv1d(3, 6, 5, stride=2, padding=3, dilation=2, groups=3),
            nn.BatchNorm1d(6),
            nn.ReLU(),
            nn.MaxPool1d(3, stride=2, padding=1),
            nn.Conv1d(6, 4, 4, padding="same", dilation=1, bias=False),
            nn.ReLU(),
            nn.AvgPool1d(3, padding=1),
            nn.Flatten(),
            nn.BatchNorm1d(16, affine=False),
            nn.Dropout(0.25),
            nn.Linear(16, 5),
            nn.LogSoftmax(-1),
        ),
    ),
    "two_axes": (
        [2, 9, 12],
        nn.Sequential(
            nn.Conv2d(2, 6, (3, 4), stride=(1, 2), padding=(2, 1), bias=True),
            nn.ReLU(),
            nn.MaxPool2d((2, 3), stride=(2, 1), padding=(1, 1)),
            nn.BatchNorm2d(6, eps=1e-3),
            nn.ReLU(),
            nn.Conv2d(6, 8, 3, padding="same", dilation=(1, 2), groups=2),
            nn.ReLU(),
            nn.AvgPool2d(2, stride=(3, 2), padding=(1, 0)),
            nn.Conv2d(8, 8, 2, groups=8, padding="valid"),
            nn.LogSoftmax(-1),
        ),
    ),
}


def keys(module):
    """Returns the kind of a module in a network file, and its keys."""
    if isinstance(module, (nn.Conv1d, nn.Conv2d)):
        kind = "conv1d" if isinstance(module, nn.Conv1d) else "conv2d"
        names = ["in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups"]
        return kind, {name: getattr(module, name) for name in names}
    if isinstance(module, (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)):
        kind = ("max_pool" if "Max" in type(module).__name__ else "avg_pool") + type(module).__name__[-2:].lower()
        return kind, {name: getattr(module, name) for name in ["kernel_size", "stride", "padding"]}
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        kind = "batch_norm" + type(module).__name__[-2:].lower()
        return kind, {"num_features": module.num_features, "eps": module.eps}
    if isinstance(module, nn.Linear):
        return "linear", {"in_features": module.in_features, "out_features": module.out_features}
    if isinstance(module, nn.Dropout):
        return "dropout", {"p": module.p}
    return {nn.ReLU: "relu", nn.Flatten: "flatten", nn.LogSoftmax: "log_softmax"}[type(module)], {}


def toml(value):
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def network_file(name, input_shape, network):
    lines = ['format = "neurobench-network"', "version = 1", f'weights = "{name}.safetensors"']
    lines.append(f"input_shape = {toml(tuple(input_shape))}")
    for path, module in network.named_children():
        kind, settings = keys(module)
        lines += ["", "[[layers]]", f'path = "{path}"', f'kind = "{kind}"']
        lines += [f"{key} = {toml(value)}" for key, value in settings.items()]
    return "\n".join(lines) + "\n"


def operations(module, inputs, weight):
    """Counts the operations of each sample."""
    if isinstance(module, nn.Linear):
        outputs = nn.functional.linear(inputs, weight)
    else:
        function = nn.functional.conv1d if isinstance(module, nn.Conv1d) else nn.functional.conv2d
        outputs = function(inputs, weight, None, module.stride, module.padding, module.dilation, module.groups)
    return outputs.flatten(1).sum(1)


def draw(network, generator):
    """Draws weights, some of them zero, and statistics."""
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            tensor.fill_(2**24 + 1)
        elif name.endswith("running_var"):
            tensor.uniform_(0.5, 2.0, generator=generator)
        else:
            tensor.uniform_(-1.0, 1.0, generator=generator)
            if tensor.dim() > 1:
                tensor.mul_(torch.rand(tensor.shape, generator=generator) > 0.25)


@torch.no_grad()
def record(name, input_shape, network):
    generator = torch.Generator().manual_seed(SEED)
    network.eval()
    draw(network, generator)
    inputs = torch.empty(SAMPLES, *input_shape).uniform_(-2.0, 2.0, generator=generator)
    inputs *= torch.rand(inputs.shape, generator=generator) > 0.5
    connections, activations, values = {}, {}, inputs
    for path, module in network.named_children():
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            ones = [(tensor != 0).double() for tensor in (values, module.weight)]
            dense = [torch.ones_like(tensor) for tensor in ones]
            connections[path] = {
                "operations": int(operations(module, *ones).sum()),
                "dense": int(operations(module, *dense).sum()),
            }
        values = module(values)
        if isinstance(module, nn.ReLU):
            activations[path] = {"nonzero": int((values != 0).sum()), "total": values.numel()}
    (FOLDER / f"{name}.toml").write_text(network_file(name, input_shape, network))
    save_file({key: tensor.contiguous() for key, tensor in network.state_dict().items()}, FOLDER / f"{name}.safetensors")
    stored = [*network.parameters(), *network.buffers()]
    return {
        "inputs": inputs.flatten().tolist(),
        "output_shape": list(values.shape),
        "outputs": values.flatten().tolist(),
        "connections": connections,
        "activations": activations,
        "footprint": sum(tensor.numel() * tensor.element_size() for tensor in stored),
        "parameters": sum(tensor.numel() for tensor in network.parameters()),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    recorded = {name: record(name, *network) for name, network in NETWORKS.items()}
    (FOLDER / "reference.json").write_text(json.dumps(recorded) + "\n")
