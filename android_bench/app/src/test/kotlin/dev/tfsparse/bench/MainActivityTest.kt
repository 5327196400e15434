// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.EditText
import android.widget.ScrollView
import android.widget.TextView
import dev.tfsparse.bench.core.ResultReader
import dev.tfsparse.bench.run.RunnerState
import dev.tfsparse.bench.store.FileKind
import dev.tfsparse.bench.store.writeAtomically
import dev.tfsparse.bench.ui.ChooserActivity
import dev.tfsparse.bench.ui.HistoryActivity
import dev.tfsparse.bench.ui.ResultActivity
import dev.tfsparse.bench.ui.Rig
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowLog
import java.io.File
import java.time.Duration

@RunWith(BenchTestRunner::class)
class MainActivityTest {
    private val results get() = Rig.app.folders.results

    @Test
    fun measuresTheBundledDemo() = Rig.open<MainActivity>().use { controller ->
        val activity = controller.get()
        activity.text(R.id.runs, "12")
        activity.view(R.id.measure).performClick()
        assertEquals(View.VISIBLE, activity.view(R.id.progress).visibility)
        assertTrue(activity.keepsScreenOn())
        Rig.settle()
        assertFalse(activity.keepsScreenOn())
        assertEquals(View.GONE, activity.view(R.id.progress).visibility)
        val started = shadowOf(activity).nextStartedActivity
        assertEquals(ResultActivity::class.java.name, started.component!!.className)
        val stored = results.listFiles()!!.single()
        val result = ResultReader.decode(stored.readText(), stored.name)
        assertEquals("digits_sparse.tflite", result.sparse.model)
        assertEquals(12, result.dense!!.latencyMs.runs)
        assertEquals(450, result.sparse.accuracy!!.samples)
        assertEquals(listOf("conv1", "conv2", "conv3", "conv4", "logits"), result.dense!!.operators.map { it.layer })
    }

    @Test
    fun showsWhatIsWrong() = Rig.open<MainActivity>().use { controller ->
        val activity = controller.get()
        activity.text(R.id.runs, "0")
        activity.view(R.id.measure).performClick()
        Rig.settle()
        assertEquals("The setting runs has a wrong value.", activity.shown(R.id.notice_title))
        activity.view(R.id.notice_dismiss).performClick()
        assertEquals(View.GONE, activity.view(R.id.notice).visibility)
    }

    @Test
    fun whatIsWrongIsScrolledIntoView() = Rig.open<MainActivity>().use { controller ->
        val activity = controller.get()
        val scroll = activity.findViewById<ScrollView>(R.id.scroll)
        scroll.scrollTo(0, 10_000)
        assertTrue("${scroll.scrollY}", scroll.scrollY > 0)
        activity.text(R.id.runs, "0")
        activity.view(R.id.measure).performClick()
        Rig.settle()
        assertEquals(0, scroll.scrollY)
    }

    @Test
    fun cancellingStoresNothing() = busy().use { controller ->
        val activity = controller.get()
        awaitTiming()
        activity.view(R.id.cancel).performClick()
        assertEquals(activity.getString(R.string.cancelling), activity.shown(R.id.cancel))
        Rig.settle()
        assertEquals(activity.getString(R.string.cancelled), activity.shown(R.id.notice_title))
        assertEquals(emptyList<File>(), results.listFiles().orEmpty().toList())
        assertEquals("cancelled", logged().single().getString("status"))
    }

    @Test
    fun rotationLosesNothing() {
        val controller = busy()
        awaitTiming()
        val before = Rig.app.runner.state as RunnerState.Running
        RuntimeEnvironment.setQualifiers("+land")
        controller.configurationChange()
        val activity = controller.get()
        assertEquals(before.request, (Rig.app.runner.state as RunnerState.Running).request)
        assertEquals(View.VISIBLE, activity.view(R.id.progress).visibility)
        assertTrue(activity.keepsScreenOn())
        activity.view(R.id.cancel).performClick()
        Rig.settle()
        controller.close()
    }

    @Test
    fun rotationKeepsWhatWasTyped() = Rig.open<MainActivity>().use { controller ->
        controller.get().text(R.id.warmup, "37")
        RuntimeEnvironment.setQualifiers("+land")
        controller.configurationChange()
        Rig.settle()
        assertEquals("37", controller.get().findViewById<EditText>(R.id.warmup).text.toString())
        assertEquals("digits_sparse.tflite", controller.get().rowValue(R.id.sparse))
    }

    @Test
    fun aRotatedRequestIsNotRunTwice() {
        val controller = Rig.open<MainActivity>(runIntent("dense" to "digits_dense.tflite", "runs" to 2))
        RuntimeEnvironment.setQualifiers("+land")
        controller.configurationChange()
        Rig.settle()
        controller.close()
        assertEquals(1, results.listFiles()!!.size)
    }

    @Test
    fun settingsAreThereNextTime() {
        Rig.open<MainActivity>().use { it.get().text(R.id.threads, "3") }
        Rig.settle()
        Rig.open<MainActivity>().use { controller ->
            assertEquals("3", controller.get().findViewById<EditText>(R.id.threads).text.toString())
        }
    }

