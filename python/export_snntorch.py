"""Exports a PyTorch or snnTorch module as a network file: the command, and the functions of `neurobench_export`."""

from neurobench_export import ExportError, at_rest, carried_states, check, export, main, outputs_of

__all__ = ["ExportError", "at_rest", "carried_states", "check", "export", "main", "outputs_of"]

if __name__ == "__main__":
    main()
