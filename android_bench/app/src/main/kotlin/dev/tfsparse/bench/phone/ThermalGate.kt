// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

import dev.tfsparse.bench.BenchException

/**
 * Holds a measurement back while the phone is hot.
 *
 * @param thermal reads the status; null, where the phone does not tell, counts as cool
 * @param timeoutS seconds after which waiting is given up, over all waits
 * @param pause waits so many milliseconds
 */
public class ThermalGate(
    private val thermal: () -> Thermal?,
    private val timeoutS: Int,
    private val pause: (Long) -> Unit = Thread::sleep,
) {
    private var waitedMs = 0L

    /** Seconds waited so far. */
    public val waitedS: Double get() = waitedMs / MS_PER_S

    /**
     * Returns as soon as the phone is cool.
     *
     * @param waiting called about once a second meanwhile
     * @throws BenchException if it does not cool in time
     */
    public fun await(waiting: (waitedS: Int) -> Unit) {
        var status = thermal()
        while (status != null && !status.isCool) {
            if (waitedMs >= timeoutS * MS_PER_S) throw tooHot(status)
            waiting((waitedMs / MS_PER_S).toInt())
            pause(STEP_MS)
            waitedMs += STEP_MS
            status = thermal()
        }
    }

    private fun tooHot(status: Thermal) = BenchException(
        "The phone is too hot to measure.",
        expected = "the thermal status none or light within $timeoutS s",
        received = status.id,
        remedy = "Let it cool away from sun and charger, or wait longer (cool_timeout_s).",
    )

    private companion object {
        const val STEP_MS = 1000L
        const val MS_PER_S = 1000.0
    }
}
