// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.core.ModelRunner.Companion.NANOS_PER_MS

private const val ROUNDS_PER_BLOCK = 50

/** Runs a model once on a sample and returns the nanoseconds that it took. */
internal typealias Run = (Sample) -> Long

/**
 * Runs every model once per round, on the same sample, and the order turns around from round to round, so that whatever
 * slows the phone slows each of them alike.
 *
 * @param samples used one after the other, again and again
 * @param warmup rounds before, which are not timed
 * @param watcher may hold each block of rounds back until the phone is cool
 * @return for each model the milliseconds of each round
 */
internal fun timeByTurns(
    models: List<Run>,
    samples: List<Sample>,
    runs: Int,
    warmup: Int,
    watcher: BenchWatcher,
): List<DoubleArray> {
    val times = List(models.size) { DoubleArray(runs) }
    val orders = listOf(models.indices.toList(), models.indices.reversed().toList())
    for (turn in 0 until warmup + runs) {
        if (turn % ROUNDS_PER_BLOCK == 0) watcher.beforeBlock()
        watcher.progress(Phase.TIMING, turn, warmup + runs)
        for (which in orders[turn % 2]) {
            val nanoseconds = models[which](samples[turn % samples.size])
            if (turn >= warmup) times[which][turn - warmup] = nanoseconds / NANOS_PER_MS
        }
    }
    watcher.progress(Phase.TIMING, warmup + runs, warmup + runs)
    return times
}
