// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.run

import android.util.Log
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.Bench
import dev.tfsparse.bench.core.BenchFiles
import dev.tfsparse.bench.core.BenchResult
import dev.tfsparse.bench.core.BenchWatcher
import dev.tfsparse.bench.core.CancelledException
import dev.tfsparse.bench.core.Phase
import dev.tfsparse.bench.phone.Machine
import dev.tfsparse.bench.phone.PhoneReader
import dev.tfsparse.bench.phone.ThermalGate
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.request.isoTime
import dev.tfsparse.bench.store.FileFinder
import dev.tfsparse.bench.store.FileKind
import dev.tfsparse.bench.store.ResultStore

/** One request from its files to its result on disk; runs on the thread that calls. */
public class Measurement(
    private val finder: FileFinder,
    private val results: ResultStore,
    private val phone: PhoneReader,
    private val appVersion: String,
) {
    /**
     * Runs a request.
     *
     * @param progress follows it, and may throw [CancelledException]
     */
    public fun run(request: BenchRequest, progress: (Phase, Int, Int) -> Unit): Outcome = try {
        results.checkFree(request.id)
        val result = measure(request, progress)
        Outcome.Measured(request.id, results.save(request.id, result), result)
    } catch (_: CancelledException) {
        Outcome.Cancelled(request.id)
    } catch (error: BenchException) {
        failed(request.id, error)
    } catch (error: OutOfMemoryError) {
        failed(request.id, outOfMemory(error))
    } catch (error: Throwable) { // a defect: shown like any other failure rather than ending the app
        failed(request.id, unexpected(error))
    }

    /** Writes down why a request failed. */
    public fun failed(id: String, error: BenchException): Outcome.Failed =
        Outcome.Failed(id, results.saveError(id, error), error)

    /** Writes down that a request was interrupted, unless that was done before. */
    public fun interrupted(request: BenchRequest): Outcome? {
        if (results.errorFile(request.id).exists()) return null
        return failed(
            request.id,
            BenchException("The system ended the app in the midst of the measurement.", remedy = "Run it again."),
        )
    }

    private fun measure(request: BenchRequest, progress: (Phase, Int, Int) -> Unit): BenchResult {
        val files = BenchFiles(
            request.sparse?.let { finder.find(FileKind.MODEL, it) },
            request.dense?.let { finder.find(FileKind.MODEL, it) },
            request.data?.let { finder.find(FileKind.DATA, it) },
        )
        val gate = ThermalGate(phone::thermal, request.coolTimeoutS)
        val watcher = Watcher(request, gate, progress)
        val before = phone.read()
        val result = Bench(request, files, before, isoTime(), appVersion, watcher).use(Bench::run)
        return result.copy(machine = afterwards(before, gate))
    }

    private fun afterwards(before: Machine, gate: ThermalGate): Machine =
        before.copy(phone = before.phone?.copy(thermalAfter = phone.thermal(), waitedToCoolS = gate.waitedS))

    private class Watcher(
        private val request: BenchRequest,
        private val gate: ThermalGate,
        private val report: (Phase, Int, Int) -> Unit,
    ) : BenchWatcher {
        override fun progress(phase: Phase, done: Int, all: Int) = report(phase, done, all)

        override fun beforeBlock() {
            if (request.cool) gate.await { waited -> report(Phase.COOLING, waited, request.coolTimeoutS) }
        }
    }

    private fun outOfMemory(error: OutOfMemoryError) = BenchException(
        "The phone's memory does not suffice.",
        expected = "room for the models and their inputs",
        received = error.message,
        remedy = "Close other apps, use fewer samples, or choose smaller models.",
        cause = error,
    )

    private fun unexpected(error: Throwable): BenchException {
        Log.w(TAG, "unexpected failure", error)
        return BenchException(
            "The measurement ended in a way that was not foreseen.",
            received = "${error.javaClass.simpleName}: ${error.message}",
            remedy = "Try again; if it stays, report it with the two models.",
            cause = error,
        )
    }

    private companion object {
        const val TAG = "tfsparse.app"
    }
}
