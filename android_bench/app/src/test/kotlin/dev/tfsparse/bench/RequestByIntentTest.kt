// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.os.PowerManager
import dev.tfsparse.bench.core.ResultReader
import dev.tfsparse.bench.phone.Thermal
import dev.tfsparse.bench.request.randomExtras
import dev.tfsparse.bench.ui.Rig
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowLog
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.Serializable
import java.util.Random

@RunWith(BenchTestRunner::class)
class RequestByIntentTest {
    private val results get() = Rig.app.folders.results

    @Before
    fun clearLog() = ShadowLog.clear()

    @Test
    fun everySettingArrives() {
        ask(
            runIntent(
                "request" to "mine", "sparse" to "digits_sparse.tflite", "dense" to Built.model("digits_dense").path,
                "dense_delegate" to "cpu", "threads" to "2", "runs" to 7, "warmup" to "1", "isa" to "portable",
                "data" to "digits.npz", "samples" to 20, "cool" to "true", "layers" to "false",
            ),
        )
        val result = ResultReader.decode(File(results, "mine.json").readText(), "mine")
        assertEquals(listOf("tfsparse", "cpu"), listOf(result.sparse.delegate, result.dense!!.delegate))
        assertEquals(
            listOf(2, 7, 20),
            listOf(result.threads, result.sparse.latencyMs.runs, result.sparse.accuracy!!.samples),
        )
        assertEquals("portable", result.isa)
        assertEquals("digits.npz", result.input)
        assertTrue(result.sparse.operators.isEmpty())
    }

    @Test
    fun oneLineGoesToTheLog() {
        ask(
            runIntent(
                "request" to "r1",
                "sparse" to "digits_sparse.tflite",
                "dense" to "digits_dense.tflite",
                "runs" to 5,
            ),
        )
        val line = logged().single()
        val result = ResultReader.decode(File(results, "r1.json").readText(), "r1")
        assertEquals("ok", line.getString("status"))
        assertEquals(File(results, "r1.json").path, line.getString("file"))
        assertEquals(result.sparse.latencyMs.median, line.getDouble("sparse_ms"), 1e-9)
        assertEquals(result.dense!!.latencyMs.median, line.getDouble("dense_ms"), 1e-9)
        assertEquals(result.speedup!!.value, line.getDouble("speedup"), 1e-9)
        assertTrue(line.isNull("error"))
    }

    @Test
    fun failuresAreWrittenDown() = mapOf(
        runIntent("request" to "f1", "sparse" to "none.tflite") to "There is no model none.tflite.",
        runIntent("request" to "f2", "sparse" to "digits_sparse.tflite", "thread" to 1) to
            "There is no setting named thread.",
        runIntent("request" to "f3") to "No model is chosen.",
        runIntent("request" to "f4", "sparse" to Built.set("digits.npz").path) to "digits.npz is no .tflite model.",
        runIntent("request" to "f5", "dense" to "digits_dense.tflite", "data" to "no.npz") to
            "There is no labelled set no.npz.",
    ).forEach { (intent, problem) ->
        ShadowLog.clear()
        ask(intent)
        val id = intent.getStringExtra("request")!!
        val written = JSONObject(File(results, "$id.error.json").readText())
        assertEquals(id, written.getString("request"))
        assertEquals(problem, written.getJSONObject("error").getString("problem"))
        assertEquals(
            setOf("problem", "expected", "received", "remedy"),
            written.getJSONObject("error").keys().asSequence().toSet(),
        )
        val line = logged().single()
        assertEquals(listOf("failed", problem), listOf(line.getString("status"), line.getString("error")))
    }

