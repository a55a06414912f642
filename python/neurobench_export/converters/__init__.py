"""Converters of modules and functions to layers.

Every file of this folder is loaded, so a new one needs no other change.
"""

import importlib
import pkgutil

from .hints import NO_LAYER, hint
from .registry import (
    FUNCTIONS,
    FunctionCall,
    LayerCall,
    LayerSpec,
    ModuleCall,
    Role,
    converter_of,
    is_neuron,
    module_name,
)

__all__ = [
    "FUNCTIONS",
    "FunctionCall",
    "LayerCall",
    "LayerSpec",
    "ModuleCall",
    "NO_LAYER",
    "Role",
    "converter_of",
    "hint",
    "is_neuron",
    "module_name",
]

for _file in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_file.name}")
