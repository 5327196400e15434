// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.run

import dev.tfsparse.bench.BenchTestRunner
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.ui.Rig
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith

@RunWith(BenchTestRunner::class)
class MeasurementTest {
    @Test
    fun noErrorWhateverEndsTheApp() = listOf(
        UnsatisfiedLinkError("no library for this processor"),
        StackOverflowError("deep"),
        IllegalStateException("a defect"),
        OutOfMemoryError("large"),
    ).forEachIndexed { index, thrown ->
        val measurement = Measurement(Rig.app.finder, Rig.app.results, Rig.app.phone, "1")
        val request = BenchRequest("r$index", dense = "digits_dense.tflite")
        val outcome = measurement.run(request) { _, _, _ -> throw thrown }
        val written = JSONObject((outcome as Outcome.Failed).file!!.readText()).getJSONObject("error")
        assertEquals(outcome.error.problem, written.getString("problem"))
        assertEquals(thrown, outcome.error.cause)
    }
}
