"""Export a PyTorch or snnTorch module as a network that neurobench runs: NAME.toml and NAME.safetensors.

    pip install torch==2.6.0 snntorch==1.0.0 safetensors==0.8.0 numpy==2.2.6
    python export_snntorch.py package.module:factory --input-shape 2 32 32 --time-steps --out model

`factory` is a function without arguments that returns the module, or the module itself. From Python:

    from export_snntorch import export
    export(module, "model", input_shape=[2, 32, 32], time_steps=True)

snntorch is needed only if the module contains neurons from it. Tensors keep the names and types that they have in the
state dict, so the footprint is the same as in PyTorch.

How it works
------------
The module runs in evaluation mode, on tensors that remember which layer they come from. The modules and functions that
it calls on them become the layers of the file. Nothing is guessed: if a network file cannot express something, or would
compute it differently, the export fails with an error that names the place and the remedy. A branch that depends on the
values of tensors is such an error. A branch that depends on Python values is followed as in this run.

Supported modules
-----------------
* Any nesting of containers and your own modules whose `forward` calls each layer once, adds and concatenates outputs
  (`a + b`, `torch.cat`), and uses functions that are also layers (`relu`, `flatten`, `max_pool2d`, `log_softmax`, ..).
  A function becomes a layer with the name of the function. A recurrence over the samples of a batch is not supported.
* `time_steps=True`: the module is one time step, called with `[batch, ..input_shape]` again and again. Neurons either
  keep their state themselves (`init_hidden=True`), or `forward` takes the states after the input, passes each to its
  neuron or cell, and returns the new ones.
* `loop_axis=0` or `1`: `forward` takes a whole sequence, with time on that axis, loops over it with `x[step]` or
  `x[:, step]`, and returns `torch.stack` of the outputs. Spikes of the step before may return to layers. The module
  runs on 7 steps and on 16, and both runs must give the same network. With `steps`, an example or `--check`, it runs
  once, on that number of steps. A branch on the step is followed as in this run: behavior at later steps is not seen.
* `carries_state=True`: as `time_steps`, for a network whose samples are the steps of one sequence.
* None of these: the module takes `[batch, ..input_shape]` once, and neurons and cells run one step. `nn.RNN`, `nn.LSTM`
  and `nn.GRU` (with `batch_first=True`) take whole sequences here.

If `forward` returns several tensors, `readout` selects the output of the network; the first is the default. It may be a
membrane.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy
from torch import nn

from .comparison import check
from .converters import is_neuron
from .errors import ExportError, one_line
from .exporter import export
from .load import load_module, load_state, read_inputs


def main() -> None:
    """Runs the command line."""
    arguments = parser().parse_args()
    try:
        module = load_module(arguments.module)
        if arguments.state_dict:
            load_state(module, arguments.state_dict)
        path = run(module, arguments)
    except (ExportError, OSError) as error:
        sys.exit(f"error: {error}")
    neurons = [part for part in module.modules() if is_neuron(part)]
    if neurons and not (arguments.time_steps or arguments.carries_state or arguments.loop_axis is not None):
        print(
            f"note: the network has neurons with state ({type(neurons[0]).__name__}) but no time steps, so they run "
            "one step "
            "from rest; for inputs of shape [sample, step, ..], pass --time-steps",
            file=sys.stderr,
        )
    print(path)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "module", help="export this module: package.module:factory, a function that returns it, or the module itself"
    )
    parser.add_argument("--state-dict", metavar="FILE", help="load this state dict, written by torch.save, first")
    parser.add_argument(
        "--input-shape", type=int, nargs="*", metavar="N", help="set the shape of one sample at one time step"
    )
    parser.add_argument("--time-steps", action="store_true", help="treat the module as one time step")
    parser.add_argument(
        "--loop-axis", type=int, choices=[0, 1], help="treat this axis of the input as time, over which forward loops"
    )
    parser.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help="run a module that loops on N steps [default: those of the inputs of --check, else 7 and 16]",
    )
    parser.add_argument("--carries-state", action="store_true", help="treat the samples as the steps of one sequence")
    parser.add_argument(
        "--readout",
        type=int,
        default=0,
        metavar="INDEX",
        help="use this one of the tensors that forward returns as the output, counted from 0 [default: 0]",
    )
    parser.add_argument(
        "--learned-constants-as-buffers", action="store_true", help="count learned constants of neurons as buffers"
    )
    parser.add_argument(
        "--out",
        default="network",
        metavar="PATH",
        help="write the files to this path without extension, or into this folder [default: network]",
    )
    parser.add_argument(
        "--force", action="store_true", help="overwrite existing network files that have other contents"
    )
    parser.add_argument(
        "--check",
        metavar="INPUT.npy",
        help="run the module on these inputs too, and write a benchmark that compares the network file with it",
    )
    return parser


def run(module: nn.Module, arguments: argparse.Namespace) -> Path:
    """Exports and, if requested, checks a module. Returns the path of the network file."""
    names = ["time_steps", "loop_axis", "carries_state", "readout"]
    options = {name: getattr(arguments, name) for name in names}
    inputs = read_inputs(arguments.check) if arguments.check else None
    steps = arguments.steps
    if steps is None and inputs is not None and arguments.loop_axis is not None and inputs.ndim > 1:
        steps = inputs.shape[1]
    path = export(
        module,
        arguments.out,
        arguments.input_shape,
        steps=steps,
        force=arguments.force,
        learned_constants_as_buffers=arguments.learned_constants_as_buffers,
        **options,
    )
    if inputs is not None:
        check_inputs(module, path, inputs, arguments.check, options)
    return path


def check_inputs(module: nn.Module, path: Path, inputs: numpy.ndarray, file: str, options: dict[str, Any]) -> None:
    try:
        check(module, path, inputs, **options)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise ExportError(
            f"{file}: the module fails on inputs of shape {list(inputs.shape)}: {one_line(error)}; pass inputs that it "
            f"takes ({path} is already written and is kept)"
        ) from error
