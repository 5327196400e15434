# SPDX-License-Identifier: Apache-2.0
"""What every pass that fuses masked convolutions must do, whatever their kind."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.remove_dead import remove_dead
from tfsparse.ops import WinnerOp

ACTIVATION = schema.ActivationFunctionType


class FusionTests:
    """Tests of the pass `fuse`, which makes `op` of what `add` adds to a graph; its filter has the shape `filters`."""

    fuse: ClassVar[Callable[[schema.ModelT], Any]]
    op: ClassVar[type[WinnerOp]]
    add: ClassVar[Callable[..., int]]
    filters: ClassVar[tuple[int, ...]]

    def convolution(self, unit: str = "channel", filters: tuple[int, ...] | None = None, **changes) -> schema.ModelT:
        """Two samples of eight channels, of which three win."""
        builder = GraphBuilder()
        y = builder.mask(builder.input([2, 5, 5, 8]), 3, unit)
        return builder.model(type(self).add(builder, y, random(*(filters or self.filters)), **changes))

    def fused(self, model: schema.ModelT) -> schema.ModelT:
        changed = copy.deepcopy(model)
        type(self).fuse(changed)
        remove_dead(changed)
        return changed

    def options(self, model: schema.ModelT) -> WinnerOp:
        fused = self.fused(model)
        return options_of(fused.subgraphs[0].operators[-1], fused)

    def expect_unchanged(self, model: schema.ModelT) -> None:
        assert names(self.fused(model)) == names(model)

    @pytest.mark.parametrize(
        "activation", [ACTIVATION.NONE, ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1], ids=str
    )
    def test_fuses_and_keeps_the_result(self, activation):
        model = self.convolution(fusedActivationFunction=activation)
        fused = self.fused(model)
        assert names(fused) == ["SelectWinners", self.op.NAME.removeprefix("TfSparse")]
        np.testing.assert_allclose(run(fused), run(model), rtol=0, atol=1e-5)

    def test_takes_over_the_options(self):
        changes = {"strideH": 2, "strideW": 3, "padding": schema.Padding.VALID}
        options = self.options(self.convolution(fusedActivationFunction=ACTIVATION.RELU6, **changes))
        assert options == self.op(options.layer, 2, 3, 1, 1, "valid", "relu6")

    def test_takes_over_the_dilation(self):
        options = self.options(self.convolution(dilationHFactor=2, dilationWFactor=1))
        assert (options.dilation_h, options.dilation_w) == (2, 1)

    def test_takes_over_filter_and_bias(self):
        model = self.convolution()
        assert self.fused(model).subgraphs[0].operators[-1].inputs[2:].tolist() == [
            index - 1 for index in model.subgraphs[0].operators[-1].inputs[1:].tolist()
        ], "the masked tensor before them is gone"

    def test_a_bias_that_is_left_out_is_left_out(self):
        model = self.convolution()
        convolution = model.subgraphs[0].operators[-1]
        convolution.inputs = convolution.inputs[:2]
        assert self.fused(model).subgraphs[0].operators[-1].inputs[3] == -1

    def test_winners_among_neurons_stay_masked(self):
        self.expect_unchanged(self.convolution("neuron"))

    def test_an_activation_that_the_operator_lacks_stays(self):
        self.expect_unchanged(self.convolution(fusedActivationFunction=ACTIVATION.TANH))

    def test_a_computed_filter_stays(self):
        builder = GraphBuilder()
        y = type(self).add(builder, builder.mask(builder.input([2, 5, 5, 8]), 3), random(*self.filters))
        builder._operators[-1].inputs[1] = builder.input(self.filters)
        self.expect_unchanged(builder.model(y))

    def test_what_no_mask_precedes_stays(self):
        builder = GraphBuilder()
        x = builder.input([2, 5, 5, 8])
        self.expect_unchanged(builder.model(type(self).add(builder, x, random(*self.filters))))

    def test_running_it_again_changes_nothing(self):
        once = self.fused(self.convolution())
        assert serialize(self.fused(once)) == serialize(once)
