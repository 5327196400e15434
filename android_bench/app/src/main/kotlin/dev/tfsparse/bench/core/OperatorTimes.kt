// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.core.ModelRunner.Companion.NANOS_PER_MS
import dev.tfsparse.bench.model.WinnerOp
import dev.tfsparse.delegate.OperatorProfile

/** The phases that find the winners; the others are what is done with them. */
private val RANKING_PHASES = setOf("rank", "select")

/** What a probe takes itself, which is no time of the model's. */
private const val PROBES_OWN_PHASE = "copy"

internal const val MAX_PROFILED_RUNS = 50

/** Median time of one run of an operator, phase by phase; of a probe, of the operator that it timed. */
public data class OperatorTime(
    val op: String,
    val layer: String,
    val totalMs: Double,
    val rankingMs: Double,
    val phasesMs: Map<String, Double>,
)

/**
 * Runs a model with the delegate's own clocks on; separate from the timed runs, which the clocks would slow.
 *
 * One run goes before those that count, in which memory is still cold.
 */
internal fun operatorTimes(
    model: ModelRunner,
    samples: List<Sample>,
    runs: Int,
    watcher: BenchWatcher,
): List<OperatorTime> {
    model.run(samples[0])
    model.takeProfile()
    val profiles = List(runs) { run ->
        watcher.progress(Phase.LAYERS, run, runs)
        model.run(samples[run % samples.size])
        model.takeProfile()
    }
    return profiles.first().indices.map { operator -> profiles.map { it[operator] } }
        .filterNot { isBetweenLayers(it.first()) }
        .map(::medianTime)
}

/** Where a probe names no layer, it has timed what lies between two of them. */
private fun isBetweenLayers(entry: OperatorProfile) = entry.op == WinnerOp.PROBE && entry.layer.isEmpty()

/** One operator over all runs. Not the mean: a run that the system interrupts would drown the others. */
private fun medianTime(entries: List<OperatorProfile>): OperatorTime {
    val first = entries.first()
    val phases = first.phases.keys.filter { it != PROBES_OWN_PHASE }
        .associateWith { phase ->
            median(DoubleArray(entries.size) { entries[it].phases.getValue(phase) / NANOS_PER_MS })
        }
        .filterValues { it > 0 }
    return OperatorTime(
        op = if (first.op == WinnerOp.PROBE) first.kernel else first.op,
        layer = first.layer,
        totalMs = phases.values.sum(),
        rankingMs = phases.filterKeys { it in RANKING_PHASES }.values.sum(),
        phasesMs = phases,
    )
}
