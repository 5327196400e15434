# SPDX-License-Identifier: Apache-2.0
"""tfsparse: train Keras networks in which few activations matter, convert them, and run only the winners.

Names are loaded on first use, so that `import tfsparse` costs nothing and needs neither Keras nor TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_LAZY = {
    "layers": "tfsparse.layers",
    "regularizers": "tfsparse.regularizers",
    "schedules": "tfsparse.schedules",
    "callbacks": "tfsparse.callbacks",
    "recipes": "tfsparse.recipes",
    "models": "tfsparse.models",
    "search": "tfsparse.search",
    "winner_rates": "tfsparse.analysis.winner_rates",
    "profile": "tfsparse.analysis.profile",
    "sparsify": "tfsparse.surgery.sparsify",
    "convert": "tfsparse.conversion.converter",
    "verify": "tfsparse.verification.verifier",
    "Interpreter": "tfsparse.runtime.interpreter",
}
"""Public name → the module that it is, or that defines it."""

__all__ = ["__version__", *_LAZY]

if TYPE_CHECKING:
    from tfsparse import callbacks as callbacks
    from tfsparse import layers as layers
    from tfsparse import models as models
    from tfsparse import recipes as recipes
    from tfsparse import regularizers as regularizers
    from tfsparse import schedules as schedules
    from tfsparse import search as search
    from tfsparse.analysis.profile import profile as profile
    from tfsparse.analysis.winner_rates import winner_rates as winner_rates
    from tfsparse.conversion.converter import convert as convert
    from tfsparse.runtime.interpreter import Interpreter as Interpreter
    from tfsparse.surgery.sparsify import sparsify as sparsify
    from tfsparse.verification.verifier import verify as verify


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'tfsparse' has no attribute {name!r}")
    module = importlib.import_module(_LAZY[name])
    return getattr(module, name, module)


def __dir__() -> list[str]:
    return sorted(__all__)
