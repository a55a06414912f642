"""The network file and the file of its weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save

from .errors import ExportError
from .graph import Layer
from .network import Network


def toml(value: Any) -> str:
    """Returns a value as TOML."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    # Strings, numbers and booleans of JSON are the same in TOML.
    return json.dumps(value, ensure_ascii=False)


def write_network(
    destination: str | Path, head: dict[str, Any], network: Network, layers: dict[str, Layer], force: bool
) -> Path:
    """Writes a network file and, if there are tensors, its weights. Returns the path of the network file."""
    stem = file_stem(Path(destination))
    tensors = {f"{path}.{name}": tensor for path, layer in layers.items() for name, tensor in layer.tensors.items()}
    path = Path(f"{stem}.toml")
    files = {path: network_text(f"{stem.name}.safetensors" if tensors else None, head, network).encode()}
    if tensors:
        # `save_file` would create a file that only its owner can read.
        stored = save({name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()})
        files = {Path(f"{stem}.safetensors"): stored} | files
    try:
        for file, contents in files.items():
            if not force and file.exists() and file.read_bytes() != contents:
                raise ExportError(
                    f"{file} exists with other contents; write to another path (--out), or overwrite it with --force"
                )
        stem.parent.mkdir(parents=True, exist_ok=True)
        for file, contents in files.items():
            file.write_bytes(contents)
    except OSError as error:
        raise ExportError(f"{stem} cannot be written: {error}; write to another path (--out)") from error
    return path


def file_stem(destination: Path) -> Path:
    """Returns the path of the files without their extensions."""
    if destination.is_dir():
        return destination / "network"
    return destination.with_suffix("") if destination.suffix == ".toml" else destination


def network_text(weights: str | None, head: dict[str, Any], network: Network) -> str:
    lines = ['format = "neurobench-network"', "version = 1"]
    if weights is not None:
        lines.append(f"weights = {toml(weights)}")
    lines += [f"{key} = {toml(value)}" for key, value in head.items()]
    if network.output != network.entries[-1]["path"]:
        lines.append(f"output = {toml(network.output)}")
    for entry in network.entries:
        lines += ["", "[[layers]]", *(f"{key} = {toml(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"
