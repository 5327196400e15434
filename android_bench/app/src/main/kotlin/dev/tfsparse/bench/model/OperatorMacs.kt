// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.model

/** Multiply-accumulates of one operator, from its shapes; operators that multiply no matrix count as none. */
internal fun operatorMacs(operator: ModelGraph.Operator): Macs = when (operator.name) {
    WinnerOp.CONV_2D -> winnerConv2D(operator)
    WinnerOp.DEPTHWISE_CONV_2D -> winnerDepthwiseConv2D(operator)
    WinnerOp.SEPARABLE_CONV_2D -> winnerSeparableConv2D(operator)
    WinnerOp.FULLY_CONNECTED -> winnerFullyConnected(operator)
    else -> dense(operator).let { Macs(it, it) }
}

/** Products per result times results; the weights are the second input of each of these operators. */
private fun dense(operator: ModelGraph.Operator): Long {
    val inputs = operator.inputs
    val weights = inputs.getOrNull(1) ?: return 0
    val products = when (operator.kind) {
        Builtin.CONV_2D -> if (weights.size == 4) elements(weights) / weights[0] else 0
        Builtin.DEPTHWISE_CONV_2D -> if (weights.size == 4) weights[1].toLong() * weights[2] else 0
        Builtin.FULLY_CONNECTED -> if (inputs[0].isNotEmpty() && weights.isNotEmpty()) weights.last().toLong() else 0
        Builtin.BATCH_MATMUL -> if (weights.isNotEmpty()) inputs[0].lastOrNull()?.toLong() ?: 0 else 0
        Builtin.TRANSPOSE_CONV -> return transposeConv(inputs)
        else -> 0
    }
    return checkedTimes(operator.results, products)
}

private fun transposeConv(inputs: List<IntArray>): Long {
    val weights = inputs[1]
    if (weights.size != 4 || inputs.size < 3) return 0
    return checkedTimes(elements(inputs[2]), elements(weights.copyOf(3)))
}

private fun winnerConv2D(operator: ModelGraph.Operator): Macs {
    val filters = operator.inputs[2]
    if (filters.size != 4) return Macs()
    val products = operator.results * filters[1] * filters[2]
    return Macs(products * filters[3], products * winners(operator, filters[3]))
}

private fun winnerDepthwiseConv2D(operator: ModelGraph.Operator): Macs {
    val filters = operator.inputs[2]
    if (operator.inputs[1].isEmpty() || filters.size != 4) return Macs()
    val taps = filters[1].toLong() * filters[2]
    return Macs(operator.results * taps, operator.results / filters[3] * taps * winners(operator, filters[3]))
}

/** Each pixel takes the taps of the depthwise filter and a row of the pointwise one per channel. */
private fun winnerSeparableConv2D(operator: ModelGraph.Operator): Macs {
    val (_, _, depthwise, pointwise) = operator.inputs
    if (operator.inputs[1].isEmpty() || depthwise.size != 4 || pointwise.size != 4) return Macs()
    val perChannel = operator.results / pointwise[0] * (depthwise[1] * depthwise[2] + pointwise[0])
    return Macs(perChannel * depthwise[3], perChannel * winners(operator, depthwise[3]))
}

private fun winnerFullyConnected(operator: ModelGraph.Operator): Macs {
    val columns = operator.inputs[2].lastOrNull() ?: return Macs()
    val channels = operator.option<Long>("channels")
    val dense = operator.results * columns
    return Macs(dense, dense / channels * winners(operator, channels.toInt()))
}

private fun winners(operator: ModelGraph.Operator, channels: Int): Int =
    minOf(operator.inputs[1].lastOrNull() ?: channels, channels)
