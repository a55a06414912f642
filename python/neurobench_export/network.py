"""The network of a run: the entries of its layers, in the order of the network file, and its output."""

from __future__ import annotations

import dataclasses
from typing import Any

from .errors import ExportError
from .graph import Graph, Layer
from .meaning import INPUT, Term

Entry = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Network:
    """A network as its file describes it."""

    # The path of the output layer.
    output: str
    entries: list[Entry]


@dataclasses.dataclass(frozen=True)
class Source:
    """An input of a layer: a layer, the number of steps between its output and its use, and which output it is."""

    layer: str
    delay: int
    membrane: bool


def network_of(graph: Graph, output: Term) -> Network:
    """Returns the network of a run, after checking that every step of it does the same."""
    layers = graph.layers
    check_step_counts(layers)
    inputs = {path: layer_inputs(layer) for path, layer in layers.items()}
    check_delays(inputs)
    entries, before = [], INPUT
    for path, layer in layers.items():
        entries.append(entry(layer, inputs[path], before, layers))
        before = path
    if output.layer == INPUT:
        raise ExportError("the module returns its inputs; return the outputs of a layer")
    membranes = membrane_layers(layers, inputs, output)
    for each in entries:
        if each["path"] in membranes:
            each["output"] = "membrane"
    return Network(output.layer, entries)


def check_step_counts(layers: dict[str, Layer]) -> None:
    if not layers:
        raise ExportError("the module returns its inputs and has no layer; export a module with layers")
    if len({len(layer.calls) for layer in layers.values() if layer.kind != "constant"}) > 1:
        counts = ", ".join(f"`{layer.path}` {len(layer.calls)}" for layer in layers.values())
        raise ExportError(
            f"layers run different numbers of times ({counts}), but in a network file every layer runs once at each "
            "step; call each layer once at each step"
        )


def layer_inputs(layer: Layer) -> list[Source]:
    """Returns the inputs of a layer, which must be the same at every step. Delayed ones are absent at first."""
    by_step = {
        step: [Source(term.layer, step - term.step, term.membrane) for term in terms]
        for step, terms in layer.calls.items()
    }
    first_step = min(by_step)
    first, last = by_step[first_step], by_step[max(by_step)]
    if not last and layer.kind != "constant":
        raise ExportError(f"`{layer.path}` takes only zeros; call it with the input or with outputs of a layer")
    settled = [inputs for step, inputs in by_step.items() if step > first_step]
    undelayed = [source for source in last if source.delay == 0 or len(by_step) == 1]
    if any(inputs != last for inputs in settled) or first != undelayed:
        raise ExportError(
            f"`{layer.path}` takes different inputs at different steps, but a network file does the same at every "
            "step; give it the same inputs at all steps"
        )
    return last


def check_delays(inputs: dict[str, list[Source]]) -> None:
    """Checks that inputs come from the same step, or from the step before if the source is this or a later layer."""
    order = {path: place for place, path in enumerate(inputs)}
    for path, sources in inputs.items():
        for source in sources:
            feedback = source.layer != INPUT and order[source.layer] >= order[path]
            if (source.delay == 1) != feedback or source.delay > 1:
                steps = "1 step" if source.delay == 1 else f"{source.delay} steps"
                raise ExportError(
                    f"`{path}` takes the outputs of `{source.layer}` from {steps} before, which the order of the "
                    "layers cannot express; use outputs of an earlier layer at the same step, or of a later one at the "
                    "step before"
                )


def entry(layer: Layer, inputs: list[Source], before: str, layers: dict[str, Layer]) -> Entry:
    """Returns the keys of a layer. `before` is the layer in front of it, whose outputs it takes by default."""
    keys: Entry = {"path": layer.path, "kind": layer.kind}
    names = [source.layer for source in inputs]
    if names != [before]:
        keys["inputs"] = names
    if inputs and all(source.delay == 1 for source in inputs):
        # A reader of the file has not seen these layers yet.
        keys["input_shape"] = list(layers[names[0]].shape)
    return keys | layer.settings


def membrane_layers(layers: dict[str, Layer], inputs: dict[str, list[Source]], output: Term) -> set[str]:
    """Returns the neurons whose output is their membrane, after checking that no spikes of theirs are used."""
    used = [source for sources in inputs.values() for source in sources]
    used.append(Source(output.layer, 0, output.membrane))
    neurons = [source for source in used if source.layer != INPUT and layers[source.layer].is_neuron]
    membranes = {source.layer for source in neurons if source.membrane}
    both = sorted(membranes & {source.layer for source in neurons if not source.membrane})
    if both:
        raise ExportError(
            f"both the spikes and the membranes of `{both[0]}` are used, but a network file passes on only one of "
            "them; use one of them"
        )
    return membranes
