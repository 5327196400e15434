# SPDX-License-Identifier: Apache-2.0
"""One leg of training: what it is set to, how it is watched, and how it goes on after it was stopped."""
