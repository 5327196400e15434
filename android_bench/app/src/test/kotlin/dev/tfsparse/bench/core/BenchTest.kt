// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.Built
import dev.tfsparse.bench.data.LabelledSet
import dev.tfsparse.bench.doubles
import dev.tfsparse.bench.failure
import dev.tfsparse.bench.model.ModelFile
import dev.tfsparse.bench.request.BenchRequest
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File

class BenchTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun computesWhatThePythonInterpreterComputes() = Built.modelNames().forEach { name ->
        val set = LabelledSet.read(if (name.startsWith("digits")) Built.set("digits.npz") else Built.set("$name.npz"))
        for (kind in listOf(DelegateKind.TFSPARSE, DelegateKind.XNNPACK, DelegateKind.CPU)) {
            val model = ModelFile.read(Built.model(name))
            if (model.customOperators.isNotEmpty() && kind != DelegateKind.TFSPARSE) continue
            ModelRunner(model, kind, threads = 1, isa = "auto").use { runner ->
                val samples = StoredSamples(set, runner.inputs).batches()
                val key = if (kind == DelegateKind.CPU) "outputs_cpu" else "outputs"
                val expected = Built.expectedOf(name).getJSONArray(key)
                for (index in 0 until expected.length()) {
                    runner.run(samples[index])
                    val output = runner.output(0)
                    val values = DoubleArray(output.capacity() / 4) { output.getFloat(4 * it).toDouble() }
                    assertArrayEquals("$name ${kind.id}", expected.getJSONArray(index).doubles(), values, 1e-4)
                }
            }
        }
    }

    @Test
    fun measuresTwoModelsAndTheirAccuracy() {
        val result = measure("digits_sparse", "digits_dense", "digits.npz")
        for ((side, name) in listOf(result.sparse to "digits_sparse", result.dense!! to "digits_dense")) {
            val expected = Built.expectedOf(name).getJSONObject("accuracy")
            assertEquals(Accuracy(expected.getInt("correct"), expected.getInt("samples")), side.accuracy)
            assertEquals("$name.tflite", side.model)
            assertEquals(RUNS, side.timesMs.size)
            assertEquals(summarize(side.timesMs.toDoubleArray()), side.latencyMs)
            assertTrue(side.initMs > 0 && side.firstRunMs > 0)
        }
        val times = listOf(result.dense!!, result.sparse).map { it.timesMs.toDoubleArray() }
        assertEquals(pairedRatio(times[0], times[1]), result.speedup)
        assertEquals(result.speedup!!.value * result.macRatio!!, result.fractionOfLimit!!, 1e-12)
        assertEquals("digits.npz", result.input)
        assertNotNull(result.versions.library)
    }

    @Test
    fun timesEachWinnerOperator() {
        val side = measure("conv_winners", null, null).sparse
        assertEquals(listOf("TfSparseSelectWinners", "TfSparseWinnerConv2D"), side.operators.map { it.op })
        assertEquals(listOf("conv", "conv"), side.operators.map { it.layer })
        assertTrue(side.rankingMs > 0 && side.operators.all { it.totalMs > 0 })
        assertEquals(side.operators[0].rankingMs, side.operators[0].totalMs, 0.0)
        assertEquals(0.0, side.operators[1].rankingMs, 0.0)
    }

    @Test
    fun oneModelAloneHasNothingToBeComparedWith() {
        val result = measure(null, "conv_dense", null)
        assertEquals("xnnpack", result.sparse.delegate)
        assertNull(result.dense)
        assertNull(result.speedup)
        assertNull(result.isa)
        assertNull(result.versions.library)
    }

    @Test
    fun refusesModelsOfDifferentInputs() {
        val error = failure { measure("conv_winners", "fc_dense", null) }
        assertEquals("The two models take different inputs.", error.problem)
    }

    @Test
    fun refusesWinnerOperatorsWithoutTheirDelegate() {
        val error = failure { measure(null, "conv_winners", null) }
        assertEquals("xnnpack", error.received)
    }

    @Test
    fun refusesASetOfOtherShape() {
        val error = failure { measure("conv_winners", "conv_dense", "digits.npz") }
        assertEquals("The labelled set digits.npz does not fit the model.", error.problem)
    }

    @Test
    fun refusesAnInstructionSetThatTheMachineLacks() {
        val request = BenchRequest("r", sparse = "conv_winners", runs = 1, isa = "neon")
        val error = failure { run(request, BenchFiles(Built.model("conv_winners"), null, null)) }
        assertTrue(error.message!!, error.received!!.contains("neon"))
    }

    @Test
    fun acceleratorsThatAreNotThereAreSaidNotToBeThere() {
        val request = BenchRequest("r", dense = "conv_dense", denseDelegate = DelegateKind.GPU)
        val error = failure { run(request, BenchFiles(null, Built.model("conv_dense"), null)) }
        assertEquals("The delegate gpu is not available on this phone.", error.problem)
    }

    @Test
    fun aModelThatTheInterpreterRefusesIsNamed() {
        val content = Built.model("conv_winners").readBytes()
        val at = String(content, Charsets.ISO_8859_1).indexOf("TfSparseWinnerConv2D")
        "TfSparseWinnerConv9D".toByteArray().copyInto(content, at)
        val file = File(folder.root, "odd.tflite").apply { writeBytes(content) }
        val error = failure { run(BenchRequest("r", sparse = "odd", runs = 1), BenchFiles(file, null, null)) }
        assertEquals("odd.tflite cannot run with the delegate tfsparse.", error.problem)
    }

    @Test
    fun cancellingEndsIt() {
        val watcher = object : BenchWatcher {
            override fun progress(phase: Phase, done: Int, all: Int) {
                if (phase == Phase.TIMING && done == 3) throw CancelledException()
            }

            override fun beforeBlock() = Unit
        }
        assertThrows(CancelledException::class.java) {
            run(BenchRequest("r", dense = "conv_dense"), BenchFiles(null, Built.model("conv_dense"), null), watcher)
        }
    }

    private fun measure(sparse: String?, dense: String?, data: String?): BenchResult {
        val request = BenchRequest("r", sparse, dense, runs = RUNS, warmup = 2, data = data)
        return run(request, BenchFiles(sparse?.let(Built::model), dense?.let(Built::model), data?.let(Built::set)))
    }

    private fun run(request: BenchRequest, files: BenchFiles, watcher: BenchWatcher = Unwatched): BenchResult =
        Bench(request, files, MACHINE, DATE, "0.1.0", watcher).use(Bench::run)

    private companion object {
        const val RUNS = 12
    }
}
