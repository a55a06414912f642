"""Exports PyTorch and snnTorch modules as network files of neurobench.

A run of the module is followed by `tracer`, which collects layers in a `graph`. `converters` holds the conversion of
each module and function, `network` turns the graph into the entries of the file, and `files` writes it. `command` is
the command line; its text explains which modules are supported.
"""

from .command import main
from .comparison import carried_states, check
from .errors import ExportError
from .exporter import export
from .rest import at_rest
from .tensors import outputs_of

__all__ = ["ExportError", "at_rest", "carried_states", "check", "export", "main", "outputs_of"]
