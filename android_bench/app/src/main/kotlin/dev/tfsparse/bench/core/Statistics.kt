// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import java.util.Random
import kotlin.math.floor
import kotlin.math.min
import kotlin.math.sqrt

private const val RESAMPLES = 2000
private const val TAIL = 0.025

/** Statistics of measured runs, in milliseconds; half of them were shorter than [median], 5 % than [p5]. */
public data class Summary(
    val avg: Double,
    val min: Double,
    val max: Double,
    val std: Double,
    val median: Double,
    val p5: Double,
    val p95: Double,
    val runs: Int,
)

/** A value, and the interval that holds it with 95 % confidence. */
public data class Interval(val value: Double, val low: Double, val high: Double)

/** Statistics of at least one measured time. */
public fun summarize(milliseconds: DoubleArray): Summary {
    val sorted = milliseconds.sortedArray()
    val mean = milliseconds.average()
    return Summary(
        avg = mean,
        min = sorted.first(),
        max = sorted.last(),
        std = sqrt(milliseconds.sumOf { (it - mean) * (it - mean) } / milliseconds.size),
        median = quantile(sorted, 0.5),
        p5 = quantile(sorted, 0.05),
        p95 = quantile(sorted, 0.95),
        runs = milliseconds.size,
    )
}

/** The median of at least one value. */
public fun median(values: DoubleArray): Double = quantile(values.sortedArray(), 0.5)

/** The value that a share of sorted values stays below, interpolated linearly between the two that are nearest. */
internal fun quantile(sorted: DoubleArray, share: Double): Double {
    val position = share * (sorted.size - 1)
    val below = floor(position).toInt()
    val above = min(below + 1, sorted.size - 1)
    return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/**
 * Median of the ratios of times that were measured in pairs, with its bootstrap interval.
 *
 * What slows the phone for a while slows both times of a pair, and their ratio stays.
 *
 * @param numerators positive times
 * @param denominators as many positive times
 */
public fun pairedRatio(numerators: DoubleArray, denominators: DoubleArray, seed: Long = 0): Interval {
    val ratios = DoubleArray(numerators.size) { numerators[it] / denominators[it] }.sortedArray()
    val random = Random(seed)
    val counts = IntArray(ratios.size)
    val medians = DoubleArray(RESAMPLES) { resampledMedian(ratios, counts, random) }.sortedArray()
    return Interval(quantile(ratios, 0.5), quantile(medians, TAIL), quantile(medians, 1 - TAIL))
}

/** The median of as many values drawn with replacement; counting how often each was drawn spares sorting them. */
private fun resampledMedian(sorted: DoubleArray, counts: IntArray, random: Random): Double {
    counts.fill(0)
    repeat(sorted.size) { counts[random.nextInt(sorted.size)]++ }
    val lower = drawnAt(sorted, counts, (sorted.size - 1) / 2)
    return if (sorted.size % 2 == 1) lower else (lower + drawnAt(sorted, counts, sorted.size / 2)) / 2
}

private fun drawnAt(sorted: DoubleArray, counts: IntArray, rank: Int): Double {
    var index = 0
    var seen = counts[0]
    while (seen <= rank) seen += counts[++index]
    return sorted[index]
}
