// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import kotlin.math.floor
import kotlin.math.log10

private const val DIGITS = 3
private const val KILO = 1000.0
private const val PERCENT = 100.0
private const val LEAST_MS = 0.1

/** No line ends between a number and its unit. */
private const val SPACE = "\u00A0"

/** A line may end here. */
private const val BREAK = "\u200B"

/** Numbers as people read them: three digits and a unit. */
public object Figures {
    /** A time: `8.40 µs`, `0.519 ms`, `12.3 ms`, `1.20 s`. */
    public fun time(milliseconds: Double): String = unitOf(milliseconds).let { (unit, factor) ->
        "${digits(milliseconds * factor)}$SPACE$unit"
    }

    /** Two times with one unit: `2.32–2.50 ms`. */
    public fun times(from: Double, to: Double): String =
        unitOf(to).let { (unit, factor) -> "${digits(from * factor)}–$BREAK${digits(to * factor)}$SPACE$unit" }

    /** A size in bytes: `1.17 MB`. */
    public fun bytes(bytes: Long): String = scaled(bytes.toDouble(), listOf("B", "kB", "MB", "GB"))

    /** A count: `25.9 M`. */
    public fun count(count: Long): String = scaled(count.toDouble(), listOf("", "k", "M", "G")).trim()

    /** A share: `87 %`, `0.4 %`, `98.44 %` with two decimals. */
    public fun percent(share: Double, decimals: Int = 0): String = "%.${decimals}f$SPACE%%".format(PERCENT * share)

    /** A factor: `3.39`. */
    public fun factor(value: Double): String = digits(value)

    /** A frequency given in kHz: `1.80 GHz`. */
    public fun frequency(khz: Long): String = "%.2f${SPACE}GHz".format(khz / KILO / KILO)

    private fun unitOf(milliseconds: Double): Pair<String, Double> = when {
        milliseconds >= KILO -> "s" to 1 / KILO
        milliseconds >= LEAST_MS || milliseconds == 0.0 -> "ms" to 1.0
        else -> "µs" to KILO
    }

    private fun scaled(value: Double, units: List<String>): String {
        var rest = value
        var unit = 0
        while (rest >= KILO && unit < units.size - 1) {
            rest /= KILO
            unit++
        }
        return if (unit == 0) "%.0f$SPACE${units[0]}".format(rest) else "${digits(rest)}$SPACE${units[unit]}"
    }

    private fun digits(value: Double): String {
        val before = if (value >= 1) floor(log10(value)).toInt() + 1 else 1
        return "%.${(DIGITS - before).coerceIn(0, DIGITS - 1) + if (value < 1) 1 else 0}f".format(value)
    }
}
