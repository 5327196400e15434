# SPDX-License-Identifier: Apache-2.0
"""What the tests of the commands share."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.cli.main import app

SHAPE = LayerShape("test", "conv", "conv2d", height=6, width=6, channels=8, outputs=8, kernel=3, stride=1)


@pytest.fixture(scope="session")
def cli():
    """Runs the command line in this process."""
    runner = CliRunner()

    def run(*arguments):
        return runner.invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def sparse_file(tmp_path):
    """A file of one convolution over winners."""
    path = tmp_path / "sparse.tflite"
    path.write_bytes(winner_layer(SHAPE, 0.25))
    return path


@pytest.fixture
def dense_file(tmp_path):
    """The same convolution, dense."""
    path = tmp_path / "dense.tflite"
    path.write_bytes(dense_layer(SHAPE))
    return path
