// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Instrumentation
import android.os.Bundle
import android.os.Looper
import dev.tfsparse.bench.ui.Rig
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers
import java.util.concurrent.CountDownLatch

/** The app's instrumentation, and what `am instrument` would print of it. */
class Instrumented : BenchInstrumentation() {
    private val ended = CountDownLatch(1)
    val phases = ArrayList<String>()
    var code = 1
        private set
    lateinit var results: Bundle
        private set

    override fun finish(resultCode: Int, results: Bundle) {
        code = resultCode
        this.results = results
        ended.countDown()
    }

    override fun sendStatus(resultCode: Int, results: Bundle) {
        results.getString("phase")?.let(phases::add)
    }

    /** Starts the screens that the instrumentation asks for, as the system would, until it has finished. */
    private fun await() {
        val deadline = System.nanoTime() + PATIENCE_NS
        while (ended.count > 0) {
            check(System.nanoTime() < deadline) { "it never ended" }
            shadowOf(Looper.getMainLooper()).idle()
            val intent = shadowOf(Rig.app).nextStartedActivity
            if (intent?.action == MainActivity.ACTION_RUN) {
                Robolectric.buildActivity(MainActivity::class.java, intent).setup()
            }
            Thread.sleep(PAUSE_MS)
        }
    }

    companion object {
        private const val PATIENCE_NS = 60_000_000_000
        private const val PAUSE_MS = 5L

        /** Runs it with the arguments of `am instrument -e`. */
        fun run(arguments: Map<String, String>): Instrumented {
            val instrumented = Instrumented()
            ReflectionHelpers.setField(Instrumentation::class.java, instrumented, "mAppContext", Rig.app)
            instrumented.onCreate(Bundle().apply { arguments.forEach { (key, value) -> putString(key, value) } })
            instrumented.await()
            return instrumented
        }
    }
}
