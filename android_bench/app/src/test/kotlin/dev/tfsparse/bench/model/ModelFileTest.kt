// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.model

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.Built
import dev.tfsparse.bench.failure
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Random

class ModelFileTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun agreesWithThePythonPackage() = Built.modelNames().forEach { name ->
        val expected = Built.expectedOf(name)
        val model = ModelFile.read(Built.model(name))
        assertEquals(name, expected.getLong("bytes"), model.bytes)
        assertEquals(name, expected.getJSONObject("macs").getLong("dense"), model.macs.dense)
        assertEquals(name, expected.getJSONObject("macs").getLong("computed"), model.macs.computed)
        val rates = expected.getJSONObject("winner_rates")
        assertEquals(name, rates.keys().asSequence().toList(), model.winnerRates.keys.toList())
        model.winnerRates.forEach { (layer, rate) -> assertEquals("$name $layer", rates.getDouble(layer), rate, 0.0) }
    }

    @Test
    fun operatorsAreCalledAsInPython() {
        val names = with(WinnerOp) {
            setOf(SELECT_WINNERS, MASK_WINNERS, CONV_2D, DEPTHWISE_CONV_2D, SEPARABLE_CONV_2D, FULLY_CONNECTED, PROBE)
        }
        assertEquals(Built.expected.getJSONArray("operators").let { List(it.length(), it::getString) }.toSet(), names)
        assertTrue(names.all { it.startsWith(WinnerOp.PREFIX) })
    }

    @Test
    fun namesTheCustomOperators() {
        assertEquals(emptySet<String>(), ModelFile.read(Built.model("conv_dense")).customOperators)
        assertEquals(
            setOf("TfSparseSelectWinners", "TfSparseWinnerConv2D"),
            ModelFile.read(Built.model("conv_winners")).customOperators,
        )
    }

    @Test
    fun missingFileIsSaidToBeMissing() {
        val error = failure { ModelFile.read(File(folder.root, "none.tflite")) }
        assertEquals("none.tflite cannot be read.", error.problem)
    }

    @Test
    fun foreignFilesAreRefused() =
        listOf("", "short", "PK\u0003\u0004 some archive", "x".repeat(5000)).forEach { content ->
            val file = folder.newFile().apply { writeText(content) }
            assertTrue(failure { ModelFile.read(file) }.problem.endsWith("is no .tflite model."))
        }

    @Test
    fun cutOffFilesAreRefused() {
        val content = Built.model("conv_winners").readBytes()
        var refused = 0
        for (length in 8 until content.size step 97) {
            if (reads(content.copyOf(length))) continue
            refused++
        }
        assertTrue("$refused refused", refused > 0)
    }

    @Test
    fun brokenFilesNeverCrash() {
        val content = Built.model("conv_winners").readBytes()
        val random = Random(1)
        repeat(2000) {
            val broken = content.clone()
            repeat(1 + random.nextInt(4)) { broken[structure(random, broken.size)] = random.nextInt(256).toByte() }
            reads(broken)
        }
    }

    @Test
    fun everyKindOfVectorIsHeldAgainstTheEnd() = listOf(-1, 9, Int.MAX_VALUE).forEach { length ->
        val bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
        bytes.putShort(0, 6).putShort(4, 4) // the first field lies four bytes behind the table's begin
        bytes.putInt(8, 8).putInt(12, 4).putInt(16, length)
        val table = FlatTable(bytes, 8)
        listOf<(Int) -> Any?>(table::blob, table::text, table::ints, table::tables).forEach { read ->
            assertThrows("$length", IndexOutOfBoundsException::class.java) { read(0) }
        }
    }

    /** A place in the front, where a file keeps its structure; the weights behind it cannot be told from noise. */
    private fun structure(random: Random, size: Int): Int =
        8 + if (random.nextBoolean()) random.nextInt(minOf(2048, size - 8)) else random.nextInt(size - 8)

    private fun reads(content: ByteArray): Boolean = try {
        ModelFile.read(File(folder.root, "broken.tflite").apply { writeBytes(content) })
        true
    } catch (_: BenchException) {
        false
    }
}
