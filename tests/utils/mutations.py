# SPDX-License-Identifier: Apache-2.0
"""Damaged copies of a file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

EXTREMES = (0, 1, -1, 2**31 - 1, -(2**31), 2**16, 255, 7)


def mutations(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yields damaged copies.

    Args:
        content: The file.
        count: How many copies.
        seed: Of the random numbers.
    """
    generator = np.random.default_rng(seed)
    for index in range(count):
        yield _KINDS[index % len(_KINDS)](bytearray(content), generator)


def _bit_flips(data: bytearray, generator: np.random.Generator) -> bytes:
    for position in generator.integers(len(data), size=generator.integers(1, 4)):
        data[position] ^= 1 << int(generator.integers(8))
    return bytes(data)


def _truncation(data: bytearray, generator: np.random.Generator) -> bytes:
    return bytes(data[: generator.integers(len(data))])


def _splice(data: bytearray, generator: np.random.Generator) -> bytes:
    start, target = generator.integers(len(data), size=2)
    part = data[start : start + generator.integers(1, 64)]
    data[target : target + len(part)] = part
    return bytes(data)


def _insertion(data: bytearray, generator: np.random.Generator) -> bytes:
    position = generator.integers(len(data))
    data[position:position] = generator.bytes(int(generator.integers(1, 9)))
    return bytes(data)


def _extreme_number(data: bytearray, generator: np.random.Generator) -> bytes:
    position = int(generator.integers(len(data) // 4)) * 4
    value = int(generator.choice(EXTREMES)) if generator.random() < 0.5 else int(generator.integers(0, 40))
    data[position : position + 4] = value.to_bytes(4, "little", signed=True)
    return bytes(data)


def _byte(data: bytearray, generator: np.random.Generator) -> bytes:
    data[generator.integers(len(data))] = generator.integers(256)
    return bytes(data)


_KINDS = (_bit_flips, _extreme_number, _byte, _splice, _extreme_number, _bit_flips, _truncation, _insertion)
