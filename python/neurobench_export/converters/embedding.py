"""Embeddings: tables from which row numbers select rows."""

from torch import nn

from .registry import LayerSpec, ModuleCall, module_layer


@module_layer(nn.Embedding, takes_row_numbers=True)
def embedding(call: ModuleCall) -> LayerSpec:
    module = call.module
    if module.max_norm is not None:
        call.refuse("max_norm changes the weights while the module runs; apply it to them once and set max_norm=None")
    settings = {"num_embeddings": module.num_embeddings, "embedding_dim": module.embedding_dim}
    return LayerSpec("embedding", settings, ["weight"])
