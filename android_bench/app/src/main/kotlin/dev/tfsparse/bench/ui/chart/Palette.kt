// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui.chart

import android.content.Context
import android.graphics.Paint
import android.graphics.Typeface
import android.util.TypedValue
import dev.tfsparse.bench.R

/** Colours, sizes and brushes of the charts; text grows with the reader's font size. */
internal class Palette(private val context: Context) {
    val dense = fill(R.color.dense)
    val sparse = fill(R.color.sparse)
    val ranking = fill(R.color.ranking)
    val track = fill(R.color.track)
    val ink = fill(R.color.ink)
    val label = text(R.color.ink, LABEL_SP, Paint.Align.LEFT)
    val figure = text(R.color.ink_soft, LABEL_SP, Paint.Align.RIGHT)
    val bar = context.resources.getDimension(R.dimen.bar)
    val smallBar = context.resources.getDimension(R.dimen.bar_small)
    val gap = dp(GAP_DP)
    val corner = dp(CORNER_DP)
    val line = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = context.getColor(R.color.ink)
        strokeWidth = dp(LINE_DP)
    }

    /** Height of a line of text. */
    val textHeight: Float get() = label.fontMetrics.run { descent - ascent }

    /** From the top of a line of text to its base line. */
    val ascent: Float get() = -label.fontMetrics.ascent

    fun dp(value: Float): Float = value * context.resources.displayMetrics.density

    private fun fill(color: Int) = Paint(Paint.ANTI_ALIAS_FLAG).apply { this.color = context.getColor(color) }

    private fun text(color: Int, sizeSp: Float, align: Paint.Align) = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        this.color = context.getColor(color)
        textSize = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, sizeSp, context.resources.displayMetrics)
        textAlign = align
        typeface = Typeface.create("sans-serif", Typeface.NORMAL)
        fontFeatureSettings = "tnum"
    }

    private companion object {
        const val LABEL_SP = 14f
        const val GAP_DP = 4f
        const val CORNER_DP = 3f
        const val LINE_DP = 1.5f
    }
}
