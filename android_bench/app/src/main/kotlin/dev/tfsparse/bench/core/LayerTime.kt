// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.model.WinnerOp

private const val DEPTHWISE_CONV_2D = "DEPTHWISE_CONV_2D"

/**
 * A layer of the sparse model beside the same of the dense one.
 *
 * @property sparseMs milliseconds over the winners, finding them included
 * @property rankingMs milliseconds of finding them
 * @property denseMs milliseconds of the dense layer, or null where it was not timed
 */
public data class LayerTime(val layer: String, val sparseMs: Double, val rankingMs: Double, val denseMs: Double?)

/**
 * Puts the layers of both models side by side.
 *
 * A selection of winners counts with the first operator that reads it, which in the order of execution is the next one.
 * A separable convolution counts against both of its dense convolutions.
 *
 * @param sparse the sparse model's operators in the order of execution
 * @param dense the dense model's layers, called as in the sparse one; none where they were not timed
 */
public fun layerTimes(sparse: List<OperatorTime>, dense: List<OperatorTime>): List<LayerTime> {
    val found = ArrayList<LayerTime>()
    val selections = ArrayList<OperatorTime>()
    for (operator in sparse) {
        selections += operator
        if (operator.op == WinnerOp.SELECT_WINNERS) continue
        found += LayerTime(
            layer = operator.layer,
            sparseMs = selections.sumOf { it.totalMs },
            rankingMs = selections.sumOf { it.rankingMs },
            denseMs = denseTime(operator, dense),
        )
        selections.clear()
    }
    return found
}

private fun denseTime(operator: OperatorTime, dense: List<OperatorTime>): Double? {
    if (operator.op == WinnerOp.MASK_WINNERS) return null
    val position = dense.indexOfFirst { it.layer == operator.layer }
    if (position < 0) return null
    val before = dense.getOrNull(position - 1)
        ?.takeIf { operator.op == WinnerOp.SEPARABLE_CONV_2D && it.op == DEPTHWISE_CONV_2D }
    return (dense[position].totalMs + (before?.totalMs ?: 0.0)).takeIf { it > 0 }
}
