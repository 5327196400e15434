// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.run

import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import android.util.Log
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.CancelledException
import dev.tfsparse.bench.core.Phase
import dev.tfsparse.bench.request.BenchRequest
import java.util.concurrent.Executor

/** How far a running request is. */
public data class Progress(val phase: Phase, val done: Int, val all: Int)

/** What the runner is doing. */
public sealed class RunnerState {
    /** Nothing. */
    public object Idle : RunnerState()

    /** A request, since [startedMs] of the system's clock of elapsed time. */
    public data class Running(
        val request: BenchRequest,
        val startedMs: Long,
        val progress: Progress,
        val cancelling: Boolean,
    ) : RunnerState()
}

/**
 * Runs requests one at a time on a thread of its own, and lives as long as the process, so that a screen may come and
 * go meanwhile. Use it on the main thread, where listeners are called, too.
 *
 * @param worker the one thread that measures
 * @param files runs what need not wait for a measurement
 */
public class Runner(
    private val worker: Executor,
    private val files: Executor,
    private val measurement: Lazy<Measurement>,
    private val pending: Lazy<PendingRequest>,
) {
    /** Follows the runner. */
    public interface Listener {
        /** The state has changed. */
        public fun onState(state: RunnerState)

        /** A request has ended. */
        public fun onOutcome(outcome: Outcome)

        /** A request was found that the system had ended the app in the midst of. */
        public fun onInterrupted(request: BenchRequest) {}
    }

    private val main = Handler(Looper.getMainLooper())
    private val listeners = LinkedHashSet<Listener>()
    private var lastShownMs = 0L

    @Volatile
    private var cancelled = false

    /** What it is doing. */
    public var state: RunnerState = RunnerState.Idle
        private set

    /** How the last request ended, until somebody has taken note. */
    public var unseen: Outcome? = null
        private set

    /** The request that the system had ended the app in the midst of, until it is dismissed or another one starts. */
    public var interrupted: BenchRequest? = null
        private set

    /** Starts to tell a listener, beginning with the present state. */
    public fun add(listener: Listener) {
        listeners += listener
        listener.onState(state)
    }

    /** Looks for a request that was interrupted. Before the first [start], or its own request would be found. */
    public fun lookForInterrupted() {
        worker.execute {
            val request = pending.value.interrupted() ?: return@execute
            measurement.value.interrupted(request)?.let(::log)
            main.post {
                if (state is RunnerState.Running) return@post
                interrupted = request
                listeners.toList().forEach { it.onInterrupted(request) }
            }
        }
    }

    /** Forgets the request that was interrupted. */
    public fun dismissInterrupted() {
        interrupted = null
        worker.execute { pending.value.clear() }
    }

    /** Stops to tell a listener. */
    public fun remove(listener: Listener) {
        listeners -= listener
    }

    /** Takes note of how the last request ended. */
    public fun takeUnseen(): Outcome? = unseen.also { unseen = null }

    /** Starts a request; returns false if another one is running. */
    public fun start(request: BenchRequest): Boolean {
        if (state is RunnerState.Running) return false
        cancelled = false
        unseen = null
        interrupted = null
        show(
            RunnerState.Running(
                request,
                SystemClock.elapsedRealtime(),
                Progress(Phase.LOADING, 0, 1),
                cancelling = false,
            ),
        )
        worker.execute {
            pending.value.write(request)
            val outcome = measurement.value.run(request) { phase, done, all -> report(phase, done, all) }
            pending.value.clear()
            log(outcome)
            main.post { finish(outcome) }
        }
        return true
    }

    /** Writes down that a request cannot even begin. */
    public fun reject(id: String, error: BenchException) {
        files.execute {
            val outcome = measurement.value.failed(id, error)
            log(outcome)
            main.post { tell(outcome) }
        }
    }

    /** Asks the running request to end after its present run. */
    public fun cancel() {
        val running = state as? RunnerState.Running ?: return
        cancelled = true
        show(running.copy(cancelling = true))
    }

    /** Called by the worker; shows at most so many steps a second, since drawing takes time from what is measured. */
    private fun report(phase: Phase, done: Int, all: Int) {
        if (cancelled) throw CancelledException()
        val now = SystemClock.elapsedRealtime()
        if (done in 1 until all && now - lastShownMs < SHOWN_EVERY_MS) return
        lastShownMs = now
        main.post {
            (state as? RunnerState.Running)?.let { show(it.copy(progress = Progress(phase, done, all))) }
        }
    }

    private fun finish(outcome: Outcome) {
        show(RunnerState.Idle)
        tell(outcome)
    }

    private fun tell(outcome: Outcome) {
        unseen = outcome
        listeners.toList().forEach { it.onOutcome(outcome) }
    }

    private fun show(next: RunnerState) {
        state = next
        listeners.toList().forEach { it.onState(next) }
    }

    private fun log(outcome: Outcome) {
        Log.i(LOG_TAG, outcome.logLine())
    }

    public companion object {
        /** Tag of the one line that every request leaves in the log. */
        public const val LOG_TAG: String = "tfsparse"
        private const val SHOWN_EVERY_MS = 100
    }
}
