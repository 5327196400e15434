# SPDX-License-Identifier: Apache-2.0
"""Recipes as YAML or JSON: found by name or path, changed by overrides, checked, and written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic
import yaml

from tfsparse.errors import InvalidArgumentError
from tfsparse.recipes.recipe import Recipe

PUBLISHED = Path(__file__).parent / "published"
_SUFFIXES = (".yaml", ".yml", ".json")
_KIND = re.compile(r"(constrained-)?(float|int|str)$|(dict|list)\[")
"""What pydantic calls the kinds of values that a setting may have."""


def published_recipes() -> list[str]:
    """The names of the recipes that come with tfsparse."""
    return sorted(path.stem for path in PUBLISHED.glob("*.yaml"))


def load_recipe(name: str | Path, model: str | None = None, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe.

    Args:
        name: Path of a YAML or JSON file, the name of a published recipe (`"dasnet-lenet4"`), or a method (`"dasnet"`),
            which stands for the recipe published for `model`, or else for the method's general one.
        model: Network of `tfsparse.models` to use instead of the recipe's.
        overrides: Settings to change, as `"stages.0.epochs=3"`. A stage can be called by its name, too, which then
            means each stage of that name: `"stages.winners.energy=0.95"`. Values are read as YAML.

    Raises:
        InvalidArgumentError: There is no such recipe, or something in it is unknown or out of its range.

    Example:

    >>> load_recipe("dasnet", model="lenet4", overrides=["stages.dense.epochs=3"]).stages[0].epochs
    3
    """
    path = _find(str(name), model)
    content = _read(path)
    if model is not None:
        content["model"] = model
    for override in overrides:
        _override(content, *_parsed(override))
    return parse_recipe(content, str(path if path.parent != PUBLISHED else path.stem))


def parse_recipe(content: Any, source: str) -> Recipe:
    """A recipe from what YAML or JSON gave.

    Args:
        content: Dicts, lists, numbers and strings.
        source: Where it is from, for messages.

    Raises:
        InvalidArgumentError: Something in it is unknown or out of its range; all mistakes are listed.
    """
    try:
        return Recipe.model_validate(content)
    except pydantic.ValidationError as error:
        mistakes = "; ".join(_mistake(each) for each in _one_a_place(error.errors()))
        raise InvalidArgumentError(
            f"Recipe {source} cannot be used: {mistakes}.", remedy="docs/recipes.md lists all settings."
        ) from error


