# SPDX-License-Identifier: Apache-2.0
"""The sections of the suite: what each measures, and what must be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tfsparse.bench.models.layers import CONV2D, FULLY_CONNECTED, LayerShape, load_shapes
from tfsparse.bench.suite.layer_points import LayerPoint, is_transformable
from tfsparse.bench.suite.network_cases import halved_cases, limited_cases
from tfsparse.bench.suite.network_points import NetworkCase, NetworkPoint
from tfsparse.bench.suite.rows import RANKING_SHARE, SHARE_OF_LIMIT, SPEEDUP, TIME_OF_DENSE, Metric, Row
from tfsparse.bench.suite.settings import Settings
from tfsparse.bench.suite.targets import Target, geometric_mean, median, worst
from tfsparse.bench.suite.zeros_points import ZerosPoint

WINNER_RATE, SHARE_OF_MACS, SHARE_OF_ZEROS = "winner rate", "share of the MACs", "share of zeros"

_CONVOLUTIONAL = ("alexnet", "vgg16", "resnet18", "resnet50")
_POINTWISE = ("mobilenet_v1", "mobilenet_v2")
_NEURON_RATES = (0.1, 0.2)
_MANY_ZEROS, _FEW_ZEROS = (0.7, 0.8, 0.9), (0.0, 0.2, 0.4)
_LARGE = 1_000_000
_TRANSFORMED_MAPS = range(14, 113)


class Point(Protocol):
    """Something that can be measured. Equal points are measured once in a run."""

    def measure(self, settings: Settings) -> list[Row]:
        """Measures it."""


@dataclass(frozen=True)
class Section:
    """A part of the suite.

    Attributes:
        name: Its name on the command line.
        title: What is measured, for people.
        setting: What differs between the columns of its table.
        metric: The figure that its table shows.
        points: What to measure.
        targets: What must be reached.
        select: Which of the points' rows belong to it.
    """

    name: str
    title: str
    setting: str
    metric: Metric
    points: Callable[[Settings], Sequence[Point]]
    targets: tuple[Target, ...]
    select: Callable[[list[Row]], list[Row]] = list


def _layers(
    settings: Settings, wanted: Callable[[LayerShape], bool], rates: Iterable[float] | None = None
) -> list[LayerPoint]:
    chosen = [shape for shape in load_shapes() if wanted(shape) and shape.weights <= settings.max_weights]
    rates = settings.rates if rates is None else tuple(rates)
    return [LayerPoint(shape, rate, threads) for shape in chosen for threads in settings.threads for rate in rates]


def _networks(settings: Settings, cases: list[NetworkCase]) -> Sequence[Point]:
    chosen = [case for case in cases if case.weights <= settings.max_weights]
    return [NetworkPoint(case, threads) for case in chosen for threads in settings.threads]


def _is_convolution(shape: LayerShape) -> bool:
    return shape.operator == CONV2D and shape.network in _CONVOLUTIONAL


def _is_pointwise(shape: LayerShape) -> bool:
    return shape.operator == CONV2D and shape.network in _POINTWISE


def _is_large_fully_connected(shape: LayerShape) -> bool:
    return shape.operator == FULLY_CONNECTED and shape.weights >= _LARGE


def _is_transformed(shape: LayerShape) -> bool:
    return shape.network in ("vgg16", "resnet18") and is_transformable(shape) and shape.height in _TRANSFORMED_MAPS


def _convolutions(settings: Settings) -> Sequence[Point]:
    return _layers(settings, _is_convolution)


def _pointwise(settings: Settings) -> Sequence[Point]:
    return _layers(settings, _is_pointwise)


def _fully_connected(settings: Settings) -> Sequence[Point]:
    return _layers(settings, _is_large_fully_connected, _NEURON_RATES)


def _all_sparse(settings: Settings) -> Sequence[Point]:
    return [*_convolutions(settings), *_pointwise(settings), *_fully_connected(settings)]


def _all_winning(settings: Settings) -> Sequence[Point]:
    every = (_is_convolution, _is_pointwise, _is_large_fully_connected)
    return _layers(settings, lambda shape: any(wanted(shape) for wanted in every), [1.0])


def _transformed(settings: Settings) -> Sequence[Point]:
    return [*_layers(settings, _is_transformed), *_layers(settings, _is_transformed, [1.0])]


def _zeros(settings: Settings) -> Sequence[Point]:
    return [
        ZerosPoint(point.shape, zeros, point.threads)
        for point in _layers(settings, _is_convolution, [1.0])
        for zeros in (*_FEW_ZEROS, *_MANY_ZEROS)
    ]


def _auto(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.kernel == "auto"]


def _direct(rows: list[Row]) -> list[Row]:
    """Every layer once: without transforms where it was measured so."""
    return list({(row.name, row.setting): row for row in sorted(rows, key=lambda row: row.kernel)}.values())


def _all_win(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.setting == 1.0]


def _some_lose(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.setting < 1.0]


def _few_zeros(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.setting in _FEW_ZEROS]


def _speedup_at(zeros: float, bound: float, how: str, select: Callable[[list[Row]], list[Row]]) -> Target:
    return Target(
        SPEEDUP,
        geometric_mean,
        bound,
        f"{zeros:.0%} zeros{how}",
        lambda rows: select([row for row in rows if row.setting == zeros]),
    )


SECTIONS = (
    Section(
        "conv",
        "Convolutions of AlexNet, VGG-16, ResNet-18 and ResNet-50",
        WINNER_RATE,
        SHARE_OF_LIMIT,
        _convolutions,
        (
            Target(SHARE_OF_LIMIT, geometric_mean, 0.95, select=_auto),
            Target(SHARE_OF_LIMIT, worst, 0.85, select=_auto),
            Target(SHARE_OF_LIMIT, geometric_mean, 0.95, "without transforms", _direct),
            Target(SHARE_OF_LIMIT, worst, 0.85, "without transforms", _direct),
        ),
    ),
    Section(
        "winograd",
        "3x3 convolutions with stride 1 of VGG-16 and ResNet-18, maps of 112x112 to 14x14",
        WINNER_RATE,
        SHARE_OF_LIMIT,
        _transformed,
        (
            Target(SHARE_OF_LIMIT, geometric_mean, 1.4, "some channels lose", _some_lose),
            Target(SPEEDUP, geometric_mean, 1.6, "every channel wins", _all_win),
        ),
        _auto,
    ),
    Section(
        "pointwise",
        "Pointwise convolutions of MobileNet-v1 and v2",
        WINNER_RATE,
        SHARE_OF_LIMIT,
        _pointwise,
        (Target(SHARE_OF_LIMIT, geometric_mean, 0.90),),
    ),
    Section(
        "fully-connected",
        "Fully connected layers of a million weights and more",
        WINNER_RATE,
        SHARE_OF_LIMIT,
        _fully_connected,
        (Target(SHARE_OF_LIMIT, geometric_mean, 0.90),),
    ),
    Section(
        "ranking",
        "Finding the winners, as a share of the whole",
        WINNER_RATE,
        RANKING_SHARE,
        _all_sparse,
        (Target(RANKING_SHARE, median, 0.03),),
        _auto,
    ),
    Section(
        "all-winning",
        "Every channel wins: nothing is saved",
        WINNER_RATE,
        TIME_OF_DENSE,
        _all_winning,
        (
            Target(TIME_OF_DENSE, geometric_mean, 1.05),
            Target(TIME_OF_DENSE, worst, 1.05),
        ),
        _auto,
    ),
    Section(
        "zeros",
        "Convolutions of AlexNet, VGG-16, ResNet-18 and ResNet-50 on inputs with zeros anywhere",
        SHARE_OF_ZEROS,
        SPEEDUP,
        _zeros,
        (
            *(_speedup_at(zeros, bound, "", _auto) for zeros, bound in zip(_MANY_ZEROS, (1.5, 2.0, 3.0), strict=True)),
            *(
                _speedup_at(zeros, bound, " without transforms", _direct)
                for zeros, bound in zip(_MANY_ZEROS, (1.2, 1.8, 2.7), strict=True)
            ),
            Target(TIME_OF_DENSE, worst, 1.05, "0 to 40 % zeros", lambda rows: _auto(_few_zeros(rows))),
            Target(
                TIME_OF_DENSE, worst, 1.05, "0 to 40 % zeros without transforms", lambda rows: _direct(_few_zeros(rows))
            ),
        ),
    ),
    Section(
        "networks",
        "Whole networks, batch 1, fully connected layers weighted by bytes",
        SHARE_OF_MACS,
        SHARE_OF_LIMIT,
        lambda settings: _networks(settings, limited_cases()),
        (Target(SHARE_OF_LIMIT, worst, 0.92),),
    ),
    Section(
        "networks-3x3",
        "Whole networks of 3x3 convolutions, batch 1, fully connected layers weighted by bytes",
        WINNER_RATE,
        SHARE_OF_LIMIT,
        lambda settings: _networks(settings, halved_cases()),
        (Target(SHARE_OF_LIMIT, worst, 1.3),),
    ),
)
"""In the order in which they are measured."""
