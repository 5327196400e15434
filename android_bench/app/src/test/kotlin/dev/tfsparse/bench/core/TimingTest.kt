// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class TimingTest {
    private val calls = ArrayList<String>()
    private val samples: List<Sample> = listOf(arrayOf("x"), arrayOf("y"), arrayOf("z"))

    @Test
    fun orderTurnsAroundAndBothSeeTheSameSample() {
        timeByTurns(listOf(recorder("a"), recorder("b")), samples, runs = 3, warmup = 1, Unwatched)
        assertEquals(listOf("ax", "bx", "by", "ay", "az", "bz", "bx", "ax"), calls)
    }

    @Test
    fun warmUpIsNotTimed() {
        val times = timeByTurns(listOf(recorder("a"), recorder("b")), samples, runs = 2, warmup = 2, Unwatched)
        assertArrayEquals(doubleArrayOf(5.0, 8.0), times[0], 0.0)
        assertArrayEquals(doubleArrayOf(6.0, 7.0), times[1], 0.0)
    }

    @Test
    fun everyBlockWaitsForThePhone() {
        var blocks = 0
        val watcher = object : BenchWatcher {
            override fun progress(phase: Phase, done: Int, all: Int) = Unit
            override fun beforeBlock() {
                blocks++
            }
        }
        timeByTurns(listOf(recorder("a")), samples, runs = 101, warmup = 0, watcher)
        assertEquals(3, blocks)
    }

    /** Takes as many milliseconds as there were runs before, and one more. */
    private fun recorder(name: String): Run = { sample ->
        calls += name + sample[0]
        calls.size * 1_000_000L
    }
}

/** Lets a measurement go on to its end. */
object Unwatched : BenchWatcher {
    override fun progress(phase: Phase, done: Int, all: Int) = Unit

    override fun beforeBlock() = Unit
}
