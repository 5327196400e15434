# SPDX-License-Identifier: Apache-2.0
"""The curves hold what masking each layer alone gives, and their pictures show every layer."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import tfsparse as ts
from tfsparse.errors import InvalidArgumentError
from tfsparse.search import sensitivity
from tfsparse.search.curves import Curve, Point


@pytest.fixture(scope="module")
def found(digits):
    return sensitivity(digits.model, *digits.validation, shares=[0.2, 0.5], sparsities=True, verbose=False)


def test_points_are_those_of_models_masked_in_one_layer(digits, found):
    x, y = digits.validation
    curve = found.curves[1]
    assert (curve.name, curve.layers, curve.units) == ("winners of conv3", ("conv3",), 96)
    assert [point.level for point in curve.points] == [48, 19]
    for point in curve.points:
        masked = ts.sparsify(digits.model, {"conv3": point.share})
        right = np.argmax(masked.predict(x, verbose=0), axis=1) == y
        assert point.accuracy == pytest.approx(right.mean())
        assert point.macs == ts.profile(masked, x[:1]).macs_after_wta
    assert found.accuracy == pytest.approx((np.argmax(digits.model.predict(x, verbose=0), 1) == y).mean())
    assert found.macs == ts.profile(digits.model, x[:1]).macs


def test_every_mask_and_every_kernel_has_a_curve(found):
    assert [curve.name for curve in found.curves if curve.kind == "weights"] == [
        "weights of conv1",
        "weights of conv2",
        "weights of conv3",
        "weights of conv4",
        "weights of logits",
    ]
    assert json.loads(found.to_json())["curves"][0]["points"][0].keys() == {
        "level",
        "share",
        "accuracy",
        "loss",
        "macs",
    }


def test_the_model_stays_as_it_is(digits, found):
    before = digits.model.get_weights()
    sensitivity(digits.model, digits.test[0][:9], digits.test[1][:9], shares=[0.1], sparsities=True, verbose=False)
    for old, new in zip(before, digits.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_lowest_share_ends_where_accuracy_first_falls_below():
    points = [Point(level, level / 10, accuracy, 0.0, 0) for level, accuracy in ((8, 0.9), (6, 0.7), (4, 0.95))]
    curve = Curve("winners of a", "winners", ("a",), 10, tuple(points))
    assert (curve.lowest_share(0.85), curve.lowest_share(0.7), curve.lowest_share(0.99)) == (0.8, 0.4, 1.0)


def test_the_table_names_every_layer(found):
    lines = str(found).splitlines()
    assert "validation" not in lines[0]
    assert f"{found.samples} samples" in lines[0]
    assert [line.split()[2] for line in lines[4:]] == [curve.layers[0] for curve in found.curves]


@pytest.mark.parametrize("copies", [1, 12], ids=["lines", "heat map"])
def test_the_picture_names_every_layer_as_it_is_written(found, tmp_path, copies):
    curves = [
        replace(curve, layers=(f"_{curve.layers[0]}$_{copy}$",)) for curve in found.curves for copy in range(copies)
    ]
    replace(found, curves=tuple(curves)).plot(tmp_path / "sensitivity.svg")
    drawn = (tmp_path / "sensitivity.svg").read_text()
    assert all(curve.layers[0] in drawn for curve in curves)
    assert "winner rate" in drawn
    assert "share of weights" in drawn


def test_shares_outside_the_range_are_refused(digits):
    for shares in ([], [0.5, 0.0], [1.5]):
        with pytest.raises(InvalidArgumentError, match="shares"):
            sensitivity(digits.model, *digits.validation, shares=shares, verbose=False)
    with pytest.raises(InvalidArgumentError, match="ends in"):
        sensitivity(digits.model, *digits.validation, shares=[0.5], verbose=False).plot("picture.bmp")


def test_it_tells_how_far_it_is_on_standard_error(digits, capsys):
    sensitivity(digits.model, digits.test[0][:9], digits.test[1][:9], shares=[0.5])
    told = capsys.readouterr()
    assert "Sensitivity: 5 steps" in told.err
    assert told.out == ""
