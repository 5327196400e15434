// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.Built
import dev.tfsparse.bench.doubles
import dev.tfsparse.bench.objects
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Test

class StatisticsTest {
    private val cases = Built.expected.getJSONArray("statistics").objects()

    @Test
    fun summariesEqualThoseOfNumPy() = cases.forEach { case ->
        val expected = case.getJSONObject("summary")
        val summary = summarize(case.getJSONArray("numerators").doubles())
        assertEquals(expected.getInt("runs"), summary.runs)
        val values = with(summary) {
            mapOf("avg" to avg, "min" to min, "max" to max, "std" to std, "median" to median, "p5" to p5, "p95" to p95)
        }
        values.forEach { (name, value) -> assertEquals(name, expected.getDouble(name), value, 1e-12) }
    }

    @Test
    fun ratiosEqualThoseOfNumPyAndIntervalsNearly() = cases.forEach { case ->
        val expected = case.getJSONObject("ratio")
        val ratio = ratioOf(case)
        val width = expected.getDouble("high") - expected.getDouble("low")
        assertEquals(expected.getDouble("value"), ratio.value, 1e-12)
        assertEquals("low", expected.getDouble("low"), ratio.low, 0.15 * width)
        assertEquals("high", expected.getDouble("high"), ratio.high, 0.15 * width)
    }

    @Test
    fun intervalIsTheSameEachTime() = assertEquals(ratioOf(cases.last()), ratioOf(cases.last()))

    @Test
    fun oneRunHasNoSpread() {
        val summary = summarize(doubleArrayOf(3.0))
        assertEquals(Summary(3.0, 3.0, 3.0, 0.0, 3.0, 3.0, 3.0, 1), summary)
        assertEquals(Interval(2.0, 2.0, 2.0), pairedRatio(doubleArrayOf(6.0), doubleArrayOf(3.0)))
    }

    private fun ratioOf(case: JSONObject) =
        pairedRatio(case.getJSONArray("numerators").doubles(), case.getJSONArray("denominators").doubles())
}
