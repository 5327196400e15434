// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui.chart

import android.content.Context
import android.graphics.Canvas
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View

/** How much of the limit is reached: the limit is a line, which a fast kernel may pass. */
internal class LimitBar(context: Context, attributes: AttributeSet? = null) : View(context, attributes) {
    private val palette = Palette(context)
    private var share = 0.0

    fun show(share: Double) {
        this.share = share
        invalidate()
    }

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val height = palette.smallBar + 2 * palette.gap
        setMeasuredDimension(MeasureSpec.getSize(widthMeasureSpec), height.toInt())
    }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val longest = maxOf(1.0, share)
        val box = RectF(0f, palette.gap, width.toFloat(), height - palette.gap)
        val end = (width * share / longest).toFloat()
        canvas.drawRoundRect(box, palette.corner, palette.corner, palette.track)
        canvas.drawRoundRect(box.left, box.top, end, box.bottom, palette.corner, palette.corner, palette.sparse)
        val limit = (width / longest).toFloat().coerceAtMost(width - palette.line.strokeWidth / 2)
        canvas.drawLine(limit, 0f, limit, height.toFloat(), palette.line)
    }
}
