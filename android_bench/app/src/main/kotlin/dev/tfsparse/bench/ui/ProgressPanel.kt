// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.os.SystemClock
import android.text.format.DateUtils
import android.view.View
import android.widget.Button
import android.widget.ProgressBar
import android.widget.TextView
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.Phase
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.run.RunnerState
import java.io.File

/** Shows how far a measurement is, over the rest of the screen. */
internal class ProgressPanel(private val activity: Activity, cancel: () -> Unit) {
    private val panel: View = activity.findViewById(R.id.progress)
    private val percent: TextView = activity.findViewById(R.id.progress_percent)
    private val phase: TextView = activity.findViewById(R.id.progress_phase)
    private val models: TextView = activity.findViewById(R.id.progress_models)
    private val bar: ProgressBar = activity.findViewById(R.id.progress_bar)
    private val count: TextView = activity.findViewById(R.id.progress_count)
    private val cancelButton: Button = activity.findViewById(R.id.cancel)

    init {
        cancelButton.setOnClickListener { cancel() }
    }

    fun hide() {
        panel.visibility = View.GONE
    }

    fun show(running: RunnerState.Running) {
        panel.visibility = View.VISIBLE
        val (step, done, all) = running.progress
        val share = if (all > 0) done.toDouble() / all else 0.0
        percent.text = Figures.percent(share)
        bar.progress = (share * bar.max).toInt()
        setIfChanged(phase, activity.getString(phaseText(step, running.request)))
        setIfChanged(models, modelsText(running.request))
        val elapsed = DateUtils.formatElapsedTime(
            (SystemClock.elapsedRealtime() - running.startedMs) / DateUtils.SECOND_IN_MILLIS,
        )
        val format = if (step == Phase.COOLING) R.string.progress_cooling else R.string.progress_of
        count.text = activity.getString(format, done, all, elapsed)
        cancelButton.isEnabled = !running.cancelling
        setIfChanged(cancelButton, activity.getString(if (running.cancelling) R.string.cancelling else R.string.cancel))
    }

    private fun phaseText(phase: Phase, request: BenchRequest): Int = when (phase) {
        Phase.COOLING -> R.string.phase_cooling
        Phase.LOADING -> R.string.phase_loading
        Phase.TIMING -> if (request.sparse == null ||
            request.dense == null
        ) {
            R.string.phase_timing_one
        } else {
            R.string.phase_timing
        }
        Phase.ACCURACY -> R.string.phase_accuracy
        Phase.LAYERS -> R.string.phase_layers
    }

    private fun modelsText(request: BenchRequest): String {
        val names = listOfNotNull(request.sparse, request.dense).map { File(it).name }
        return if (names.size == 2) activity.getString(R.string.two_models, names[0], names[1]) else names.single()
    }

    /** A screen reader speaks a text whenever it is set. */
    private fun setIfChanged(view: TextView, text: String) {
        if (view.text.toString() != text) view.text = text
    }
}
