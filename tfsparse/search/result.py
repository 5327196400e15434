# SPDX-License-Identifier: Apache-2.0
"""What a search found. Needs no Keras."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tfsparse.errors import InvalidArgumentError
from tfsparse.models import MODELS
from tfsparse.search.curves import Sensitivity
from tfsparse.search.front import Candidate, pareto_front
from tfsparse.tables import render_table

if TYPE_CHECKING:
    import keras

Target = Literal["macs", "milliseconds"]
"""What a search saves."""

SCHEMA_VERSION = 1
RESULT, JOURNAL = "search.json", "study.journal"
"""Names of the files that hold a result, and the study while it goes on."""

_BUDGETS_SHOWN = 5
"""How many budgets below the dense accuracy the table reaches."""

_MOST_SHOWN = 6
"""Layers whose rates the table names."""


@dataclass(frozen=True)
class SearchResult:
    """All settings that were tried, the Pareto front among them, and the choice.

    Args:
        schema_version: Version of the JSON form.
        model: Name of the model.
        samples: Number of validation samples.
        target: `"macs"` or `"milliseconds"`: what `cost` counts.
        budget: Accuracy that may be lost, 0 to 1.
        at_most: The cost asked for, or `None` for the lowest.
        accuracy: Accuracy of the dense model.
        cost: Cost of the dense model for one sample.
        macs: MACs of the dense model for one sample.
        candidates: Everything that was tried, by cost.
        chosen: The best one within the budget and `at_most`; `None` if there is none.
        closest: The one that comes closest, if none is chosen.
        sensitivity: What each layer bears.
        network: The chosen network, finetuned if the search finetunes; not part of the JSON.
    """

    schema_version: int
    model: str
    samples: int
    target: Target
    budget: float
    at_most: float | None
    accuracy: float
    cost: float
    macs: int
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    closest: Candidate | None
    sensitivity: Sensitivity
    network: keras.Model | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> SearchResult:
        """The result out of its JSON object, without the network.

        Raises:
            KeyError, TypeError: It is none.
        """
        known = {name: content[name] for name in cls.__dataclass_fields__ if name != "network"}
        parts = {name: Candidate(**content[name]) for name in ("chosen", "closest") if content[name] is not None}
        candidates = tuple(Candidate(**each) for each in content["candidates"])
        sensitivity = Sensitivity.from_dict(content["sensitivity"])
        return cls(**{**known, **parts, "candidates": candidates, "sensitivity": sensitivity})

    @property
    def front(self) -> tuple[Candidate, ...]:
        """The settings for which no other is cheaper and at least as accurate without finetuning, cheapest first."""
        return tuple(pareto_front(self.candidates))

    @property
    def finetuned(self) -> tuple[Candidate, ...]:
        """The settings that were finetuned, in the order in which they were tried."""
        return tuple(each for each in self.candidates if each.finetuned_accuracy is not None)

    def recipe(self) -> dict[str, Any]:
        """A recipe that trains the network and gives it the chosen rates and sparsities, for `tfsparse train`.

        Raises:
            InvalidArgumentError: Nothing was chosen.
        """
        if self.chosen is None:
            raise InvalidArgumentError("There is no recipe of a search that chose nothing.", received=self.verdict())
        stages: list[dict[str, Any]] = [{"stage": "dense"}]
        if self.chosen.rates:
            stages.append({"stage": "winners", "rates": self.chosen.rates, "accuracy_budget": self.budget})
        if self.chosen.sparsities:
            stages.append({"stage": "prune", "sparsity": self.chosen.sparsities, "schedule": "constant"})
        model = self.model if self.model in MODELS else None
        return {"name": re.sub(r"[^A-Za-z0-9_.-]", "-", f"searched-{self.model}"), "model": model, "stages": stages}

    def to_json(self) -> str:
        """The result as a JSON object: the attributes, `front`, and `recipe`, which is null if nothing was chosen."""
        content = asdict(replace(self, network=None))
        del content["network"]
        front = [asdict(candidate) for candidate in self.front]
        return json.dumps({**content, "front": front, "recipe": self.recipe() if self.chosen else None}, indent=2)

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draws accuracy against cost: all that was tried, the front, what one global energy gives, and the choice.

        Args:
            path: File to write: SVG, PNG or PDF by its ending. Written as a whole or not at all.

        Raises:
            InvalidArgumentError: The ending is unknown.
            RuntimeUnavailableError: matplotlib is missing.
        """
        from tfsparse.search.front_plot import plot_front

        plot_front(self, Path(path))

    def verdict(self) -> str:
        """One sentence: what was chosen, or what keeps anything from being chosen."""
        unit = self.in_unit(self.cost)
        if self.chosen:
            saved = 1 - self.chosen.cost / self.cost
            return (
                f"Chosen: {self.in_unit(self.chosen.cost)} instead of {unit} (-{saved:.1%}) at "
                f"{self.chosen.best_accuracy:.2%} instead of {self.accuracy:.2%}."
            )
        asked = f"at most {self.budget:.2%} accuracy lost"
        asked += "" if self.at_most is None else f" at {self.in_unit(self.at_most)} or less"
        if self.closest is None:
            return f"Nothing that is cheaper than the dense model was tried: {asked} was asked for."
        return (
            f"No setting has {asked}. The closest: {self.in_unit(self.closest.cost)} instead of {unit} at "
            f"{self.closest.best_accuracy:.2%} instead of {self.accuracy:.2%}."
        )

    def in_unit(self, cost: float) -> str:
        """A cost with its unit, for people."""
        return f"{cost / 1e6:,.3f}M MACs" if self.target == "macs" else f"{cost:.3f} ms"

    def __str__(self) -> str:
        header = ["", "accuracy", "finetuned", "cost", "of dense", "from", "winner rates, weights kept"]
        # What is far below the budget and was not finetuned is of no use to anybody.
        least = self.accuracy - max(_BUDGETS_SHOWN * self.budget, 0.05)
        shown = [each for each in self.candidates if each.finetuned_accuracy is not None or each == self.chosen]
        shown += [each for each in self.front if each.accuracy >= least and each not in shown]
        rows = [self._row(candidate) for candidate in sorted(shown, key=lambda each: each.cost)]
        return f"{render_table(header, rows, numbers=(1, 2, 3, 4))}\n\n{self.verdict()}"

    def _row(self, candidate: Candidate) -> list[str]:
        finetuned = candidate.finetuned_accuracy
        kept = [f"{name} {rate:.3g}" for name, rate in candidate.rates.items()]
        kept += [f"{name} weights {1 - sparsity:.2g}" for name, sparsity in candidate.sparsities.items()]
        return [
            "*" if candidate == self.chosen else "",
            f"{candidate.accuracy:.2%}",
            "" if finetuned is None else f"{finetuned:.2%}",
            self.in_unit(candidate.cost),
            f"{candidate.cost / self.cost:.1%}",
            candidate.origin,
            ", ".join(kept[:_MOST_SHOWN]) + (f" and {len(kept) - _MOST_SHOWN} more" if len(kept) > _MOST_SHOWN else ""),
        ]
