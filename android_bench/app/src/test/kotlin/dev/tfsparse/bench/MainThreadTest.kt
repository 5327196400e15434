// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Activity
import android.view.View
import dev.tfsparse.bench.store.FileKind
import dev.tfsparse.bench.ui.ChooserActivity
import dev.tfsparse.bench.ui.HistoryActivity
import dev.tfsparse.bench.ui.ResultActivity
import dev.tfsparse.bench.ui.Rig
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.android.controller.ActivityController
import org.robolectric.util.ReflectionHelpers
import java.io.File
import java.lang.management.ManagementFactory
import java.util.concurrent.CountDownLatch

/** What the main thread does by itself: here the workers stand still. */
@RunWith(BenchTestRunner::class)
class MainThreadTest {
    private val gate = CountDownLatch(1)

    @Before
    fun stopWorkers() {
        Rig.settle()
        listOf(Rig.app.files, Rig.app.measuring).forEach { it.execute(gate::await) }
    }

    @After
    fun letThemGo() {
        gate.countDown()
        Rig.settle()
    }

    @Test
    fun screensComeWithoutAnyFile() {
        val before = touched()
        listOf<ActivityController<out Activity>>(
            Robolectric.buildActivity(MainActivity::class.java),
            Robolectric.buildActivity(HistoryActivity::class.java),
            Robolectric.buildActivity(
                ChooserActivity::class.java,
                ChooserActivity.intent(Rig.app, FileKind.MODEL, "", ""),
            ),
            Robolectric.buildActivity(ResultActivity::class.java, ResultActivity.intent(Rig.app, File("/none.json"))),
        ).forEach { it.setup().close() }
        assertEquals(before, touched())
    }

    @Test
    fun startingAMeasurementTouchesNoFile() {
        val before = touched()
        Robolectric.buildActivity(
            MainActivity::class.java,
            runIntent("sparse" to "none.tflite"),
        ).setup().use { controller ->
            assertEquals(View.VISIBLE, controller.get().findViewById<View>(R.id.progress).visibility)
        }
        assertEquals(before, touched())
    }

    @Test
    fun firstScreenTakesLessThanASecondOfWork() {
        Robolectric.buildActivity(MainActivity::class.java).setup().close() // loads the classes
        val clock = ManagementFactory.getThreadMXBean()
        val started = clock.currentThreadCpuTime
        Robolectric.buildActivity(MainActivity::class.java).setup().close()
        val seconds = (clock.currentThreadCpuTime - started) / 1e9
        println("first screen: $seconds s of work")
        assertTrue("$seconds s", seconds < 1)
    }

    /** The parts of the app that look at files, which are made when they are first used. */
    private fun touched(): Map<String, Boolean> =
        listOf("folders", "finder", "importer", "results", "phone").associateWith { name ->
            ReflectionHelpers.getField<Lazy<*>>(Rig.app, "$name\$delegate").isInitialized()
        }
}