def change_recipe(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """A copy of a recipe with some settings changed.

    Args:
        recipe: The recipe.
        changes: Values by their places, as in the overrides of `load_recipe`.

    Raises:
        InvalidArgumentError: A place leads nowhere, or a value is out of its range.

    Example:

    >>> change_recipe(load_recipe("dasnet"), {"stages.winners.rounds": 2}).stages[1].rounds
    2
    """
    content = recipe.model_dump(mode="json")
    for place, value in changes.items():
        _override(content, place, value)
    return parse_recipe(content, recipe.name)


def without_dense(recipe: Recipe) -> Recipe:
    """The recipe for a model that is trained already: its stages of dense training are left out.

    Raises:
        InvalidArgumentError: There are no others.

    Example:

    >>> [stage.stage for stage in without_dense(load_recipe("dasnet")).stages]
    ['winners']
    """
    later = [stage for stage in recipe.stages if stage.stage != "dense"]
    if not later:
        raise InvalidArgumentError(
            f"Recipe {recipe.name} has nothing to do for a model that is trained already.",
            expected="a stage other than dense",
        )
    return recipe.model_copy(update={"stages": later})


def recipe_yaml(recipe: Recipe) -> str:
    """The recipe as YAML with every setting in it, defaults too; `load_recipe` reads it."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _find(name: str, model: str | None) -> Path:
    if name.endswith(_SUFFIXES) or "/" in name:
        return Path(name)
    names = [f"{name}-{model}", name] if model else [name]
    for each in names:
        if each in published_recipes():
            return PUBLISHED / f"{each}.yaml"
    raise InvalidArgumentError(
        f"There is no published recipe named '{name}'.",
        expected=f"a .yaml or .json file, or one of {', '.join(published_recipes())}",
        received=name,
        remedy=_did_you_mean(name, published_recipes()),
    )


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]}?" if close else None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML, too
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidArgumentError(f"{path} is no readable YAML.", received=" ".join(str(error).split())) from error
    if not isinstance(content, dict):
        raise InvalidArgumentError(
            f"{path} holds no recipe.", expected="keys and values, see docs/recipes.md", received=type(content).__name__
        )
    return content


def _parsed(override: str) -> tuple[str, Any]:
    place, equals, text = override.partition("=")
    if not equals or not all(place.split(".")):
        raise InvalidArgumentError(
            "Invalid override (--set).", expected="PLACE=VALUE, such as stages.0.epochs=3", received=override
        )
    try:
        return place, yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidArgumentError("The value of an override is not YAML.", received=override) from error


def _override(content: dict[str, Any], place: str, value: Any) -> None:
    *way, last = place.split(".")
    targets: list[Any] = [content]
    for key in way:
        targets = [each for target in targets for each in _children(target, key, place)]
    for target in targets:
        _set(target, last, value, place)


def _children(target: Any, key: str, place: str) -> list[Any]:
    if isinstance(target, dict):
        if target.get(key) is None:
            target[key] = {}
        return [target[key]]
    if isinstance(target, list):
        if key.isdecimal() and int(key) < len(target):
            return [target[int(key)]]
        named = [each for each in target if isinstance(each, dict) and each.get("stage") == key]
        if named:
            return named
    raise _leads_nowhere(target, key, place)


def _set(target: Any, key: str, value: Any, place: str) -> None:
    if isinstance(target, list) and key.isdecimal() and int(key) < len(target):
        target[int(key)] = value
    elif isinstance(target, dict):
        target[key] = value
    else:
        raise _leads_nowhere(target, key, place)


def _leads_nowhere(target: Any, key: str, place: str) -> InvalidArgumentError:
    """What to say of a place whose part `key` is not in `target`."""
    if not isinstance(target, list):
        return InvalidArgumentError(
            f"The override {place} leads nowhere: there is nothing below what stands before '{key}'.",
            expected="a place in the recipe",
            received=repr(target),
        )
    names = [str(each.get("stage")) for each in target if isinstance(each, dict)]
    return InvalidArgumentError(
        f"The override {place} leads nowhere: the recipe has no '{key}' there.",
        expected=f"one of {', '.join(dict.fromkeys(names))}, or a number from 0 to {len(target) - 1}",
        received=key,
        remedy=_did_you_mean(key, names),
    )


def _one_a_place(errors: Sequence[Any]) -> list[Any]:
    """Of the reasons why a value is none of the kinds that a setting may have, that of the nearest kind.

    A number out of its range is told to be that, and not to be no dictionary as well.
    """
    by_place: dict[str, list[Any]] = {}
    for each in errors:
        by_place.setdefault(_place(each["loc"]), []).append(each)
    return [
        next((each for each in found if not each["type"].endswith("_type")), found[0]) for found in by_place.values()
    ]


def _mistake(error: Any) -> str:
    """One mistake in words, with its place."""
    place, key = _place(error["loc"]), str(error["loc"][-1])
    if error["type"] == "extra_forbidden":
        return f"unknown key {place}{_suggestion(key, outermost='.' not in place)}"
    if error["type"] == "missing":
        return f"{place} is missing"
    if error["type"] == "union_tag_not_found":
        return f"{place} does not say which stage it is (stage: ...)"
    if error["type"] == "union_tag_invalid":
        return f"{place} is of an unknown stage, {error['ctx']['tag']!r}, not one of {error['ctx']['expected_tags']}"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{place} {message}, not {error['input']!r}" if error["msg"].startswith("Input") else f"{place}: {message}"


def _place(location: tuple[Any, ...]) -> str:
    # Behind the index of a stage pydantic names the stage, and behind a setting the kind that it tried: no keys.
    parts = [str(part) for index, part in enumerate(location) if not (index == 2 and location[0] == "stages")]
    return ".".join(part for part in parts if not _KIND.match(part)) or "it"


def _suggestion(key: str, outermost: bool) -> str:
    inner = {name for definition in Recipe.model_json_schema()["$defs"].values() for name in definition["properties"]}
    close = difflib.get_close_matches(key, Recipe.model_fields if outermost else inner, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
