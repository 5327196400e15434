# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions of masked data read the winners instead."""

from __future__ import annotations

import numpy as np

from tests.utils.fusion_tests import FusionTests
from tests.utils.graph_builder import GraphBuilder, run
from tfsparse.conversion.passes.fuse_depthwise_conv2d import fuse_depthwise_conv2d
from tfsparse.ops import WinnerDepthwiseConv2D


class TestFuseDepthwiseConv2D(FusionTests):
    fuse, op = fuse_depthwise_conv2d, WinnerDepthwiseConv2D
    add, filters = GraphBuilder.depthwise_conv2d, (1, 3, 3, 8)

    def test_losers_give_their_bias_not_zero(self):
        result = run(self.fused(self.convolution()))
        constant = [channel for channel in range(8) if np.ptp(result[0, ..., channel]) == 0]
        assert len(constant) == 5
        assert np.all(result[0, 0, 0, constant] != 0)

    def test_several_outputs_of_a_channel_stay(self):
        self.expect_unchanged(self.convolution(filters=(1, 3, 3, 16), depthMultiplier=2))
