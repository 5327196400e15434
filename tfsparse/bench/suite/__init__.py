# SPDX-License-Identifier: Apache-2.0
"""Every figure that the kernels are judged by, measured side by side with the dense ones in one run.

`sections` says what is measured and what must be reached; `layer_points` and `network_points` measure; `run` puts the
result together.
"""
