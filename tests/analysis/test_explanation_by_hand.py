"""Every unit of any network is explained as its formulas say, followed by hand."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.strategies import networks
from tests.helpers.traced_by_hand import check, precedents
from xlconv import book_of, strip
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.network.network import Network


@pytest.mark.slow
@examples(60)
@given(network=networks(), fuse=st.booleans(), data=st.data())
def test_every_unit_of_any_network_is_explained_as_its_formulas_say(
    network: Network, fuse: bool, data: st.DataObject
) -> None:
    x = np.random.default_rng(0).normal(size=network.input_shape).round(2)
    seen = lift_workbook(book_of(network, strip(network, fuse=fuse), x).workbook)
    assume(len(seen.networks) == 1)
    edges = precedents(seen)
    tensors = [one for one in seen.lifted.tensors if one.source >= 0]
    for tensor in tensors:
        plane = data.draw(st.sampled_from(tensor.planes))
        i = data.draw(st.integers(0, plane.shape[0] - 1))
        j = data.draw(st.integers(0, plane.shape[1] - 1))
        check(seen, plane.cell(i, j), edges)
