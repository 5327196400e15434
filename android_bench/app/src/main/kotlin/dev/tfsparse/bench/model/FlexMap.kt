// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.model

import java.nio.ByteBuffer

/**
 * The scalars and strings of a FlexBuffer map, in which custom operators keep their options.
 *
 * As with [FlatTable], damage ends in an [IndexOutOfBoundsException].
 */
internal object FlexMap {
    private const val INT = 1
    private const val UINT = 2
    private const val FLOAT = 3
    private const val STRING = 5
    private const val MAP = 9
    private const val BOOL = 26

    /** The entries by key; values that are neither number, boolean nor string are left out. */
    fun read(bytes: ByteBuffer): Map<String, Any> {
        val rootWidth = width(bytes.get(bytes.limit() - 1).toInt())
        val rootType = bytes.get(bytes.limit() - 2).toInt() and 0xff
        if (rootType shr 2 != MAP) throw IndexOutOfBoundsException("no map")
        val map = behind(bytes, bytes.limit() - 2 - rootWidth, rootWidth)
        return entries(bytes, map, 1 shl (rootType and 3))
    }

    private fun entries(bytes: ByteBuffer, map: Int, width: Int): Map<String, Any> {
        val keyWidth = unsigned(bytes, map - 2 * width, width).toInt()
        val keys = behind(bytes, map - 3 * width, width)
        val size = unsigned(bytes, map - width, width)
        if (size !in 0..bytes.limit()) throw IndexOutOfBoundsException("$size entries")
        val found = LinkedHashMap<String, Any>()
        for (index in 0 until size.toInt()) {
            val type = bytes.get(map + size.toInt() * width + index).toInt() and 0xff
            val value = value(bytes, map + index * width, width, type) ?: continue
            found[key(bytes, behind(bytes, keys + index * keyWidth, keyWidth))] = value
        }
        return found
    }

    private fun value(bytes: ByteBuffer, at: Int, width: Int, type: Int): Any? = when (type shr 2) {
        INT -> signed(bytes, at, width)
        UINT -> unsigned(bytes, at, width)
        FLOAT -> if (width == Float.SIZE_BYTES) bytes.getFloat(at).toDouble() else bytes.getDouble(at)
        BOOL -> unsigned(bytes, at, width) != 0L
        STRING -> text(bytes, behind(bytes, at, width), 1 shl (type and 3))
        else -> null
    }

    private fun text(bytes: ByteBuffer, at: Int, width: Int): String {
        val length = unsigned(bytes, at - width, width)
        if (length !in 0..(bytes.limit() - at)) throw IndexOutOfBoundsException("a string of $length bytes")
        return String(ByteArray(length.toInt()) { bytes.get(at + it) }, Charsets.UTF_8)
    }

    private fun key(bytes: ByteBuffer, at: Int): String {
        var end = at
        while (bytes.get(end) != 0.toByte()) end++
        return String(ByteArray(end - at) { bytes.get(at + it) }, Charsets.UTF_8)
    }

    private fun behind(bytes: ByteBuffer, at: Int, width: Int): Int = at - unsigned(bytes, at, width).toInt()

    private fun signed(bytes: ByteBuffer, at: Int, width: Int): Long = when (width) {
        1 -> bytes.get(at).toLong()
        2 -> bytes.getShort(at).toLong()
        4 -> bytes.getInt(at).toLong()
        else -> bytes.getLong(at)
    }

    private fun unsigned(bytes: ByteBuffer, at: Int, width: Int): Long = when (width) {
        1 -> bytes.get(at).toLong() and 0xff
        2 -> bytes.getShort(at).toLong() and 0xffff
        4 -> bytes.getInt(at).toLong() and 0xffffffff
        else -> bytes.getLong(at)
    }

    private fun width(byte: Int): Int = when (byte) {
        1, 2, 4, 8 -> byte
        else -> throw IndexOutOfBoundsException("a width of $byte bytes")
    }
}
