// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Activity
import android.os.Bundle
import android.os.Looper
import dev.tfsparse.bench.ui.Rig
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers
import java.io.File
import java.util.concurrent.CountDownLatch

@RunWith(BenchTestRunner::class)
class BenchInstrumentationTest {
    /** What `am instrument` would print. */
    private class Recorder : BenchInstrumentation() {
        val ended = CountDownLatch(1)
        val phases = ArrayList<String>()
        var code = 1
        lateinit var results: Bundle

        override fun finish(resultCode: Int, results: Bundle) {
            code = resultCode
            this.results = results
            ended.countDown()
        }

        override fun sendStatus(resultCode: Int, results: Bundle) {
            results.getString("phase")?.let(phases::add)
        }
    }

    @Test
    fun reportsAResult() {
        val recorder = instrument(
            "request" to "farm",
            "sparse" to "digits_sparse.tflite",
            "runs" to "3",
            "clearPackageData" to "true",
        )
        assertEquals(Activity.RESULT_OK, recorder.code)
        val line = JSONObject(recorder.results.getString("result")!!)
        assertEquals("ok", line.getString("status"))
        assertTrue(File(recorder.results.getString("file")!!).isFile)
        assertTrue("${recorder.phases}", "timing" in recorder.phases)
    }

    @Test
    fun withoutAModelTheBundledOnesAreMeasured() {
        val recorder = instrument("request" to "farm", "runs" to "2", "androidx.benchmark.output" to "x")
        assertEquals(Activity.RESULT_OK, recorder.code)
        assertFalse(JSONObject(recorder.results.getString("result")!!).isNull("speedup"))
    }

    @Test
    fun reportsAFailure() {
        val recorder = instrument("request" to "farm", "sparse" to "none.tflite")
        assertEquals(Activity.RESULT_CANCELED, recorder.code)
        assertTrue(recorder.results.getString("error")!!.startsWith("There is no model none.tflite. Expected:"))
    }

    private fun instrument(vararg arguments: Pair<String, String>): Recorder {
        val recorder = Recorder()
        ReflectionHelpers.setField(android.app.Instrumentation::class.java, recorder, "mAppContext", Rig.app)
        recorder.onCreate(Bundle().apply { arguments.forEach { (key, value) -> putString(key, value) } })
        val deadline = System.nanoTime() + 60_000_000_000
        while (recorder.ended.count > 0) {
            check(System.nanoTime() < deadline) { "it never ended" }
            shadowOf(Looper.getMainLooper()).idle()
            shadowOf(Rig.app).nextStartedActivity?.let { intent ->
                if (intent.action ==
                    MainActivity.ACTION_RUN
                ) {
                    Robolectric.buildActivity(MainActivity::class.java, intent).setup()
                }
            }
            Thread.sleep(5)
        }
        return recorder
    }
}
