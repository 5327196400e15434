# SPDX-License-Identifier: Apache-2.0
"""The tests of the operators in LiteRT, to be run once more by another Python or with another library."""

from __future__ import annotations

_FILES = ("test_operators.py", "test_convolutions.py", "test_chain.py", "test_skip_zeros.py", "test_errors.py")


def operator_tests(python: str, *options: str) -> list[str]:
    """The command that runs them in the repository.

    Neither TensorFlow's interpreter nor the test with damaged options, which starts a process of its own, is possible
    under emulation or with preloaded libraries.
    """
    files = [f"tests/tflite_ops/{name}" for name in _FILES]
    selection = ["-k", "not tensorflow and not damaged"]
    return [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection, *options, *files]
