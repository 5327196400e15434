# SPDX-License-Identifier: Apache-2.0
"""Convolutions of masked data read the winners instead."""

from __future__ import annotations

from tests.utils.fusion_tests import FusionTests
from tests.utils.graph_builder import GraphBuilder
from tfsparse.conversion.passes.fuse_conv2d import fuse_conv2d
from tfsparse.ops import WinnerConv2D


class TestFuseConv2D(FusionTests):
    fuse, op = fuse_conv2d, WinnerConv2D
    add, filters = GraphBuilder.conv2d, (4, 3, 3, 8)

    def test_groups_stay(self):
        self.expect_unchanged(self.convolution(filters=(4, 3, 3, 2)))
