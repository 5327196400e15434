# SPDX-License-Identifier: Apache-2.0
"""`tfsparse models` lists the catalog."""

from __future__ import annotations

from tfsparse.models import MODELS


def test_every_network_has_a_line(cli):
    result = cli("models")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(MODELS)
    assert lines[list(MODELS).index("lenet4")].split()[:5] == ["lenet4", "28x28x1", "10", "3.3M", "13.9M"]
