"""Modules that loop over time: the numbers of steps that they run on, and the checks that these runs agree."""

from __future__ import annotations

import itertools

from .errors import ExportError
from .network import Network

# The numbers of steps of the two runs of a module that loops. They have no common divisor, so that a dependence on the
# number of steps becomes visible, and they are small, because every tensor of a run is kept.
STEPS = (7, 16)
# With fewer steps, a state and a delay of several steps look like a start from zeros.
FEWEST_STEPS = 3


def check_steps(steps: int) -> None:
    if steps < FEWEST_STEPS:
        raise ExportError(
            f"a loop over time must run on at least {FEWEST_STEPS} steps to show how it goes from step to step, not on "
            f"{steps}; pass more steps (--steps)"
        )


def steps_hint(steps: int) -> str:
    """Returns the end of a message about a run whose number of steps the exporter chose."""
    return f"; it ran on {steps} steps, a default: set the number of steps with steps (--steps) or an example (--check)"


def check_same(one: Network, two: Network) -> None:
    """Checks that a module that loops is the same network for both numbers of steps."""
    for entries in itertools.zip_longest(one.entries, two.entries, fillvalue={"path": "nothing"}):
        if entries[0] != entries[1]:
            places = " and ".join(dict.fromkeys(f"`{entry['path']}`" for entry in entries))
            raise ExportError(
                "the module does something different at some steps, or depends on the number of steps: the networks of "
                f"{STEPS[0]} and of {STEPS[1]} steps first differ at {places}; "
                "a network file does the same at every step, so do the same at all of them"
            )
    if one.output != two.output:
        raise ExportError(
            f"the output depends on the number of steps: it is `{one.output}` for {STEPS[0]} steps and `{two.output}` "
            f"for {STEPS[1]} steps; return the outputs of one layer"
        )
