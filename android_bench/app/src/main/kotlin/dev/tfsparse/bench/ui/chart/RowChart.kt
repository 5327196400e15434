// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui.chart

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import android.graphics.RectF
import android.text.TextPaint
import android.text.TextUtils
import android.util.AttributeSet
import android.view.View

/** A chart of one row an entry: a name and a figure over a bar. A screen reader gets the values as text. */
internal abstract class RowChart(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    protected val palette = Palette(context)
    private val corners = Path()

    /** Number of rows. */
    protected abstract val count: Int

    /** Height of a bar. */
    protected open val barHeight: Float = palette.bar

    /** Room under the last row, for a key. */
    protected open val footer: Float = 0f

    /** Name and figure of a row. */
    protected abstract fun texts(row: Int): Pair<String, String>

    /** Draws the bar of a row into [box]. */
    protected abstract fun drawBar(canvas: Canvas, row: Int, box: RectF)

    private val rowHeight: Float get() = palette.textHeight + palette.gap + barHeight + 3 * palette.gap

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val height = (paddingTop + paddingBottom + count * rowHeight + footer).toInt()
        setMeasuredDimension(MeasureSpec.getSize(widthMeasureSpec), height)
    }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val left = paddingLeft.toFloat()
        val right = (width - paddingRight).toFloat()
        for (row in 0 until count) {
            val top = paddingTop + row * rowHeight
            val (name, figure) = texts(row)
            canvas.drawText(figure, right, top + palette.ascent, palette.figure)
            val room = right - left - palette.figure.measureText(figure) - 3 * palette.gap
            canvas.drawText(shortened(name, room), left, top + palette.ascent, palette.label)
            val barTop = top + palette.textHeight + palette.gap
            drawBar(canvas, row, RectF(left, barTop, right, barTop + barHeight))
        }
        if (footer > 0) drawFooter(canvas, left, paddingTop + count * rowHeight)
    }

    /** Draws the key. */
    protected open fun drawFooter(canvas: Canvas, left: Float, top: Float) {}

    /** Draws a part of a bar, from one share of the box's width to another. */
    protected fun drawPart(canvas: Canvas, box: RectF, from: Double, to: Double, paint: Paint) {
        val start = box.left + (box.width() * from).toFloat()
        val end = box.left + (box.width() * to).toFloat()
        canvas.drawRect(start, box.top, end, box.bottom, paint)
    }

    /** Draws with the box's corners cut round. */
    protected inline fun rounded(canvas: Canvas, box: RectF, draw: () -> Unit) {
        canvas.save()
        clip(canvas, box)
        draw()
        canvas.restore()
    }

    protected fun clip(canvas: Canvas, box: RectF) {
        corners.reset()
        corners.addRoundRect(box, palette.corner, palette.corner, Path.Direction.CW)
        canvas.clipPath(corners)
    }

    /** Shows a new content, and tells it. */
    protected fun update(description: String) {
        contentDescription = description
        requestLayout()
        invalidate()
    }

    private fun shortened(text: String, room: Float): String =
        TextUtils.ellipsize(text, TextPaint(palette.label), room, TextUtils.TruncateAt.MIDDLE).toString()
}
