# SPDX-License-Identifier: Apache-2.0
"""Small Keras networks to try things on: the papers' LeNet-4 and a net for scikit-learn's digits."""

from tfsparse.models.digits_net import digits_net
from tfsparse.models.lenet4 import lenet4

__all__ = ["digits_net", "lenet4"]
