# SPDX-License-Identifier: Apache-2.0
"""The passes in their order: from a model with markers to the finished one."""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion.passes.accelerate_dense import accelerate_dense as accelerate
from tfsparse.conversion.passes.constant_reshapes import make_reshapes_constant
from tfsparse.conversion.passes.fold_dilation import fold_dilation
from tfsparse.conversion.passes.fold_padding import fold_padding
from tfsparse.conversion.passes.fuse_conv2d import fuse_conv2d
from tfsparse.conversion.passes.fuse_depthwise_conv2d import fuse_depthwise_conv2d
from tfsparse.conversion.passes.fuse_fully_connected import fuse_fully_connected
from tfsparse.conversion.passes.fuse_ranking import fuse_ranking
from tfsparse.conversion.passes.fuse_separable_conv2d import fuse_separable_conv2d
from tfsparse.conversion.passes.lower_markers import lower_markers
from tfsparse.conversion.passes.remove_dead import remove_dead
from tfsparse.conversion.passes.sink_masks import sink_masks
from tfsparse.conversion.passes.skip_zeros import Choose, skip_zeros
from tfsparse.conversion.report import WinnerLayer, gone_layer


def run_passes(
    model: schema.ModelT, zeros: Choose | None = None, accelerate_dense: bool = False, kernel: str = "auto"
) -> list[WinnerLayer]:
    """Turns a model with markers into the finished one; changes it in place.

    Args:
        model: As `export_model` made it.
        zeros: Tells which layers without winners shall skip the zeros of their input; `None`: none.
        accelerate_dense: As in `convert`.
        kernel: As in `convert`.

    Returns:
        The layers that mask nothing and are gone.
    """
    make_reshapes_constant(model)
    fold_dilation(model)
    fold_padding(model)
    dropped = lower_markers(model)
    sink_masks(model)
    fuse_conv2d(model, kernel)
    fuse_depthwise_conv2d(model)
    fuse_separable_conv2d(model)
    fuse_fully_connected(model)
    if zeros is not None:
        remove_dead(model)  # so that it can run, to be measured
        skip_zeros(model, zeros, kernel)
    if accelerate_dense:
        accelerate(model)
    fuse_ranking(model)
    remove_dead(model)
    return [gone_layer(options, options.winners, "nothing: all win") for options in dropped]
