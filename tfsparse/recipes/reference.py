# SPDX-License-Identifier: Apache-2.0
"""The settings of recipes as tables in Markdown, for the documentation.

python -m tfsparse.recipes.reference
"""

from __future__ import annotations

import json
import re
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined

from tfsparse.recipes.recipe import AnyStage, AugmentationSettings, DataSettings, Recipe
from tfsparse.recipes.stages.activations import Adaptive, Regularizer
from tfsparse.training.settings import Distillation, Finetuning, Optimizer, Settings, Training


def settings_reference() -> str:
    """All settings: a table for the recipe, for each stage, and for what is inside of them."""
    stages = get_args(get_args(AnyStage)[0])
    outer: dict[str, type[Settings]] = {
        "The recipe": Recipe,
        "`data`": DataSettings,
        "`augmentation`": AugmentationSettings,
    }
    tables = [_table(title, kind) for title, kind in outer.items()]
    tables += [_table(f"Stage `{stage.model_fields['stage'].default}`", stage) for stage in stages]
    tables += [
        _table("Inside `dense` and `finetune`", Training),
        _table("`optimizer`", Optimizer),
        _table("Further in `finetune`", Finetuning, besides=Training),
        _table("`distill`", Distillation),
        _table("`regularizer`", Regularizer),
        _table("`adaptive`", Adaptive),
    ]
    return "\n\n".join(tables)


def _table(title: str, kind: type[Settings], besides: type[Settings] | None = None) -> str:
    left_out = {"stage", *(besides.model_fields if besides else ())}
    if kind is not Training and issubclass(kind, Training):
        left_out |= set(Training.model_fields)
    summary = "" if besides else f"{(kind.__doc__ or '').strip().splitlines()[0]}\n\n"
    rows = [_row(name, field) for name, field in kind.model_fields.items() if name not in left_out]
    if not rows:
        return f"### {title}\n\n{summary}Its keys are those inside `dense` and `finetune`, below."
    return f"### {title}\n\n{summary}| key | values | default | |\n|---|---|---|---|\n" + "\n".join(rows)


def _row(name: str, field: Any) -> str:
    return f"| `{name}` | {_kind(field)} | {_default(field.default)} | {field.description} |"


def _kind(field: Any) -> str:
    """What a setting may be, as its annotation says."""
    schema = _schema(field)
    return " or ".join(dict.fromkeys(_words(each) for each in schema.get("anyOf", [schema])))


def _schema(field: Any) -> dict[str, Any]:
    return TypeAdapter(field.rebuild_annotation()).json_schema()


def _words(schema: dict[str, Any]) -> str:
    if "$ref" in schema or "discriminator" in schema:
        return "keys, see below"
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"list of {_words(schema['items'])}"
    if schema["type"] == "object":
        values = schema.get("additionalProperties")
        return f"by name: {_words(values)}" if isinstance(values, dict) and "type" in values else "keys, see below"
    names = {"string": "text", "boolean": "true, false", "null": "null"}
    return names.get(schema["type"], schema["type"]) + _range(schema)


def _range(schema: dict[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    return f" {', '.join(bounds)}" if bounds else ""


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, Settings):
        return "as below"
    text = json.dumps(value)
    return f"`{re.sub('e-0', 'e-', text)}`"


if __name__ == "__main__":
    print(settings_reference())
