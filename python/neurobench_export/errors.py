"""The error of the exporter."""


class ExportError(ValueError):
    """A module, an argument or a file that cannot be exported: what is wrong, where, and what to do."""


def one_line(error: BaseException) -> str:
    """Returns the type and the text of an exception on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
