"""Runs the command line, for `python -m neurobench_export`."""

from .command import main

if __name__ == "__main__":
    main()
