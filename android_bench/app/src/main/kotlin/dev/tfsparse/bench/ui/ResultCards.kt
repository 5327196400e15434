// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.view.View
import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.TextView
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.BenchResult
import dev.tfsparse.bench.core.Side
import dev.tfsparse.bench.core.layerTimes
import dev.tfsparse.bench.model.Macs
import dev.tfsparse.bench.ui.chart.LatencyChart
import dev.tfsparse.bench.ui.chart.LayerChart
import dev.tfsparse.bench.ui.chart.LimitBar
import dev.tfsparse.bench.ui.chart.RateChart

/** Fills the cards of the result screen. */
internal class ResultCards(private val activity: Activity) {
    fun show(result: BenchResult) {
        showHeadline(result)
        view<LatencyChart>(R.id.latency).show(result.sparse, result.dense)
        showTable(result)
        showLayers(result)
        showRates(result.sparse)
        showFacts(view(R.id.conditions), conditions(result) + MachineFacts(activity).of(result.machine))
    }

    private fun showHeadline(result: BenchResult) {
        val speedup = result.speedup
        val figure = view<TextView>(R.id.headline)
        val below = view<TextView>(R.id.headline_text)
        val interval = view<TextView>(R.id.headline_interval)
        if (speedup == null) {
            figure.text = Figures.time(result.sparse.latencyMs.median)
            below.text = activity.getString(R.string.median_time, result.sparse.latencyMs.runs)
            interval.text = result.sparse.model
        } else {
            figure.text = activity.getString(R.string.times_text, Figures.factor(speedup.value))
            below.setText(R.string.as_fast)
            interval.text =
                activity.getString(R.string.interval, Figures.factor(speedup.low), Figures.factor(speedup.high))
        }
        showLimit(result)
    }

    private fun showLimit(result: BenchResult) {
        val share = result.fractionOfLimit
        val ratio = result.macRatio
        val visibility = if (share == null || ratio == null) View.GONE else View.VISIBLE
        view<View>(R.id.limit).visibility = visibility
        view<View>(R.id.limit_text).visibility = visibility
        if (share == null || ratio == null) return
        view<LimitBar>(R.id.limit).show(share)
        view<TextView>(R.id.limit_text).text =
            activity.getString(R.string.share_of_limit, Figures.percent(share), Figures.factor(1 / ratio))
    }

    private fun showTable(result: BenchResult) {
        val rows: ViewGroup = view(R.id.table)
        rows.removeAllViews()
        val sides = listOfNotNull(result.dense, result.sparse)
        val names = listOf(R.string.dense, R.string.sparse).map(activity::getString)
        if (result.dense != null) addRow(rows, "", names, isHead = true)
        TABLE.forEach { (name, cell) ->
            addRow(rows, activity.getString(name), sides.map { cell(activity, it) }, isHead = false)
        }
    }

    private fun addRow(rows: ViewGroup, name: String, cells: List<String>, isHead: Boolean) {
        val row = activity.layoutInflater.inflate(R.layout.table_row, rows, false) as LinearLayout
        if (activity.resources.configuration.fontScale >= LARGE) stack(row, isHead)
        row.findViewById<TextView>(R.id.cell_name).text = name
        val views = listOf(R.id.cell_first, R.id.cell_second).map { row.findViewById<TextView>(it) }
        views.forEachIndexed { index, view ->
            view.visibility = if (index < cells.size) View.VISIBLE else View.GONE
            view.text = cells.getOrNull(index)
            if (isHead) view.setTextColor(activity.getColor(if (index == 0) R.color.dense else R.color.sparse))
            if (isHead) view.paint.isFakeBoldText = true
        }
        row.contentDescription = activity.getString(R.string.table_row, name, spoken(cells))
        // Every other row says which figure is whose.
        if (isHead) row.importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
        rows.addView(row)
    }

    /** Puts a row's name over its figures: beside them there is no room for large letters. */
    private fun stack(row: LinearLayout, isHead: Boolean) {
        row.orientation = LinearLayout.VERTICAL
        for (id in listOf(R.id.cell_name, R.id.cells)) {
            row.findViewById<View>(id).layoutParams.width = ViewGroup.LayoutParams.MATCH_PARENT
        }
        if (isHead) row.findViewById<View>(R.id.cell_name).visibility = View.GONE
    }

    private fun spoken(cells: List<String>): String = if (cells.size < 2) {
        cells.joinToString()
    } else {
        "${activity.getString(R.string.dense)} ${cells[0]}, " +
            "${activity.getString(R.string.sparse)} ${cells[1]}"
    }

    private fun showLayers(result: BenchResult) {
        val layers = layerTimes(result.sparse.operators, result.dense?.operators.orEmpty())
        view<View>(R.id.layers_card).visibility = if (layers.isEmpty()) View.GONE else View.VISIBLE
        val dense = result.dense
        view<TextView>(R.id.layers_note).text = when {
            layers.any { it.denseMs != null } -> activity.getString(R.string.per_layer_note)
            dense == null -> activity.getString(R.string.per_layer_alone)
            else -> activity.getString(
                R.string.per_layer_absolute,
                dense.model.removeSuffix(".tflite") + ".layers.tflite",
            )
        }
        view<LayerChart>(R.id.layers_chart).show(layers)
    }

    private fun showRates(side: Side) {
        view<View>(R.id.rates_card).visibility = if (side.winnerRates.isEmpty()) View.GONE else View.VISIBLE
        view<RateChart>(R.id.rates_chart).show(side.winnerRates)
    }

    private fun conditions(result: BenchResult): List<Pair<Int, String>> = listOf(
        R.string.measured_at to localTime(result.date),
        R.string.input to if (result.input == RANDOM) activity.getString(R.string.input_random) else result.input,
        R.string.runs to "${result.sparse.latencyMs.runs}",
        R.string.threads to "${result.threads}",
        R.string.kernels to (result.isa ?: activity.getString(R.string.none)),
        R.string.versions to listOfNotNull(
            "tfsparse ${result.versions.tfsparse}",
            "${result.runtime} ${result.versions.runtime}",
        ).joinToString(", "),
    )

    private fun <T : View> view(id: Int): T = activity.findViewById(id)

    private companion object {
        const val RANDOM = "random"
        const val NO_FIGURE = "–"

        /** Font scale from which on letters count as large. */
        const val LARGE = 1.5f

        val TABLE: List<Pair<Int, (Activity, Side) -> String>> = listOf(
            R.string.table_median to { _, side -> Figures.time(side.latencyMs.median) },
            R.string.table_range to { _, side -> Figures.times(side.latencyMs.p5, side.latencyMs.p95) },
            R.string.table_mean to { _, side -> Figures.time(side.latencyMs.avg) },
            R.string.table_first to { _, side -> Figures.time(side.firstRunMs) },
            R.string.table_init to { _, side -> Figures.time(side.initMs) },
            R.string.table_memory to { _, side -> side.peakMemoryBytes?.let(Figures::bytes) ?: NO_FIGURE },
            R.string.table_file to { _, side -> Figures.bytes(side.bytes) },
            R.string.table_macs to { _, side -> macs(side.macs) },
            R.string.table_accuracy to { _, side ->
                side.accuracy?.let { Figures.percent(it.correct.toDouble() / it.samples, decimals = 2) } ?: NO_FIGURE
            },
            R.string.table_delegate to { activity, side -> SetupForm.nameOf(activity, side.delegate) },
        )

        fun macs(macs: Macs): String = Figures.count(macs.computed)
    }
}
