# SPDX-License-Identifier: Apache-2.0
"""The final table of a run."""

from __future__ import annotations

from tfsparse.report.chart import DataTable
from tfsparse.report.heading import Results
from tfsparse.report.numbers import NONE, count, percent
from tfsparse.report.run_record import RunRecord

_SHARES = {
    "accuracy_test": "accuracy, test",
    "accuracy_val": "accuracy, validation",
    "weight_zeros": "zeros in weights",
    "activation_zeros": "zeros after activation functions",
    "pruned_feature_maps": "feature maps pruned",
    "pruned_fc_activations": "fc activations pruned",
}


_NOTE = (
    "Choices were made on the validation samples; the test samples were only measured. MACs are multiply-accumulates "
    "for one sample: all of them, those with the winners of winners-take-all masks alone, and those of a non-zero "
    "activation with a non-zero weight."
)


def results_table(run: RunRecord) -> Results | None:
    """Accuracy, multiply-accumulates and zeros, a column for each finished stage; `None` if there is none."""
    results = [stage.result or {} for stage in run.done]
    if not results:
        return None
    shares = {name: [label, *(percent(each.get(name)) for each in results)] for name, label in _SHARES.items()}
    macs = [
        ["MACs, dense", *(count(each["macs"]) for each in results)],
        ["MACs after winners", *(_part(each["macs_after_wta"], each["macs"]) for each in results)],
        ["MACs of non-zero pairs", *(_part(each["effective_macs"], each["macs"]) for each in results)],
    ]
    first, last = list(shares.values())[:2], list(shares.values())[2:]
    seconds = ["time of its epochs", *(f"{each['seconds']:,.0f} s" for each in results)]
    rows = [row for row in (*first, *macs, *last, seconds) if set(row[1:]) != {NONE}]
    table = DataTable(("", *(stage.name for stage in run.done)), rows)
    return Results("Results by stage", table, _NOTE)


def _part(macs: float, dense: float) -> str:
    return f"{count(macs)} ({percent(macs / dense, digits=1)})"
