# SPDX-License-Identifier: Apache-2.0
"""One file a family of networks; `tfsparse.models` has them by name."""
