# SPDX-License-Identifier: Apache-2.0
"""One transformation of the graph a file; `converter.py` says in which order they run.

A pass takes the model and changes it in place; running it again changes nothing more.
"""
