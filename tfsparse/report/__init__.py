# SPDX-License-Identifier: Apache-2.0
"""A run of `tfsparse train`, or a `tfsparse search`, as one HTML page."""

from tfsparse.report.report import Report, write_report

__all__ = ["Report", "write_report"]
