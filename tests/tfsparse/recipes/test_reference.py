# SPDX-License-Identifier: Apache-2.0
"""docs/recipes.md lists every setting as it is, and what it shows works."""

from __future__ import annotations

import pathlib
import re

import yaml

from tfsparse.recipes.files import load_recipe, parse_recipe
from tfsparse.recipes.recipe import Recipe
from tfsparse.recipes.reference import settings_reference

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "recipes.md").read_text()


def test_the_tables_are_those_of_the_settings():
    assert settings_reference() in PAGE, "renew the tables: python -m tfsparse.recipes.reference"


def test_every_setting_is_in_a_table():
    for definition in [Recipe.model_json_schema(), *Recipe.model_json_schema()["$defs"].values()]:
        for name in definition["properties"]:
            assert name == "stage" or f"| `{name}` |" in PAGE


def test_the_recipe_and_the_overrides_that_are_shown_work():
    (shown,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    parse_recipe(yaml.safe_load(shown), "docs")
    overrides = re.findall(r"--set (\S+)", PAGE)
    assert overrides
    load_recipe("dasnet-lenet4", overrides=overrides)


def test_files_that_are_named_exist():
    for name in ("dasnet_by_hand.py", "jpnet_by_hand.py", "dual_sparse_by_hand.py"):
        assert name in PAGE
        assert (ROOT / "examples" / name).is_file()
