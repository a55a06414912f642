"""The options of a run of the module."""

from __future__ import annotations

import dataclasses

import torch


@dataclasses.dataclass(frozen=True)
class Options:
    """Options that stay the same in all runs of an export."""

    dtype: torch.dtype
    # The module is one time step, which is called again and again.
    stepped: bool
    # The axis of time of a module that loops over it.
    loop_axis: int | None = None
    # Index of the tensor, among those that `forward` returns, that is the output of the network.
    readout: int = 0
    learned_constants_as_buffers: bool = False

    @property
    def looped(self) -> bool:
        return self.loop_axis is not None

    @property
    def sample_axis(self) -> int:
        return 0 if self.loop_axis is None else 1 - self.loop_axis
