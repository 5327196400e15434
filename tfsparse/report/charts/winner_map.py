# SPDX-License-Identifier: Apache-2.0
"""How often each channel or neuron wins, and how much the winners of two samples have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from tfsparse.report.chart import Chart, DataTable
from tfsparse.report.numbers import decimal, percent
from tfsparse.report.theme import WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tfsparse.report.mask_winners import MaskWinners

TITLE = "Winners"
MOST_PANELS = 6
_MOST_COLUMNS = 256
_ALWAYS = 0.99


def winner_map(masks: Sequence[MaskWinners], samples: int) -> Chart:
    """Draws the share of samples in which each channel or neuron wins, by class; for many masks, one row for each.

    Args:
        masks: At least one.
        samples: Number of samples that were looked at.
    """
    panels = len(masks) <= MOST_PANELS
    figure = _panels(masks) if panels else _rows(masks)
    rows = "A row is a class of samples" if panels else "A row is a mask, first to last"
    return Chart(
        key="winners",
        title=TITLE,
        caption=(
            f"{rows}, a column a channel or neuron, the most frequent winner first; its brightness is the share of the "
            f"{samples:,} test samples in which it wins. Rows that differ mean that each image has winners of its own; "
            "columns of one brightness mean that some channels could be removed for good."
        ),
        alt="; ".join(_sentence(mask) for mask in masks[:MOST_PANELS]),
        figure=figure,
        table=DataTable(
            ("mask", "units", "win on average", "always win", "never win", "overlap", "within a class", "by chance"),
            [_cells(mask) for mask in masks],
        ),
    )


def _panels(masks: Sequence[MaskWinners]) -> Figure:
    classes = max(len(mask.by_class) for mask in masks)
    figure = Figure(figsize=(WIDTH, (0.75 + 0.13 * classes) * len(masks) + 0.5))
    all_axes = figure.subplots(len(masks), 1, squeeze=False)[:, 0]
    for axes, mask in zip(all_axes, masks, strict=True):
        order = np.argsort(-mask.frequency, kind="stable")
        _show(axes, mask.by_class[:, order], mask.units)
        axes.set_title(f"{mask.name}: {mask.units:,} {mask.unit}s, {percent(mask.winning, digits=0)} win")
        axes.set_yticks(range(0, classes, 1 + classes // 6))
        axes.set_ylabel("class")
    all_axes[-1].set_xlabel("channels or neurons, the most frequent winner first")
    _color_bar(figure, list(all_axes))
    return figure


def _rows(masks: Sequence[MaskWinners]) -> Figure:
    figure = Figure(figsize=(WIDTH, 1.6 + 0.2 * len(masks)))
    axes = figure.subplots()
    columns = np.linspace(0, 1, _MOST_COLUMNS)
    image = [np.interp(columns, np.linspace(0, 1, mask.units), np.sort(mask.frequency)[::-1]) for mask in masks]
    _show(axes, np.array(image), 100)
    axes.set_yticks(range(len(masks)), [mask.name for mask in masks], size=7)
    axes.set_xlabel("channels or neurons, the most frequent winner first, %")
    _color_bar(figure, [axes])
    return figure


def _show(axes: Axes, image: np.ndarray, width: int) -> None:
    """Shows rows of frequencies; where there are too many columns to be seen apart, neighbours are averaged."""
    if image.shape[1] > _MOST_COLUMNS:
        parts = np.array_split(np.arange(image.shape[1]), _MOST_COLUMNS)
        image = np.stack([image[:, part].mean(axis=1) for part in parts], axis=1)
    extent = (0, width, len(image) - 0.5, -0.5)
    axes.imshow(image, aspect="auto", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    axes.grid(False)


def _color_bar(figure: Figure, all_axes: list[Axes]) -> None:
    image = all_axes[0].images[0]
    bar = figure.colorbar(image, ax=all_axes, label="share of samples in which it wins, %", location="top", aspect=40)
    bar.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])


def _cells(mask: MaskWinners) -> list[str]:
    always, never = np.mean(mask.frequency >= _ALWAYS), np.mean(mask.frequency == 0)
    by_chance = mask.winning / (2 - mask.winning) if mask.winning else None
    return [
        mask.name,
        f"{mask.units:,}",
        percent(mask.winning, digits=1),
        percent(float(always), digits=1),
        percent(float(never), digits=1),
        *(decimal(overlap, 2) for overlap in (mask.overlap, mask.overlap_within_class, by_chance)),
    ]


def _sentence(mask: MaskWinners) -> str:
    overlap = "" if mask.overlap is None else f", and the winners of two samples overlap by {mask.overlap:.2f}"
    return f"{mask.name}: {percent(mask.winning, digits=1)} of {mask.units:,} {mask.unit}s win on average{overlap}"
