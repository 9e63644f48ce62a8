"""Ready exercises: a network and what is asked of it, by name.

Only what `xlconv exercise` can be asked for by its options; names no layer's kind.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.exercises.exercise import Wanted
from xlconv.generation.generate import Look
from xlconv.presets import LESSONS, PRESETS

_FUSED = Look()


class ReadyMade(Struct, frozen=True):
    """A network preset, how it is written, and what is asked of it."""

    network: str
    wanted: Wanted
    look: Look = _FUSED


READY_MADE = {
    "first-convolution": ReadyMade(
        "first-convolution",
        Wanted(fill=("conv1", "relu1", "pool1"), hint="example"),
        Look(relu="separate"),
    ),
    "kernel-hunt": ReadyMade("edges", Wanted(blank=("conv1.weight[0]", "conv1.weight[1]"))),
    "shapes": ReadyMade("stride2", Wanted(shapes=True)),
    "find-the-mistake": ReadyMade("conv-example", Wanted(mistakes=5)),
}
NETWORKS = (*READY_MADE, *LESSONS, *PRESETS)


def with_ready_made(
    name: str | None, wanted: Wanted, look: Look
) -> tuple[str | None, Wanted, Look]:
    """Return the network's preset, and what is asked of it and how it looks.

    What a ready exercise asks is left out where something is asked for; language, seed and
    hint count in any case, and so does each choice of the look.
    """
    ready = READY_MADE.get(name or "")
    if ready is None:
        return name, wanted, look
    asked = (wanted.blank, wanted.fill, wanted.mistakes, wanted.shapes, wanted.kernels)
    if not any(asked):
        hint = ready.wanted.hint if wanted.hint == "none" else wanted.hint
        wanted = replace(
            ready.wanted, seed=wanted.seed, hint=hint, language=wanted.language, title=name or ""
        )
    return ready.network, wanted, replace(look, relu=look.relu or ready.look.relu)
