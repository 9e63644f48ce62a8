"""Slots and stacks of boxes have room for what they hold."""

from hypothesis import given
from hypothesis import strategies as st

from xlconv.lowering.boxes import BoxGrid, Slot, Stack, best_slot

slots = st.builds(
    Slot,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.builds(BoxGrid, st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 4)),
              st.just((1, 1)), st.integers(1, 4)),
    st.booleans(),
)  # fmt: skip


@given(slots, st.integers(1, 20), st.integers(1, 60))
def test_slots_and_stacks_have_room_for_all_they_hold(slot, count, height) -> None:
    assert slot.table_top + slot.table_height <= slot.height
    stack = Stack.fitting(slot, count, height)
    assert stack.pitch >= slot.height + 2  # a caption above, a free row below


def test_stacks_are_even_and_slots_as_high_as_there_is_room() -> None:
    stack = Stack.fitting(Slot((1, 1)), 5, 14)
    assert stack.rows == 3  # 3 + 2, not 4 + 1
    slot, _ = best_slot((4, 4), BoxGrid(20, (3, 3)), 1, 30, bias=True)
    assert slot.height + 2 <= 30
