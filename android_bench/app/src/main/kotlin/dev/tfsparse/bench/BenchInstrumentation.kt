// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Activity
import android.app.Instrumentation
import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import dev.tfsparse.bench.core.Phase
import dev.tfsparse.bench.request.extrasOf
import dev.tfsparse.bench.run.Outcome
import dev.tfsparse.bench.run.Runner
import dev.tfsparse.bench.run.RunnerState
import dev.tfsparse.bench.store.orDemo
import java.io.File
import java.util.concurrent.CountDownLatch

/**
 * Runs a request for `am instrument`, as device farms do, in front of the app's own screen: a phone gives the fast
 * cores to what is seen.
 *
 * Its arguments are a request's extras, each a string; without a model, the bundled ones are measured. What farms and
 * test runners pass besides counts for nothing: names with a dot, and those of Android's own runner.
 */
public open class BenchInstrumentation : Instrumentation() {
    private val main = Handler(Looper.getMainLooper())
    private lateinit var given: Map<String, Any?>

    override fun onCreate(arguments: Bundle?) {
        super.onCreate(arguments)
        given = extrasOf(arguments).filterKeys { it !in RUNNERS_OWN && '.' !in it }
        start()
    }

    override fun onStart() {
        super.onStart()
        val app = targetContext.applicationContext as BenchApplication
        val ended = Waiting()
        main.post { app.runner.add(ended) }
        val intent = Intent(MainActivity.ACTION_RUN)
            .setClassName(targetContext, MainActivity::class.java.name)
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
            .putExtras(
                Bundle().apply {
                    orDemo(given, app.finder).forEach { (key, value) -> putString(key, "$value") }
                },
            )
        targetContext.startActivity(intent)
        val outcome = ended.await()
        main.post { app.runner.remove(ended) }
        finish(if (outcome is Outcome.Measured) Activity.RESULT_OK else Activity.RESULT_CANCELED, report(outcome))
    }

    private fun report(outcome: Outcome) = Bundle().apply {
        putString("request", outcome.id)
        putString("result", outcome.logLine())
        val file: File? = (outcome as? Outcome.Measured)?.file ?: (outcome as? Outcome.Failed)?.file
        putString("file", file?.path)
        putString(REPORT_KEY_STREAMRESULT, "${outcome.logLine()}\n")
        (outcome as? Outcome.Failed)?.let { putString("error", it.error.message) }
    }

    /** Waits for a request's end, and reports each new phase of it. */
    private inner class Waiting : Runner.Listener {
        private val ended = CountDownLatch(1)
        private var outcome: Outcome? = null
        private var phase: Phase? = null

        fun await(): Outcome {
            ended.await()
            return checkNotNull(outcome)
        }

        override fun onState(state: RunnerState) {
            val running = state as? RunnerState.Running ?: return
            if (running.progress.phase == phase) return
            phase = running.progress.phase
            sendStatus(0, Bundle().apply { putString("phase", running.progress.phase.name.lowercase()) })
        }

        override fun onOutcome(outcome: Outcome) {
            this.outcome = outcome
            ended.countDown()
        }
    }

    private companion object {
        /** Arguments of Android's own test runner, which farms pass to any. */
        val RUNNERS_OWN = setOf(
            "additionalTestOutputDir", "class", "clearPackageData", "coverage", "coverageFile", "debug", "filter",
            "listener", "log", "numShards", "notAnnotation", "notClass", "notPackage", "package", "shardIndex", "size",
            "testTimeoutSeconds", "tests_regex", "testRunnerClass", "timeout_msec", "useTestStorageService",
        )
    }
}