    @Test
    fun aRequestThatTheSystemInterruptedIsOfferedAgain() {
        val pending = File(Rig.app.noBackupFilesDir, "pending.json")
        writeAtomically(pending, """{"request": "lost", "sparse": "digits_sparse.tflite", "runs": "3"}""")
        Rig.app.runner.lookForInterrupted()
        Rig.open<MainActivity>().use { controller ->
            val activity = controller.get()
            assertEquals(activity.getString(R.string.interrupted, "lost"), activity.shown(R.id.notice_title))
            assertTrue(File(results, "lost.error.json").isFile)
            activity.view(R.id.notice_again).performClick()
            Rig.settle()
            assertEquals(1, results.listFiles()!!.count { !it.name.contains("error") })
            assertFalse(pending.exists())
        }
    }

    @Test
    fun anInterruptedRequestCanBeForgotten() {
        val pending = File(Rig.app.noBackupFilesDir, "pending.json")
        writeAtomically(pending, """{"request": "lost", "sparse": "digits_sparse.tflite"}""")
        Rig.app.runner.lookForInterrupted()
        Rig.open<MainActivity>().use { it.get().view(R.id.notice_dismiss).performClick() }
        Rig.settle()
        assertFalse(pending.exists())
        assertNull(Rig.app.runner.interrupted)
    }

    @Test
    fun filesAreChosenOnTheirScreen() = Rig.open<MainActivity>().use { controller ->
        val activity = controller.get()
        activity.view(R.id.dense).performClick()
        val chooser = shadowOf(activity).nextStartedActivityForResult
        assertEquals(ChooserActivity::class.java.name, chooser.intent.component!!.className)
        shadowOf(
            activity,
        ).receiveResult(chooser.intent, Activity.RESULT_OK, Intent().putExtra(ChooserActivity.NAME, "x.tflite"))
        assertEquals("x.tflite", activity.rowValue(R.id.dense))
        assertEquals(
            activity.getString(R.string.absent),
            activity.view(R.id.dense).findViewById<TextView>(R.id.row_note).text,
        )
        shadowOf(activity).receiveResult(chooser.intent, Activity.RESULT_OK, Intent())
        assertEquals(activity.getString(R.string.none), activity.rowValue(R.id.dense))
    }

    @Test
    fun historyIsOneTapAway() = Rig.open<MainActivity>().use { controller ->
        controller.get().view(R.id.action).performClick()
        assertEquals(
            HistoryActivity::class.java.name,
            shadowOf(controller.get()).nextStartedActivity.component!!.className,
        )
    }

    @Test
    fun theManifestsVersionIsThePackages() {
        val version = Regex("__version__ = \"(.*)\"").find(File(Built.repository, "tfsparse/__init__.py").readText())
        assertEquals(version!!.groupValues[1], Rig.app.version())
    }

    @Test
    fun everyBundledFileIsFound() = FileKind.values().forEach { kind ->
        Rig.app.folders.bundled(kind).forEach { assertTrue(Rig.app.finder.find(kind, it).isFile) }
    }

    /** A screen with a measurement that would take minutes. */
    private fun busy() = Robolectric.buildActivity(
        MainActivity::class.java,
        runIntent(
            "sparse" to "digits_sparse.tflite",
            "runs" to 100_000,
        ),
    ).setup()
}

/** A request by intent. */
fun runIntent(vararg extras: Pair<String, Any>): Intent = Intent(Rig.app, MainActivity::class.java)
    .setAction(MainActivity.ACTION_RUN)
    .putExtras(
        Bundle().apply {
            extras.forEach { (key, value) -> if (value is Int) putInt(key, value) else putString(key, "$value") }
        },
    )

/** What the app has said in the log of its requests. */
fun logged(): List<JSONObject> = ShadowLog.getLogsForTag("tfsparse").map { JSONObject(it.msg) }

/** Waits until models are being timed. */
fun awaitTiming() {
    val deadline = System.nanoTime() + 30_000_000_000
    while ((Rig.app.runner.state as? RunnerState.Running)?.progress?.done ?: 0 < 5) {
        check(System.nanoTime() < deadline) { "it never began: ${Rig.app.runner.state}" }
        Thread.sleep(20)
        // The clock of the app, by which it spaces out what it shows, goes on only when told to.
        shadowOf(android.os.Looper.getMainLooper()).idleFor(Duration.ofMillis(20))
    }
}

private fun Activity.view(id: Int): View = findViewById(id)

private fun Activity.shown(id: Int): String = findViewById<TextView>(id).text.toString()

private fun Activity.text(id: Int, text: String) = findViewById<EditText>(id).setText(text)

private fun Activity.rowValue(id: Int): String = view(id).findViewById<TextView>(R.id.row_value).text.toString()

private fun Activity.keepsScreenOn(): Boolean =
    window.attributes.flags and WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON != 0
