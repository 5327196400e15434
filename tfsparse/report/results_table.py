# SPDX-License-Identifier: Apache-2.0
"""The final table of a run."""

from __future__ import annotations

from tfsparse.report.chart import DataTable
from tfsparse.report.numbers import count, percent
from tfsparse.report.run_record import RunRecord

_SHARES = {
    "accuracy_test": "accuracy, test",
    "accuracy_val": "accuracy, validation",
    "weight_zeros": "zeros in weights",
    "activation_zeros": "zeros after activation functions",
    "pruned_feature_maps": "feature maps pruned",
    "pruned_fc_activations": "fc activations pruned",
}


def results_table(run: RunRecord) -> DataTable:
    """Accuracy, multiply-accumulates and zeros, a column for each finished stage."""
    results = [stage.result or {} for stage in run.done]
    if not results:
        return DataTable((), [])
    shares = {name: [label, *(percent(each.get(name)) for each in results)] for name, label in _SHARES.items()}
    macs = [
        ["MACs, dense", *(count(each["macs"]) for each in results)],
        ["MACs after winners", *(_part(each["macs_after_wta"], each["macs"]) for each in results)],
        ["MACs of non-zero pairs", *(_part(each["effective_macs"], each["macs"]) for each in results)],
    ]
    first, last = list(shares.values())[:2], list(shares.values())[2:]
    seconds = ["time of its epochs", *(f"{each['seconds']:,.0f} s" for each in results)]
    return DataTable(("", *(stage.name for stage in run.done)), [*first, *macs, *last, seconds])


def _part(macs: float, dense: float) -> str:
    return f"{count(macs)} ({percent(macs / dense, digits=1)})"
