// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.model

import dev.tfsparse.bench.BenchException
import java.io.File
import java.io.FileInputStream
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

/** Multiply-accumulates of one run: with every channel, and with the winners alone. */
public data class Macs(val dense: Long = 0, val computed: Long = 0) {
    /** The sum of both. */
    public operator fun plus(other: Macs): Macs = Macs(dense + other.dense, computed + other.computed)
}

/**
 * What a `.tflite` file says about itself.
 *
 * @property content the file, mapped into memory
 * @property bytes size of the file
 * @property macs multiply-accumulates of its main graph
 * @property winnerRates winner rate by layer, in the order of execution
 * @property customOperators names of the custom operators, each once
 */
public class ModelFile private constructor(
    public val name: String,
    public val content: ByteBuffer,
    public val macs: Macs,
    public val winnerRates: Map<String, Double>,
    public val customOperators: Set<String>,
) {
    public val bytes: Long get() = content.limit().toLong()

    public companion object {
        private const val IDENTIFIER = "TFL3"
        private const val IDENTIFIER_AT = 4

        /**
         * Maps and reads a file.
         *
         * @throws BenchException if it is missing, damaged, or no `.tflite` model
         */
        public fun read(file: File): ModelFile = parse(file.name, map(file))

        /** Reads a file's content, which must lie outside the Java heap; see [read]. */
        internal fun parse(name: String, content: ByteBuffer): ModelFile {
            checkIdentifier(name, content)
            try {
                val graph = ModelGraph(content)
                return ModelFile(name, content, graph.macs(), graph.winnerRates(), graph.customOperators())
            } catch (error: IndexOutOfBoundsException) {
                throw damaged(name, content, error)
            } catch (error: ArithmeticException) {
                throw damaged(name, content, error)
            }
        }

        private fun map(file: File): ByteBuffer = try {
            FileInputStream(file).use { stream ->
                stream.channel.map(FileChannel.MapMode.READ_ONLY, 0, file.length()).order(ByteOrder.LITTLE_ENDIAN)
            }
        } catch (error: IOException) {
            throw BenchException(
                "${file.name} cannot be read.",
                expected = "a readable .tflite file",
                received = error.message,
                remedy = "Choose another model, or push the file again.",
                cause = error,
            )
        }

        private fun checkIdentifier(name: String, content: ByteBuffer) {
            val found =
                String(ByteArray(minOf(content.limit(), 2 * IDENTIFIER_AT)) { content.get(it) }, Charsets.ISO_8859_1)
            if (found.drop(IDENTIFIER_AT) == IDENTIFIER) return
            throw BenchException(
                "$name is no .tflite model.",
                expected = "a file with \"$IDENTIFIER\" at byte $IDENTIFIER_AT",
                received = "${content.limit()} bytes",
                remedy = "Choose a file that tfsparse convert or the TensorFlow Lite converter has written.",
            )
        }

        private fun damaged(name: String, content: ByteBuffer, error: RuntimeException) = BenchException(
            "$name is damaged or cut off.",
            expected = "a model whose parts lie inside the file",
            received = "${content.limit()} bytes, of which one part is out of bounds",
            remedy = "Push or import the file again.",
            cause = error,
        )
    }
}
