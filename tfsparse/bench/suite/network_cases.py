# SPDX-License-Identifier: Apache-2.0
"""The networks that are measured, and the winner rates that they run at."""

from __future__ import annotations

from collections.abc import Mapping

from tfsparse.bench.networks.architectures import ALEXNET, MOBILENET_V1, RESNET18, VGG16, Architecture
from tfsparse.bench.networks.costs import count
from tfsparse.bench.suite.network_points import NetworkCase

_ALEXNET_NEURONS = {"fc6": 0.277, "fc7": 0.125, "fc8": 0.119}
"""DASNet, Table III: activations kept at an energy of 99 %."""

_ALEXNET_MACS = 0.73
"""DASNet, Table II, AlexNet on ImageNet: 27 % of the MACs saved."""


def limited_cases() -> list[NetworkCase]:
    """Networks at the shares of their MACs that DASNet reports."""
    return [
        _at_share("alexnet", "DASNet's Tables II and III", ALEXNET, _ALEXNET_MACS, _ALEXNET_NEURONS),
        _at_share("resnet18", "half of the MACs", RESNET18, 0.5),
        _at_share("mobilenet_v1", "55 % of the MACs", MOBILENET_V1, 0.55),
    ]


def halved_cases() -> list[NetworkCase]:
    """Networks of 3x3 convolutions at winner rate 0.5 in every layer but the first."""
    return [
        NetworkCase(architecture.name, "winner rate 0.5", 0.5, architecture, _uniform(architecture, 0.5))
        for architecture in (VGG16, RESNET18)
    ]


def rate_for_share(architecture: Architecture, share: float, fixed: Mapping[str, float]) -> float:
    """The one winner rate of all other layers at which this share of the MACs is left.

    Args:
        architecture: The network.
        share: The share of all MACs, those of the layers that stay dense included.
        fixed: Layers whose rates are given.
    """
    layers = count(architecture)
    free = sum(layer.macs for layer in layers if _is_free(architecture, layer.name, fixed))
    held = sum(layer.macs * layer.share(fixed) for layer in layers if not _is_free(architecture, layer.name, fixed))
    return (share * sum(layer.macs for layer in layers) - held) / free


def _at_share(
    name: str, detail: str, architecture: Architecture, share: float, fixed: Mapping[str, float] | None = None
) -> NetworkCase:
    fixed = fixed or {}
    rate = rate_for_share(architecture, share, fixed)
    return NetworkCase(name, detail, share, architecture, {**_uniform(architecture, rate), **fixed})


def _uniform(architecture: Architecture, rate: float) -> dict[str, float]:
    return {layer.name: rate for layer in count(architecture) if _is_free(architecture, layer.name, {})}


def _is_free(architecture: Architecture, layer: str, fixed: Mapping[str, float]) -> bool:
    """The first layer sees the image and stays dense."""
    return layer != architecture.first and layer not in fixed
