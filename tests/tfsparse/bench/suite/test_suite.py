# SPDX-License-Identifier: Apache-2.0
"""The suite measures what its sections name, once, and its result is as the schema says."""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import replace

import jsonschema
import pytest
import referencing

from tests.tfsparse.bench.suite.test_targets import row
from tfsparse.bench.models.layers import LayerShape
from tfsparse.bench.networks.architectures import MOBILENET_V1
from tfsparse.bench.networks.costs import count, mac_share
from tfsparse.bench.result import SCHEMA_FILE as RESULT_SCHEMA_FILE
from tfsparse.bench.suite import network_cases, network_points, sections
from tfsparse.bench.suite.layer_points import LayerPoint
from tfsparse.bench.suite.network_points import NetworkCase, NetworkPoint
from tfsparse.bench.suite.result import SCHEMA_FILE, SCHEMA_VERSION
from tfsparse.bench.suite.run import find_sections, run_suite
from tfsparse.bench.suite.settings import QUICK, Settings
from tfsparse.bench.suite.zeros_points import ZerosPoint
from tfsparse.errors import InvalidArgumentError

FAST = Settings(threads=(1,), rates=(0.25, 0.5), seconds=0.01, least_rounds=2, most_rounds=3)
LAYERS = [
    LayerShape("resnet18", "transformed", "conv2d", 14, 14, 8, 16, 3, 1),
    LayerShape("resnet18", "strided", "conv2d", 8, 8, 8, 16, 3, 2),
    LayerShape("mobilenet_v1", "pointwise", "conv2d", 6, 6, 8, 16, 1, 1),
    LayerShape("alexnet", "fc", "fully_connected", 1, 1, 1000, 1000),
    LayerShape("alexnet", "small_fc", "fully_connected", 1, 1, 10, 10),
]
LAYER_SECTIONS = [section for section in sections.SECTIONS if not section.name.startswith("networks")]


def _id(case: NetworkCase) -> str:
    return f"{case.name}-{case.setting}"


@pytest.fixture
def few_layers(monkeypatch):
    monkeypatch.setattr(sections, "load_shapes", lambda: LAYERS)


@pytest.fixture
def validator():
    def load(package, name):
        return json.loads((importlib.resources.files(package) / name).read_text())

    single = load("tfsparse.bench", RESULT_SCHEMA_FILE)
    schema = load("tfsparse.bench.suite", SCHEMA_FILE)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    registry = referencing.Registry().with_resource(RESULT_SCHEMA_FILE, referencing.Resource.from_contents(single))
    return jsonschema.Draft202012Validator(schema, registry=registry)


def test_layer_is_measured_with_and_without_transforms():
    rows = LayerPoint(LAYERS[0], 0.3, 1).measure(FAST)
    assert [row.kernel for row in rows] == ["auto", "direct"]
    assert all(row.work == row.mac_share == 2 / 8 and row.setting == 0.3 for row in rows)
    assert all(row.dense_ms > 0 and row.sparse_ms > 0 and row.ranking_ms > 0 for row in rows)
    assert [row.kernel for row in LayerPoint(LAYERS[1], 0.3, 2).measure(FAST)] == ["auto"]


def test_zeros_are_measured_with_and_without_transforms():
    rows = ZerosPoint(LAYERS[0], 0.75, 1).measure(FAST)
    assert [row.kernel for row in rows] == ["auto", "direct"]
    assert all((row.setting, row.work, row.mac_share) == (0.75, 0.25, 0.25) for row in rows)


def test_sections_measure_the_layers_of_their_title(few_layers):
    result = run_suite(FAST, LAYER_SECTIONS)
    names = {section.name: {row.name for row in section.rows} for section in result.sections}
    assert names == {
        "conv": {"resnet18 transformed", "resnet18 strided"},
        "winograd": {"resnet18 transformed"},
        "pointwise": {"mobilenet_v1 pointwise"},
        "fully-connected": {"alexnet fc"},
        "ranking": {"resnet18 transformed", "resnet18 strided", "mobilenet_v1 pointwise", "alexnet fc"},
        "all-winning": {"resnet18 transformed", "resnet18 strided", "mobilenet_v1 pointwise", "alexnet fc"},
        "zeros": {"resnet18 transformed", "resnet18 strided"},
    }
    settings = {section.name: {row.setting for row in section.rows} for section in result.sections}
    assert settings["conv"] == settings["pointwise"] == {0.25, 0.5}
    assert settings["winograd"] == {0.25, 0.5, 1.0}
    assert settings["all-winning"] == {1.0}
    assert settings["fully-connected"] == {0.1, 0.2}
    assert settings["zeros"] == {0.0, 0.2, 0.4, 0.7, 0.8, 0.9}
    assert len(result.sections[-1].verdicts) == 8


