# SPDX-License-Identifier: Apache-2.0
"""Cuts the inputs of a model into batches that its input tensors take, and joins the outputs again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfsparse.errors import InvalidArgumentError

OPEN_BATCH = 32
"""Samples per run of a model whose batch axis is open: enough to share the overhead, little memory."""

Details = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class BatchPlan:
    """How many samples there are, how many go into one run, and whether a short last batch is filled up."""

    samples: int
    size: int
    fill: bool


def named_inputs(x: Any, details: Details, signature: Mapping[str, int]) -> list[np.ndarray]:
    """The inputs as one array per input tensor, in the order of `details`, cast to the tensor's type.

    Args:
        x: An array, a list of arrays, or a dictionary by name.
        details: The interpreter's description of its inputs.
        signature: Input names of the model's signature → index of the tensor.
    """
    if isinstance(x, Mapping):
        given = _by_name(x, details, signature)
    elif isinstance(x, (list, tuple)) and len(details) > 1:
        given = list(x)
    else:
        given = [x]
    if len(given) != len(details):
        names = ", ".join(detail["name"] for detail in details)
        raise InvalidArgumentError(
            "Wrong number of inputs.", expected=f"{len(details)} ({names})", received=str(len(given))
        )
    return [_cast(array, detail) for array, detail in zip(given, details, strict=True)]


def _by_name(x: Mapping[str, Any], details: Details, signature: Mapping[str, int]) -> list[Any]:
    indices = {**{detail["name"]: detail["index"] for detail in details}, **signature}
    unknown = [name for name in x if name not in indices]
    by_index = {indices[name]: array for name, array in x.items() if name in indices}
    missing = [detail["name"] for detail in details if detail["index"] not in by_index]
    if unknown or missing:
        raise InvalidArgumentError(
            "The inputs are not named as in the model.",
            expected=f"one array for each of {', '.join(signature or indices)}",
            received=", ".join(x),
        )
    return [by_index[detail["index"]] for detail in details]


def _cast(array: Any, detail: Mapping[str, Any]) -> np.ndarray:
    array = np.asarray(array)
    if not np.can_cast(array.dtype, detail["dtype"], casting="same_kind"):
        raise InvalidArgumentError(
            f"Input {detail['name']} is of the wrong type.",
            expected=np.dtype(detail["dtype"]).name,
            received=array.dtype.name,
        )
    _check_shape(array, detail)
    return np.ascontiguousarray(array, dtype=detail["dtype"])


def _check_shape(array: np.ndarray, detail: Mapping[str, Any]) -> None:
    signature = [int(size) for size in detail["shape_signature"]]
    fits = array.ndim == len(signature) and all(
        want in (-1, got) for want, got in zip(signature[1:], array.shape[1:], strict=True)
    )
    if fits and (array.ndim == 0 or len(array) > 0):
        return
    sizes = ["samples", *("any" if size == -1 else str(size) for size in signature[1:])][: len(signature)]
    raise InvalidArgumentError(
        f"Input {detail['name']} is of the wrong shape.",
        expected=f"[{', '.join(sizes)}] with at least one sample",
        received=f"{list(array.shape)}",
    )


def plan(arrays: Sequence[np.ndarray], details: Details, open_batch: int = OPEN_BATCH) -> BatchPlan:
    """Chooses the batches; every input must hold equally many samples unless it fits the model as it is.

    Args:
        arrays: One array per input tensor.
        details: The interpreter's description of its inputs.
        open_batch: Most samples of one run where the batch axis is open.

    Raises:
        InvalidArgumentError: The inputs hold different numbers of samples, or the model's own batch sizes differ.
    """
    sizes = [int(detail["shape_signature"][0]) if len(detail["shape_signature"]) else 1 for detail in details]
    lengths = [len(array) if array.ndim else 1 for array in arrays]
    if all(size == length for size, length in zip(sizes, lengths, strict=True)):
        return BatchPlan(max(lengths), max(lengths), fill=False)
    fixed = {size for size in sizes if size != -1}
    if len(set(lengths)) > 1 or len(fixed) > 1:
        names = [detail["name"] for detail in details]
        raise InvalidArgumentError(
            "The inputs do not form batches together.",
            expected="equally many samples in every input",
            received=", ".join(f"{name}: {length}" for name, length in zip(names, lengths, strict=True)),
        )
    size = max(fixed, default=min(open_batch, lengths[0]))
    return BatchPlan(lengths[0], size, fill=bool(fixed))


def split(arrays: Sequence[np.ndarray], plan: BatchPlan) -> Iterator[list[np.ndarray]]:
    """Yields the inputs of each run; a short last batch of a fixed size is filled with its last sample."""
    if plan.size == plan.samples:
        yield list(arrays)
        return
    for start in range(0, plan.samples, plan.size):
        batch = [array[start : start + plan.size] for array in arrays]
        lacking = start + plan.size - plan.samples
        if plan.fill and lacking > 0:
            batch = [np.concatenate([part, np.repeat(part[-1:], lacking, axis=0)]) for part in batch]
        yield batch


def join(parts: Sequence[Sequence[np.ndarray]], plan: BatchPlan) -> list[np.ndarray]:
    """Puts the outputs of all runs together again and drops what was filled in.

    Raises:
        InvalidArgumentError: There were several runs, and an output has no batch axis to put them together along.
    """
    if len(parts) == 1 and not plan.fill:
        return list(parts[0])
    joined = []
    for outputs in zip(*parts, strict=True):
        if outputs[0].ndim == 0 or (plan.fill and len(outputs[0]) != plan.size):
            raise InvalidArgumentError(
                "The model cannot take the samples in several runs: an output has no batch axis.",
                expected=f"{plan.size} samples at a time",
                received=f"{plan.samples} samples and an output of shape {list(outputs[0].shape)}",
            )
        joined.append(np.concatenate(outputs)[: plan.samples])
    return joined
