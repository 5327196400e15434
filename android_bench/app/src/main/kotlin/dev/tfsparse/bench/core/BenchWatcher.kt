// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

/** What a measurement is busy with. */
public enum class Phase { COOLING, LOADING, TIMING, ACCURACY, LAYERS }

/** Thrown out of a measurement that somebody has cancelled. */
public class CancelledException : RuntimeException("cancelled")

/** Follows a measurement from outside; called on the thread that measures. */
public interface BenchWatcher {
    /**
     * Says how far a phase is.
     *
     * @throws CancelledException to end the measurement
     */
    public fun progress(phase: Phase, done: Int, all: Int)

    /** Returns when the phone is ready for the next block of runs. */
    public fun beforeBlock()
}
