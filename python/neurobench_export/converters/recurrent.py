"""Recurrent layers: cells, which run one step, and layers that run a whole sequence."""

from torch import nn

from .registry import LayerSpec, ModuleCall, Role, module_layer

TENSORS = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


@module_layer(nn.RNNCell, role=Role.CELL, states=["h"])
def rnn_cell(call: ModuleCall) -> LayerSpec:
    spec = cell(call, "rnn_cell")
    spec.settings["nonlinearity"] = call.module.nonlinearity
    return spec


@module_layer(nn.LSTMCell, role=Role.CELL, states=["h", "c"])
def lstm_cell(call: ModuleCall) -> LayerSpec:
    return cell(call, "lstm_cell")


@module_layer(nn.GRUCell, role=Role.CELL, states=["h"])
def gru_cell(call: ModuleCall) -> LayerSpec:
    return cell(call, "gru_cell")


def cell(call: ModuleCall, kind: str) -> LayerSpec:
    return LayerSpec(kind, {"input_size": call.module.input_size, "hidden_size": call.module.hidden_size}, TENSORS)


@module_layer(nn.RNN, role=Role.SEQUENCE, states=["h"], least_axes=lambda module: 2)
def rnn(call: ModuleCall) -> LayerSpec:
    spec = sequence(call, "rnn")
    spec.settings["nonlinearity"] = call.module.nonlinearity
    return spec


@module_layer(nn.LSTM, role=Role.SEQUENCE, states=["h", "c"], least_axes=lambda module: 2)
def lstm(call: ModuleCall) -> LayerSpec:
    return sequence(call, "lstm")


@module_layer(nn.GRU, role=Role.SEQUENCE, states=["h"], least_axes=lambda module: 2)
def gru(call: ModuleCall) -> LayerSpec:
    return sequence(call, "gru")


def sequence(call: ModuleCall, kind: str) -> LayerSpec:
    module = call.module
    if not module.batch_first:
        call.refuse(
            "batch_first=False puts time before the samples; "
            "use batch_first=True and exchange the first two axes of its inputs"
        )
    if module.proj_size:
        call.refuse("proj_size is not supported; put a linear layer after it")
    settings = {
        "input_size": module.input_size,
        "hidden_size": module.hidden_size,
        "num_layers": module.num_layers,
        "bidirectional": module.bidirectional,
    }
    directions = ["", "_reverse"] if module.bidirectional else [""]
    ends = [f"_l{layer}{direction}" for layer in range(module.num_layers) for direction in directions]
    return LayerSpec(kind, settings, [name + end for end in ends for name in TENSORS])
