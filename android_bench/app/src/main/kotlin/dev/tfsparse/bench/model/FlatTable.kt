// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.model

import java.nio.ByteBuffer

/**
 * A table of a FlatBuffer. Every access is checked against the buffer's end, so a damaged file ends in an
 * [IndexOutOfBoundsException].
 *
 * @param bytes the whole file, little-endian
 * @param start where the table begins
 */
internal class FlatTable(private val bytes: ByteBuffer, private val start: Int) {
    fun byte(field: Int): Int = at(field)?.let { bytes.get(it).toInt() } ?: 0

    fun int(field: Int): Int = at(field)?.let(bytes::getInt) ?: 0

    fun text(field: Int): String {
        val (first, length) = vector(field) ?: return ""
        checkLength(length, elementBytes = 1, first)
        return String(ByteArray(length) { bytes.get(first + it) }, Charsets.UTF_8)
    }

    fun ints(field: Int): IntArray {
        val (first, length) = vector(field) ?: return IntArray(0)
        checkLength(length, Int.SIZE_BYTES, first)
        return IntArray(length) { bytes.getInt(first + Int.SIZE_BYTES * it) }
    }

    fun tables(field: Int): List<FlatTable> {
        val (first, length) = vector(field) ?: return emptyList()
        checkLength(length, Int.SIZE_BYTES, first)
        return List(length) { FlatTable(bytes, target(first + Int.SIZE_BYTES * it)) }
    }

    fun blob(field: Int): ByteBuffer? {
        val (first, length) = vector(field) ?: return null
        checkLength(length, elementBytes = 1, first)
        val part = bytes.duplicate()
        part.position(first)
        part.limit(first + length)
        return part.slice().order(bytes.order())
    }

    private fun vector(field: Int): Pair<Int, Int>? {
        val at = target(at(field) ?: return null)
        return at + Int.SIZE_BYTES to bytes.getInt(at)
    }

    /** Where a field is, or null if the table leaves it out. */
    private fun at(field: Int): Int? {
        val directory = start - bytes.getInt(start)
        val slot = 2 * Short.SIZE_BYTES + field * Short.SIZE_BYTES
        if (slot >= bytes.getShort(directory)) return null
        val offset = bytes.getShort(directory + slot).toInt() and 0xffff
        return if (offset == 0) null else start + offset
    }

    private fun target(at: Int): Int = at + bytes.getInt(at)

    private fun checkLength(length: Int, elementBytes: Int, first: Int) {
        if (first < 0 || length < 0 || length > (bytes.limit() - first) / elementBytes) {
            throw IndexOutOfBoundsException("a vector of $length elements at byte $first")
        }
    }

    companion object {
        fun root(bytes: ByteBuffer): FlatTable = FlatTable(bytes, bytes.getInt(0))
    }
}
