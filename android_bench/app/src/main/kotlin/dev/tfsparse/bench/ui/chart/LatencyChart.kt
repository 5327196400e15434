// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui.chart

import android.content.Context
import android.graphics.Canvas
import android.graphics.RectF
import android.util.AttributeSet
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.Side
import dev.tfsparse.bench.ui.Figures

/** The dense and the sparse model's time: a bar to the median, a whisker from 5 % to 95 % of the runs. */
internal class LatencyChart(context: Context, attributes: AttributeSet? = null) : RowChart(context, attributes) {
    private class Row(val name: String, val side: Side, val isSparse: Boolean)

    private var rows: List<Row> = emptyList()
    override val count: Int get() = rows.size

    fun show(sparse: Side, dense: Side?) {
        rows = listOfNotNull(
            dense?.let { Row(context.getString(R.string.dense), it, isSparse = false) },
            Row(if (dense == null) sparse.model else context.getString(R.string.sparse), sparse, isSparse = true),
        )
        update(rows.joinToString { "${it.name}: ${Figures.time(it.side.latencyMs.median)}" })
    }

    override fun texts(row: Int): Pair<String, String> = rows[row].run { name to Figures.time(side.latencyMs.median) }

    override fun drawBar(canvas: Canvas, row: Int, box: RectF) {
        val longest = rows.maxOf { it.side.latencyMs.p95 }
        val times = rows[row].side.latencyMs
        rounded(canvas, box) { drawPart(canvas, box, 0.0, 1.0, palette.track) }
        val bar = RectF(box.left, box.top, box.left + (box.width() * times.median / longest).toFloat(), box.bottom)
        rounded(canvas, bar) { canvas.drawRect(bar, if (rows[row].isSparse) palette.sparse else palette.dense) }
        drawWhisker(canvas, box, times.p5 / longest, times.p95 / longest)
    }

    private fun drawWhisker(canvas: Canvas, box: RectF, from: Double, to: Double) {
        val inset = palette.line.strokeWidth / 2
        val start = box.left + (box.width() * from).toFloat().coerceAtLeast(inset)
        val end = box.left + (box.width() * to).toFloat() - inset
        val half = box.height() / WHISKER
        canvas.drawLine(start, box.centerY(), end, box.centerY(), palette.line)
        for (x in listOf(start, end)) canvas.drawLine(x, box.centerY() - half, x, box.centerY() + half, palette.line)
    }

    private companion object {
        const val WHISKER = 4
    }
}
