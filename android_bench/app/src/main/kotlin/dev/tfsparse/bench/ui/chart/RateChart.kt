// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui.chart

import android.content.Context
import android.graphics.Canvas
import android.graphics.RectF
import android.util.AttributeSet
import dev.tfsparse.bench.ui.Figures

/** Winner rate of each layer. */
internal class RateChart(context: Context, attributes: AttributeSet? = null) : RowChart(context, attributes) {
    private var rates: List<Pair<String, Double>> = emptyList()
    override val count: Int get() = rates.size
    override val barHeight: Float = palette.smallBar

    fun show(rates: Map<String, Double>) {
        this.rates = rates.toList()
        update(this.rates.joinToString { (layer, rate) -> "$layer: ${Figures.percent(rate)}" })
    }

    override fun texts(row: Int): Pair<String, String> = rates[row].let { (layer, rate) ->
        layer to
            Figures.percent(rate)
    }

    override fun drawBar(canvas: Canvas, row: Int, box: RectF) = rounded(canvas, box) {
        drawPart(canvas, box, 0.0, 1.0, palette.track)
        drawPart(canvas, box, 0.0, rates[row].second, palette.sparse)
    }
}
