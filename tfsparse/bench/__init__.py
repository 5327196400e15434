# SPDX-License-Identifier: Apache-2.0
"""Measures models on this machine: two side by side, interleaved, with the time inside the winner operators apart."""
