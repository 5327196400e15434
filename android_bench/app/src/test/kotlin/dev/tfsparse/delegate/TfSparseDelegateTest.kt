// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.delegate

import dev.tfsparse.bench.Built
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.tensorflow.lite.Interpreter
import java.nio.ByteBuffer
import java.nio.ByteOrder

class TfSparseDelegateTest {
    @Test
    fun tellsItsVersionAndItsInstructionSet() {
        assertTrue(TfSparseDelegate.version, TfSparseDelegate.version.matches(Regex("""\d+\.\d+\.\d+""")))
        TfSparseDelegate().use { assertNotEquals("auto", it.isa) }
        TfSparseDelegate(TfSparseDelegate.Options(isa = "portable")).use { assertEquals("portable", it.isa) }
    }

    @Test
    fun refusesBadOptionsWithTheNativeMessage() {
        val cases = mapOf(
            TfSparseDelegate.Options(numThreads = 0) to "`num_threads` must be an integer from 1 to 1024. Received: 0.",
            TfSparseDelegate.Options(isa = "mmx") to "Unknown value of the instruction set.",
            TfSparseDelegate.Options(isa = "schnell \u00e4\ud83d\ude80") to "Received: \"schnell ",
            TfSparseDelegate.Options(profileId = "") to "`profile` must be an id, not empty.",
        )
        for ((options, message) in cases) {
            val error = assertThrows(IllegalArgumentException::class.java) { TfSparseDelegate(options) }
            assertTrue(error.message, error.message!!.contains(message))
        }
    }

    @Test
    fun mayBeClosedTwiceAndNotBeUsedAfterwards() {
        val delegate = TfSparseDelegate(TfSparseDelegate.Options(profileId = "closed"))
        repeat(2) { delegate.close() }
        for (use in listOf({ delegate.nativeHandle }, { delegate.profile() }, { delegate.resetProfile() })) {
            val error = assertThrows(IllegalStateException::class.java) { use() }
            assertTrue(error.message, error.message!!.contains("closed"))
        }
    }

    @Test
    fun hasNoProfileWithoutAnId() {
        TfSparseDelegate().use { delegate ->
            val error = assertThrows(IllegalStateException::class.java) { delegate.profile() }
            assertTrue(error.message, error.message!!.contains("profileId"))
        }
    }

    @Test
    fun profilesTheOperatorsOfLivingInterpreters() {
        TfSparseDelegate(TfSparseDelegate.Options(numThreads = 2, profileId = "living")).use { delegate ->
            assertTrue(delegate.profile().isEmpty())
            interpreter(delegate).use { interpreter ->
                repeat(RUNS) { run(interpreter) }
                val operators = delegate.profile()
                assertEquals(listOf(RUNS), operators.map { it.calls.toInt() }.distinct())
                assertTrue(operators.any { it.op == "TfSparseWinnerConv2D" && it.weightBytes > 0 })
                assertTrue(operators.all { operator -> operator.phases.values.all { it >= 0 } })
                assertTrue(operators.sumOf { it.phases.getValue("gemm") } > 0)
                assertEquals(operators.size, operators.map { it.node }.distinct().size)
                delegate.resetProfile()
                assertEquals(listOf(0L), delegate.profile().map { it.calls }.distinct())
            }
            assertTrue(delegate.profile().isEmpty())
        }
    }

    @Test
    fun leavesAnInterpreterToBeClosedAfterIt() {
        val delegate = TfSparseDelegate()
        interpreter(delegate).use {
            run(it)
            delegate.close()
        }
    }

    private fun interpreter(delegate: TfSparseDelegate): Interpreter =
        Interpreter(Built.model("conv_winners"), Interpreter.Options().setNumThreads(1).addDelegate(delegate))

    private fun run(interpreter: Interpreter) = interpreter.run(
        floats(interpreter.getInputTensor(0).numBytes()),
        floats(interpreter.getOutputTensor(0).numBytes()),
    )

    private fun floats(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

    private companion object {
        const val RUNS = 3
    }
}
