// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.data.LabelledSet
import dev.tfsparse.bench.model.ModelFile
import dev.tfsparse.bench.phone.Machine
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.delegate.TfSparseDelegate
import org.tensorflow.lite.TensorFlowLite
import java.io.Closeable
import java.io.File

/** The files that a request names. */
public data class BenchFiles(val sparse: File?, val dense: File?, val data: File?)

/**
 * Measures one model, or two by turns, as a request asks.
 *
 * @param date when the measurement begins, ISO 8601
 * @param appVersion version of this app
 */
public class Bench(
    private val request: BenchRequest,
    private val files: BenchFiles,
    private val machine: Machine,
    private val date: String,
    private val appVersion: String,
    private val watcher: BenchWatcher,
) : Closeable {
    private val opened = ArrayList<ModelRunner>()

    /** A model to measure. */
    private class Plan(val file: File, val kind: DelegateKind)

    /** A model that is ready to be timed, and what it took to get there. */
    private class Loaded(
        val plan: Plan,
        val model: ModelFile,
        val runner: ModelRunner,
        val samples: List<Sample>,
        val firstRunMs: Double,
        val peakMemoryBytes: Long?,
    )

    /**
     * Runs it from the beginning to the end.
     *
     * @throws BenchException if a file, a model or a setting does not serve
     * @throws CancelledException if the watcher says so
     */
    public fun run(): BenchResult {
        startRuntime()
        val labelled = files.data?.let { LabelledSet.read(it, request.samples) }
        val plans = listOfNotNull(
            files.sparse?.let { Plan(it, request.sparseDelegate) },
            files.dense?.let { Plan(it, request.denseDelegate) },
        )
        val loaded = plans.mapIndexed { index, plan ->
            watcher.progress(Phase.LOADING, index, plans.size)
            load(plan, labelled)
        }
        checkSameInputs(loaded)
        val times = timeByTurns(loaded.map { it.runner::run }, loaded[0].samples, request.runs, request.warmup, watcher)
        val sides = loaded.mapIndexed { index, side -> side(side, times[index], labelled) }
        return result(loaded, sides, times, labelled)
    }

    /** Starts the interpreter and loads its libraries: the first real model shall not look slow for that. */
    private fun startRuntime() =
        ModelRunner(tinyModel(), DelegateKind.TFSPARSE, request.threads, BenchRequest.ISA_AUTO).use { tiny ->
            tiny.run(randomSamples(tiny.inputs).first())
        }

    /** Frees the models. */
    override fun close() {
        opened.forEach(ModelRunner::close)
        opened.clear()
    }

    private fun open(model: ModelFile, kind: DelegateKind, profileId: String? = null): ModelRunner =
        ModelRunner(model, kind, request.threads, request.isa, profileId).also(opened::add)

    private fun load(plan: Plan, labelled: LabelledSet?): Loaded {
        val model = ModelFile.read(plan.file)
        val (loaded, peak) = withPeakMemory {
            val runner = open(model, plan.kind)
            val samples = labelled?.let { StoredSamples(it, runner.inputs).batches() } ?: randomSamples(runner.inputs)
            Triple(runner, samples, runner.run(samples[0]) / ModelRunner.NANOS_PER_MS)
        }
        val (runner, samples, firstRunMs) = loaded
        return Loaded(plan, model, runner, samples, firstRunMs, peak)
    }

    private fun checkSameInputs(loaded: List<Loaded>) {
        val inputs = loaded.map { side -> side.runner.inputs.map { it.type to it.shape } }
        if (inputs.all { it == inputs[0] }) return
        throw BenchException(
            "The two models take different inputs.",
            expected = "${loaded[0].runner.inputs}, as ${loaded[0].model.name} takes",
            received = "${loaded[1].runner.inputs} of ${loaded[1].model.name}",
            remedy = "Choose two models of one network.",
        )
    }

    private fun side(loaded: Loaded, times: DoubleArray, labelled: LabelledSet?): Side {
        val latency = summarize(times)
        val accuracy = labelled?.let { measureAccuracy(loaded.runner, it, watcher) }
        val operators = if (request.layers) operators(loaded) else emptyList()
        return Side(
            model = loaded.model.name,
            bytes = loaded.model.bytes,
            delegate = loaded.plan.kind.id,
            macs = loaded.model.macs,
            winnerRates = loaded.model.winnerRates,
            initMs = loaded.runner.initMs,
            firstRunMs = loaded.firstRunMs,
            latencyMs = latency,
            timesMs = times.toList(),
            peakMemoryBytes = loaded.peakMemoryBytes,
            operators = operators,
            rankingMs = operators.sumOf { it.rankingMs },
            restMs = maxOf(0.0, latency.median - operators.sumOf { it.totalMs }),
            accuracy = accuracy,
        )
    }

    /** Times inside the winner operators, or between the probes of the model that lies beside one without them. */
    private fun operators(loaded: Loaded): List<OperatorTime> {
        val model = if (loaded.model.customOperators.isNotEmpty()) {
            loaded.model
        } else {
            probed(loaded.plan)
                ?: return emptyList()
        }
        watcher.beforeBlock()
        val runner = open(model, DelegateKind.TFSPARSE, profileId = "layers of ${model.name}")
        return operatorTimes(runner, loaded.samples, minOf(request.runs, MAX_PROFILED_RUNS), watcher)
    }

    private fun probed(plan: Plan): ModelFile? {
        val file = File(plan.file.parentFile, "${plan.file.nameWithoutExtension}.layers.tflite")
        return if (plan.kind == DelegateKind.XNNPACK && file.isFile) ModelFile.read(file) else null
    }

    private fun result(
        loaded: List<Loaded>,
        sides: List<Side>,
        times: List<DoubleArray>,
        data: LabelledSet?,
    ): BenchResult {
        val dense = sides.getOrNull(1)
        val speedup = dense?.let { pairedRatio(times[1], times[0]) }
        val macRatio = dense?.let { macRatio(sides[0], it) }
        return BenchResult(
            date = date,
            machine = machine,
            versions = Versions(
                tfsparse = appVersion,
                library = TfSparseDelegate.version.takeIf { loaded.any { it.model.customOperators.isNotEmpty() } },
                runtime = TensorFlowLite.runtimeVersion(),
            ),
            runtime = RUNTIME,
            isa = loaded.firstNotNullOfOrNull { it.runner.isa },
            threads = request.threads,
            batch = loaded[0].runner.inputs.firstOrNull()?.shape?.firstOrNull() ?: 1,
            input = data?.name ?: RANDOM,
            sparse = sides[0],
            dense = dense,
            speedup = speedup,
            macRatio = macRatio,
            fractionOfLimit = macRatio?.let { ratio -> speedup?.let { it.value * ratio } },
        )
    }

    private fun macRatio(sparse: Side, dense: Side): Double? =
        if (dense.macs.computed > 0 && sparse.macs.computed > 0) {
            sparse.macs.computed.toDouble() / dense.macs.computed
        } else {
            null
        }

    private companion object {
        const val RUNTIME = "org.tensorflow.lite"
        const val RANDOM = "random"
    }
}
