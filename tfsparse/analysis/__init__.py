# SPDX-License-Identifier: Apache-2.0
"""What a network computes and what of it matters: its graph, its activations, winner rates, MACs and sparsity."""
