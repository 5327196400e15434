# SPDX-License-Identifier: Apache-2.0
"""Changes to trained networks that keep their weights."""
