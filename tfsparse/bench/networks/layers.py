# SPDX-License-Identifier: Apache-2.0
"""What networks are made of."""

from __future__ import annotations

from typing import Protocol, TypeVar

T = TypeVar("T")


class Layers(Protocol[T]):
    """The layers that a network is described with. `T` stands for a feature map in whatever form.

    Layers with weights have a name, unique in the network, by which their winner rates are given.
    """

    def conv2d(
        self,
        name: str,
        x: T,
        outputs: int,
        kernel: int,
        stride: int = 1,
        activation: str = "relu",
        padding: str = "same",
    ) -> T:
        """Convolution with a square kernel, without groups."""

    def separable_conv2d(
        self, name: str, x: T, outputs: int, kernel: int, stride: int = 1, activation: str = "relu"
    ) -> T:
        """Convolution of each channel by itself, then a pointwise one, each with the activation."""

    def fully_connected(self, name: str, x: T, outputs: int, activation: str = "relu") -> T:
        """Product of a vector with a matrix."""

    def max_pool(self, x: T, size: int, stride: int, padding: str = "same") -> T:
        """Largest value of each square window."""

    def spatial_mean(self, x: T) -> T:
        """Mean of each channel: a vector."""

    def add(self, x: T, y: T) -> T:
        """ReLU of the sum of two maps."""

    def flatten(self, x: T) -> T:
        """The map as a vector."""