    @Test
    fun aHotPhoneIsNotMeasuredIfAsked() {
        val power = Rig.app.getSystemService(Context.POWER_SERVICE) as PowerManager
        shadowOf(power).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_SEVERE)
        ask(runIntent("request" to "hot", "dense" to "digits_dense.tflite", "cool" to "true", "cool_timeout_s" to "0"))
        assertEquals("The phone is too hot to measure.", logged().single().getString("error"))
        ask(runIntent("request" to "anyway", "dense" to "digits_dense.tflite", "runs" to 2))
        val phone = ResultReader.decode(File(results, "anyway.json").readText(), "anyway").machine.phone!!
        assertEquals(Thermal.SEVERE, phone.thermalAfter)
        assertEquals(0.0, phone.waitedToCoolS, 0.0)
    }

    @Test
    fun aResultIsNotReplaced() {
        val file = Rig.store("pair", id = "kept")
        val before = file.readText()
        ask(runIntent("request" to "kept", "dense" to "digits_dense.tflite", "runs" to 1))
        assertEquals(before, file.readText())
        assertEquals("There is a result named kept already.", logged().single().getString("error"))
    }

    @Test
    fun aNewIntentReachesTheScreenThatIsThere() {
        val controller = Rig.open<MainActivity>()
        controller.newIntent(runIntent("request" to "second", "dense" to "digits_dense.tflite", "runs" to 2))
        Rig.settle()
        controller.close()
        assertTrue(File(results, "second.json").isFile)
    }

    @Test
    fun aSecondRequestMeanwhileIsRefused() {
        val controller = Robolectric.buildActivity(
            MainActivity::class.java,
            runIntent("request" to "long", "dense" to "digits_dense.tflite", "runs" to 100_000),
        ).setup()
        awaitTiming()
        controller.newIntent(runIntent("request" to "late", "dense" to "digits_dense.tflite"))
        Rig.app.files.submit {}.get()
        assertEquals(listOf("late"), logged().map { it.getString("request") })
        Rig.app.runner.cancel()
        Rig.settle()
        controller.close()
        val ends = logged().associate { it.getString("request") to it.getString("status") }
        assertEquals(mapOf("long" to "cancelled", "late" to "failed"), ends)
    }

    @Test
    fun aGameLoopMeasuresTheDemoAndEnds() {
        val target = Uri.parse("content://farm/result.json")
        val written = ByteArrayOutputStream()
        shadowOf(Rig.app.contentResolver).registerOutputStream(target, written)
        val intent = Intent(Rig.app, MainActivity::class.java).setAction("com.google.intent.action.TEST_LOOP")
            .setDataAndType(target, "application/javascript").putExtra("scenario", 1).putExtra("runs", "4")
        val controller = Rig.open<MainActivity>(intent)
        Rig.settle()
        assertTrue(controller.get().isFinishing)
        val result = ResultReader.decode(written.toString(), "result.json")
        assertEquals("digits_sparse.tflite", result.sparse.model)
        assertEquals(4, result.sparse.latencyMs.runs)
        controller.close()
    }

    @Test
    fun aGameLoopThatFailsSaysSo() {
        val target = Uri.parse("content://farm/result.json")
        val written = ByteArrayOutputStream()
        shadowOf(Rig.app.contentResolver).registerOutputStream(target, written)
        val intent = Intent(Rig.app, MainActivity::class.java).setAction("com.google.intent.action.TEST_LOOP")
            .setData(target).putExtra("sparse", "none.tflite")
        Rig.open<MainActivity>(intent).use { assertTrue(it.get().isFinishing) }
        assertEquals(
            "There is no model none.tflite.",
            JSONObject("$written").getJSONObject("error").getString("problem"),
        )
    }

    @Test
    fun noIntentEndsTheApp() {
        val random = Random(9)
        val controller = Rig.open<MainActivity>()
        repeat(150) { round ->
            ShadowLog.clear()
            val extras = randomExtras(random).filterKeys { it != "runs" && it != "warmup" }
            controller.newIntent(
                Intent(Rig.app, MainActivity::class.java).setAction(MainActivity.ACTION_RUN).putExtras(bundle(extras)),
            )
            Rig.app.runner.cancel()
            Rig.settle()
            val lines = logged()
            assertEquals("round $round: $extras", 1, lines.size)
            assertTrue("$extras", lines[0].getString("status") in setOf("failed", "cancelled"))
            assertTrue(ShadowLog.getLogsForTag("tfsparse").single().msg.toByteArray().size < 4000)
        }
        controller.close()
        assertFalse(File(results.parentFile, "x.json").exists())
        assertTrue(results.listFiles()!!.all { it.name.endsWith(".error.json") })
    }

    private fun ask(intent: Intent) = Rig.open<MainActivity>(intent).close()

    private fun bundle(extras: Map<String, Any?>) = Bundle().apply {
        extras.forEach { (key, value) ->
            when (value) {
                null -> putString(key, null)
                is ByteArray -> putByteArray(key, value)
                is Array<*> -> putStringArray(key, arrayOf("a"))
                else -> putSerializable(key, value as Serializable)
            }
        }
    }
}
