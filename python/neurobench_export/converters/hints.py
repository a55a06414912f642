"""Advice for common functions that no converter takes."""

WEIGHTS = "its weights must belong to a module; use {}"
DATA_DEPENDENCE = "the module must not depend on the values of its tensors; let it depend on Python values or on shapes"
NO_LAYER = "a network file has no such layer; replace it with a supported one"

HINTS = {
    **dict.fromkeys(["linear", "matmul", "__matmul__"], WEIGHTS.format("nn.Linear")),
    "conv1d": WEIGHTS.format("nn.Conv1d"),
    "conv2d": WEIGHTS.format("nn.Conv2d"),
    "batch_norm": WEIGHTS.format("nn.BatchNorm1d, nn.BatchNorm2d or nn.BatchNorm3d"),
    "embedding": WEIGHTS.format("nn.Embedding"),
    **dict.fromkeys(["__bool__", "item", "tolist", "numpy"], DATA_DEPENDENCE),
    "mul": "a network file has no products of outputs; put a factor into the weights of the layer before or after",
    "div": "a network file has no quotients of outputs; put a factor into the weights of the layer before or after",
    "sub": "a network file has no differences of outputs; put the sign into the weights of the layer before",
    "mean": (
        "for a mean over time steps, return all steps and let the postprocessor `aggregate` sum them, which predicts "
        "the same classes; for a mean over rows and columns, use nn.AdaptiveAvgPool2d"
    ),
    "sum": "for a sum over time steps, return all steps and let the postprocessor `aggregate` sum them",
}


def hint(function: str) -> str:
    return HINTS.get(function, NO_LAYER)
