// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class LayerTimeTest {
    private val select = operator("TfSparseSelectWinners", "wta", 0.25, ranking = 0.25)

    @Test
    fun rankingCountsWithTheLayerThatReadsItFirst() {
        val layers = layerTimes(
            listOf(
                select,
                operator("TfSparseWinnerConv2D", "conv1", 1.0),
                operator("TfSparseWinnerConv2D", "conv2", 2.0),
            ),
            listOf(operator("CONV_2D", "conv1", 5.0), operator("CONV_2D", "conv2", 6.0)),
        )
        assertEquals(listOf(LayerTime("conv1", 1.25, 0.25, 5.0), LayerTime("conv2", 2.0, 0.0, 6.0)), layers)
    }

    @Test
    fun aSeparableLayerCountsAgainstBothOfItsDenseOnes() {
        val dense = listOf(operator("DEPTHWISE_CONV_2D", "block/depthwise", 1.5), operator("CONV_2D", "block", 2.5))
        val sparse = listOf(select, operator("TfSparseWinnerSeparableConv2D", "block", 1.0))
        assertEquals(4.0, layerTimes(sparse, dense).single().denseMs!!, 0.0)
        assertEquals(
            2.5,
            layerTimes(listOf(operator("TfSparseWinnerConv2D", "block", 1.0)), dense).single().denseMs!!,
            0.0,
        )
    }

    @Test
    fun aMaskHasNoDenseLayer() {
        val mask = operator("TfSparseMaskWinners", "conv1", 0.5)
        assertNull(layerTimes(listOf(mask), listOf(operator("CONV_2D", "conv1", 5.0))).single().denseMs)
    }

    @Test
    fun withoutDenseTimesTheyAreUnknown() =
        assertNull(layerTimes(listOf(operator("TfSparseWinnerConv2D", "conv1", 1.0)), emptyList()).single().denseMs)

    private fun operator(op: String, layer: String, total: Double, ranking: Double = 0.0) =
        OperatorTime(op, layer, total, ranking, emptyMap())
}
