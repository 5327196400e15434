// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui.chart

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import android.util.AttributeSet
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.LayerTime
import dev.tfsparse.bench.ui.Figures

/**
 * Each layer's time over its dense time, the ranking at the end of the bar in a colour of its own; a line stands where
 * the dense layer is. Without dense times, the times themselves.
 */
internal class LayerChart(context: Context, attributes: AttributeSet? = null) : RowChart(context, attributes) {
    private var layers: List<LayerTime> = emptyList()
    private var isRelative = false
    private var longest = 1.0
    override val count: Int get() = layers.size
    override val barHeight: Float = palette.smallBar
    override val footer: Float get() = palette.textHeight + 2 * palette.gap

    fun show(times: List<LayerTime>) {
        isRelative = times.any { it.denseMs != null }
        layers = if (isRelative) times.filter { it.denseMs != null } else times
        longest = layers.maxOfOrNull(::length)?.coerceAtLeast(if (isRelative) 1.0 else 0.0) ?: 1.0
        update(layers.joinToString(". ", transform = ::describe))
    }

    override fun texts(row: Int): Pair<String, String> {
        val layer = layers[row]
        val time = Figures.time(layer.sparseMs)
        return layer.layer to if (isRelative) "${Figures.percent(length(layer))} · $time" else time
    }

    override fun drawBar(canvas: Canvas, row: Int, box: RectF) {
        val layer = layers[row]
        val end = length(layer) / longest
        val ranking = end * layer.rankingMs / layer.sparseMs.coerceAtLeast(Double.MIN_VALUE)
        rounded(canvas, box) {
            drawPart(canvas, box, 0.0, 1.0, palette.track)
            drawPart(canvas, box, 0.0, end - ranking, palette.sparse)
            drawPart(canvas, box, end - ranking, end, palette.ranking)
        }
        if (isRelative) drawDenseLine(canvas, box)
    }

    override fun drawFooter(canvas: Canvas, left: Float, top: Float) {
        var x = left
        x = drawKey(canvas, x, top, palette.sparse, context.getString(R.string.sparse))
        x = drawKey(canvas, x, top, palette.ranking, context.getString(R.string.ranking))
        if (isRelative) drawKey(canvas, x, top, palette.dense, context.getString(R.string.dense))
    }

    private fun drawDenseLine(canvas: Canvas, box: RectF) {
        val half = palette.dp(LINE_DP) / 2
        val x = (box.left + (box.width() / longest).toFloat()).coerceAtMost(box.right - half)
        canvas.drawRect(x - half, box.top - palette.gap / 2, x + half, box.bottom + palette.gap / 2, palette.dense)
    }

    private fun drawKey(canvas: Canvas, left: Float, top: Float, paint: Paint, name: String): Float {
        val size = palette.dp(KEY_DP)
        val middle = top + palette.gap + palette.textHeight / 2
        canvas.drawRect(left, middle - size / 2, left + size, middle + size / 2, paint)
        val text = left + size + 2 * palette.gap
        canvas.drawText(name, text, top + palette.gap + palette.ascent, palette.label)
        return text + palette.label.measureText(name) + 4 * palette.gap
    }

    private fun length(layer: LayerTime): Double = layer.denseMs?.let { layer.sparseMs / it } ?: layer.sparseMs

    private fun describe(layer: LayerTime): String {
        val dense = layer.denseMs
        val ranking = Figures.time(layer.rankingMs)
        return if (dense == null) {
            context.getString(R.string.layer_time, layer.layer, Figures.time(layer.sparseMs), ranking)
        } else {
            val share = Figures.percent(layer.sparseMs / dense)
            context.getString(R.string.layer_share, layer.layer, share, Figures.time(dense), ranking)
        }
    }

    private companion object {
        const val LINE_DP = 2f
        const val KEY_DP = 10f
    }
}
