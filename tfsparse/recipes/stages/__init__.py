# SPDX-License-Identifier: Apache-2.0
"""The stages of a recipe, one a file: what can be set of it, and what it does."""

from tfsparse.recipes.stages.activations import ActivationsStage
from tfsparse.recipes.stages.dense import DenseStage
from tfsparse.recipes.stages.prune import PruneStage
from tfsparse.recipes.stages.shrink_weights import ShrinkWeightsStage
from tfsparse.recipes.stages.winners import WinnersStage

__all__ = ["ActivationsStage", "DenseStage", "PruneStage", "ShrinkWeightsStage", "WinnersStage"]
