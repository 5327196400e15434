// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Activity
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import java.io.File

@RunWith(BenchTestRunner::class)
class BenchInstrumentationTest {
    @Test
    fun reportsAResult() {
        val farm = Instrumented.run(
            mapOf(
                "request" to "farm",
                "sparse" to "digits_sparse.tflite",
                "runs" to "3",
                "clearPackageData" to "true",
            ),
        )
        assertEquals(Activity.RESULT_OK, farm.code)
        val line = JSONObject(farm.results.getString("result")!!)
        assertEquals("ok", line.getString("status"))
        assertTrue(File(farm.results.getString("file")!!).isFile)
        assertTrue("${farm.phases}", "timing" in farm.phases)
    }

    @Test
    fun withoutAModelTheBundledOnesAreMeasured() {
        val farm = Instrumented.run(
            mapOf("request" to "farm", "runs" to "2", "androidx.benchmark.output" to "x"),
        )
        assertEquals(Activity.RESULT_OK, farm.code)
        assertFalse(JSONObject(farm.results.getString("result")!!).isNull("speedup"))
    }

    @Test
    fun reportsAFailure() {
        val farm = Instrumented.run(mapOf("request" to "farm", "sparse" to "none.tflite"))
        assertEquals(Activity.RESULT_CANCELED, farm.code)
        assertTrue(farm.results.getString("error")!!.startsWith("There is no model none.tflite. Expected:"))
    }
}
