# SPDX-License-Identifier: Apache-2.0
"""The command `tfsparse`: one file per command, which parses arguments and prints; the work is done elsewhere."""
