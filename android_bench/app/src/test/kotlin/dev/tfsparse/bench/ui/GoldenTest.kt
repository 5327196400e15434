// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.content.Intent
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.BenchTestRunner
import dev.tfsparse.bench.MainActivity
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.MACHINE
import dev.tfsparse.bench.core.Phase
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.run.Progress
import dev.tfsparse.bench.run.RunnerState
import dev.tfsparse.bench.store.FileKind
import org.junit.After
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import java.util.Locale
import java.util.TimeZone

/** Every screen in every look, against pictures that somebody has looked at. */
@RunWith(BenchTestRunner::class)
class GoldenTest {
    private val zone = TimeZone.getDefault()

    @Before
    fun standStill() {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"))
        Locale.setDefault(Locale.US)
    }

    @After
    fun moveOn() = TimeZone.setDefault(zone)

    @Test
    fun light() = all("light", "w411dp-h1000dp", 1f)

    @Test
    fun dark() = all("dark", "w411dp-h1000dp-night", 1f)

    @Test
    fun largeFont() = all("large", "w411dp-h1000dp", 1.6f)

    @Test
    fun landscape() = all("landscape", "w914dp-h411dp-land", 1f)

    private fun all(look: String, qualifiers: String, fontScale: Float) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(fontScale)
        setup(look)
        progress(look)
        failure(look)
        chooser(look)
        history(look)
        // A result is longer than a screen: a taller phone shows all of it.
        RuntimeEnvironment.setQualifiers(TALL.replace(qualifiers) { "h${it.groupValues[1].toInt() * TALLER}dp" })
        result(look, "pair")
        if (look == "light") {
            result(look, "alone")
            result(look, "without_dense_layers")
        }
    }

    private fun setup(look: String) = shot<MainActivity>("setup-$look") { withMachine(it) }

    private fun progress(look: String) = shot<MainActivity>("progress-$look") { activity ->
        val request = BenchRequest("r", sparse = "digits_sparse.tflite", dense = "digits_dense.tflite")
        val startedMs = android.os.SystemClock.elapsedRealtime() - 7000
        activity.onState(RunnerState.Running(request, startedMs, Progress(Phase.TIMING, 41, 110), cancelling = false))
    }

    private fun failure(look: String) = shot<MainActivity>("failure-$look") { activity ->
        withMachine(activity)
        val error = BenchException(
            "The two models take different inputs.",
            expected = "[float32 [1, 20, 20, 1]], as digits_sparse.tflite takes",
            received = "[float32 [1, 224, 224, 3]] of mobilenet.tflite",
            remedy = "Choose two models of one network.",
        )
        Notice(activity).show(error) {}
    }

    private fun chooser(look: String) = shot<ChooserActivity>(
        "chooser-$look",
        ChooserActivity.intent(Rig.app, FileKind.MODEL, "Choose the dense model", "Nothing to compare with"),
    ) {}

    private fun history(look: String) {
        listOf("pair", "alone", "without_dense_layers").forEachIndexed { index, name ->
            Rig.store(name).setLastModified(1_700_000_000_000 + index)
        }
        shot<HistoryActivity>("history-$look") { it.findViewById<android.view.View>(R.id.delete).performClick() }
        Rig.app.folders.results.deleteRecursively()
    }

    private fun result(look: String, name: String) =
        shot<ResultActivity>("result-$name-$look", ResultActivity.intent(Rig.app, Rig.store(name))) {}

    private fun withMachine(activity: Activity) =
        showFacts(activity.findViewById(R.id.phone), MachineFacts(activity).of(MACHINE))

    private inline fun <reified T : Activity> shot(
        name: String,
        intent: Intent = Intent(Rig.app, T::class.java),
        act: (T) -> Unit,
    ) {
        Rig.open<T>(intent).use { controller ->
            act(controller.get())
            Rig.settle()
            Golden.check(name, Rig.picture(controller.get()))
        }
    }

    private companion object {
        val TALL = Regex("h(\\d+)dp")
        const val TALLER = 2
    }
}
