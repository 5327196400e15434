# SPDX-License-Identifier: Apache-2.0
"""The Python packages that hold a TFLite interpreter, behind one face."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError

RUNTIMES = ("ai_edge_litert", "tensorflow", "tflite_runtime")
"""The supported packages, in the order in which `"auto"` tries them."""

PIP_NAMES = {
    "ai_edge_litert": "ai-edge-litert",
    "tensorflow": "tensorflow",
    "tflite_runtime": "'tflite-runtime>=2.14' 'numpy<2'",
}


@dataclass(frozen=True)
class Runtime:
    """One importable interpreter package.

    Attributes:
        name: Its name, one of `RUNTIMES`.
        version: Its version.
        interpreter: Its class `Interpreter`.
        load_delegate: Its function that loads an external delegate.
        plain_resolver: Its op resolver without default delegates: every op runs on its own, nothing is fused.
    """

    name: str
    version: str
    interpreter: Callable[..., Any]
    load_delegate: Callable[..., Any]
    plain_resolver: Any


def load_runtime(name: str = "auto") -> Runtime:
    """Imports an interpreter package.

    Args:
        name: One of `RUNTIMES`, or `"auto"` for the first of them that can be imported.

    Raises:
        InvalidArgumentError: The name is unknown.
        RuntimeUnavailableError: The package, or with `"auto"` every package, is missing or cannot be imported.
    """
    if name == "auto":
        return _first_importable()
    if name not in RUNTIMES:
        raise InvalidArgumentError(
            "Unknown runtime.", expected=f"one of {', '.join(('auto', *RUNTIMES))}", received=name
        )
    try:
        return _import(name)
    except ImportError as error:
        raise RuntimeUnavailableError(
            f"The runtime {name} cannot be imported.",
            expected=f"an installed package {name}",
            received=str(error),
            remedy=f"Install it with: pip install {PIP_NAMES[name]}, or choose another runtime.",
        ) from error


def _first_importable() -> Runtime:
    failures = []
    for name in RUNTIMES:
        try:
            return _import(name)
        except ImportError as error:
            failures.append(f"{name} ({error})")
    raise RuntimeUnavailableError(
        "No TFLite interpreter can be imported.",
        expected=f"one of the packages {', '.join(RUNTIMES)}",
        received="; ".join(failures),
        remedy=f"Install one with: pip install {PIP_NAMES[RUNTIMES[0]]}.",
    )


def _import(name: str) -> Runtime:
    package = importlib.import_module(name)
    if name == "tensorflow":
        lite = package.lite
        holder, resolvers = lite.experimental, lite.experimental.OpResolverType
        return _runtime(name, package, lite.Interpreter, holder.load_delegate, resolvers)
    module = importlib.import_module(f"{name}.interpreter")
    return _runtime(name, package, module.Interpreter, module.load_delegate, module.OpResolverType)


def _runtime(name: str, package: ModuleType, interpreter: Any, load_delegate: Any, resolvers: Any) -> Runtime:
    return Runtime(name, package.__version__, interpreter, load_delegate, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