def test_what_several_sections_need_is_measured_once(few_layers):
    steps = []

    class Bar:
        def __init__(self, name, total):
            self.name, self.total = name, total

        def __enter__(self):
            return lambda: steps.append(self.name)

        def __exit__(self, *_):
            assert steps.count(self.name) == self.total

    shown = []
    run_suite(FAST, LAYER_SECTIONS, bar=Bar, show=lambda section: shown.append(section.name))
    assert shown == [section.name for section in LAYER_SECTIONS]
    assert {name: steps.count(name) for name in shown} == {
        "conv": 4, "winograd": 1, "pointwise": 2, "fully-connected": 2, "ranking": 0, "all-winning": 3,
        "zeros": 12,
    }  # fmt: skip


def test_result_fits_the_schema(few_layers, validator):
    stored = json.loads(run_suite(FAST, LAYER_SECTIONS).to_json())
    validator.validate(stored)
    for key in stored:
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({name: value for name, value in stored.items() if name != key})
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**stored, "machine": {}})


def test_a_rate_that_a_section_has_anyhow_is_measured_once(few_layers):
    (winograd,) = run_suite(replace(FAST, rates=(1.0, 0.5)), find_sections(["winograd"])).sections
    assert [row.setting for row in winograd.rows] == [1.0, 0.5]


def test_large_layers_can_be_left_out(few_layers):
    small = replace(FAST, max_weights=1e5)
    assert run_suite(small, find_sections(["fully-connected"])).sections[0].rows == []


def test_layers_without_transforms_stand_for_themselves():
    rows = [
        row(1.0, kernel="direct", name="a"),
        row(2.0, name="a"),
        row(3.0, name="b"),
        row(4.0, setting=0.7, name="a"),
    ]
    assert sorted(row.speedup.value for row in sections._direct(rows)) == [1.0, 3.0, 4.0]


def test_network_is_measured(monkeypatch):
    monkeypatch.setattr(network_points, "macs_per_byte", lambda threads, settings: 0.5)
    (case,) = (case for case in network_cases.limited_cases() if case.name == "mobilenet_v1")
    (measured,) = NetworkPoint(case, 1).measure(FAST)
    assert measured.mac_share == pytest.approx(0.55, abs=0.01)
    assert measured.work == pytest.approx(mac_share(count(MOBILENET_V1), case.rates, 0.5))
    assert measured.share_of_limit == pytest.approx(measured.speedup.value * measured.work)
    assert 0 < measured.ranking_ms < measured.sparse_ms


def test_balance_of_the_machine_is_a_plausible_number():
    assert 0.01 < network_points.macs_per_byte(1, FAST) < 1000


@pytest.mark.parametrize("case", [*network_cases.limited_cases(), *network_cases.halved_cases()], ids=_id)
def test_networks_run_at_the_share_that_was_asked_for(case: NetworkCase):
    layers = count(case.architecture)
    if "winner rate" not in case.detail:
        assert mac_share(layers, case.rates) == pytest.approx(case.setting, abs=0.01)
    assert case.architecture.first not in case.rates
    assert all(0 < rate <= 1 for rate in case.rates.values())
    assert case.weights == sum(layer.weights for layer in layers)


def test_alexnet_has_the_rates_of_the_paper():
    (case,) = (case for case in network_cases.limited_cases() if case.name == "alexnet")
    assert [case.rates[name] for name in ("fc6", "fc7", "fc8")] == [0.277, 0.125, 0.119]
    assert case.rates["conv2"] == case.rates["conv5"] == pytest.approx(0.73, abs=0.01)


def test_sections_are_found_by_name():
    assert find_sections([]) == list(sections.SECTIONS)
    assert [section.name for section in find_sections(["winograd", "conv"])] == ["conv", "winograd"]
    with pytest.raises(InvalidArgumentError, match="one of conv, winograd"):
        find_sections(["convolution"])


@pytest.mark.parametrize("change", [{"rates": ()}, {"threads": ()}, {"threads": (0,)}, {"rates": (1.5,)}])
def test_wrong_settings_are_refused(change):
    with pytest.raises(InvalidArgumentError):
        replace(QUICK, **change)
