// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.data

import java.io.DataInputStream
import java.io.IOException

/** The head of an array in NumPy's format: element type and shape. */
internal data class NpyHeader(val descr: String, val fortranOrder: Boolean, val shape: IntArray) {
    companion object {
        private const val MAGIC = "\u0093NUMPY"
        private const val MAX_LENGTH = 1 shl 16
        private val DESCR = Regex("'descr'\\s*:\\s*'([^']*)'")
        private val ORDER = Regex("'fortran_order'\\s*:\\s*(True|False)")
        private val SHAPE = Regex("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)")

        /** Reads the head and leaves the stream at the first element. */
        fun read(stream: DataInputStream): NpyHeader {
            val magic = ByteArray(MAGIC.length).also(stream::readFully)
            if (String(magic, Charsets.ISO_8859_1) != MAGIC) throw IOException("no NumPy array")
            val major = stream.readUnsignedByte()
            stream.readUnsignedByte()
            val low = stream.readUnsignedByte() + (stream.readUnsignedByte() shl 8)
            val length = if (major ==
                1
            ) {
                low
            } else {
                low + (stream.readUnsignedByte() shl 16) + (stream.readUnsignedByte() shl 24)
            }
            if (length !in 1..MAX_LENGTH) throw IOException("a header of $length bytes")
            return parse(String(ByteArray(length).also(stream::readFully), Charsets.ISO_8859_1))
        }

        private fun parse(text: String): NpyHeader = NpyHeader(
            descr = found(DESCR, text),
            fortranOrder = found(ORDER, text) == "True",
            shape = found(SHAPE, text).split(',').map(String::trim).filter(String::isNotEmpty).map(::size).toIntArray(),
        )

        private fun found(pattern: Regex, text: String): String =
            pattern.find(text)?.groupValues?.get(1) ?: throw IOException("an array of a structured type")

        private fun size(text: String): Int = text.toIntOrNull() ?: throw IOException("a size of $text")
    }

    override fun equals(other: Any?): Boolean = other is NpyHeader &&
        descr == other.descr &&
        fortranOrder == other.fortranOrder &&
        shape.contentEquals(other.shape)

    override fun hashCode(): Int = descr.hashCode() * 31 + shape.contentHashCode()
}
