// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.data

import dev.tfsparse.bench.BenchException
import java.io.DataInputStream
import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.ZipEntry
import java.util.zip.ZipFile

/**
 * Samples with their labels, out of an `.npz` file that holds `x` (uint8 or float32, `[n, ...]`) and `y` (int32 or
 * int64, `[n]`).
 *
 * @property name name of the file
 * @property isFloat whether the samples are float32; else they are uint8
 * @property shape shape of one sample
 * @property labels one label a sample
 */
public class LabelledSet private constructor(
    public val name: String,
    public val isFloat: Boolean,
    public val shape: IntArray,
    private val samples: ByteBuffer,
    public val labels: IntArray,
) {
    /** Number of samples. */
    public val size: Int get() = labels.size

    private val elements = shape.fold(1) { product, size -> product * size }

    /** One number of a sample: as it is stored, or uint8 scaled to [0, 1]. */
    public fun value(sample: Int, element: Int): Float {
        val at = sample * elements + element
        return if (isFloat) samples.getFloat(at * Float.SIZE_BYTES) else (samples.get(at).toInt() and 0xff) / MAX_BYTE
    }

    /** One number of a sample of uint8 as it is stored. */
    public fun raw(sample: Int, element: Int): Byte = samples.get(sample * elements + element)

    public companion object {
        private const val MAX_BYTE = 255f
        private const val FLOAT = "<f4"
        private val BYTES = setOf("|u1", "<u1", "u1")
        private val LABELS = mapOf("<i8" to Long.SIZE_BYTES, "<i4" to Int.SIZE_BYTES)

        /**
         * Reads the first samples of a file.
         *
         * @param most how many at most; null for all
         * @throws BenchException if the file is missing, damaged or of another content
         */
        public fun read(file: File, most: Int? = null): LabelledSet = try {
            ZipFile(file).use { read(it, file.name, most) }
        } catch (error: IOException) {
            throw unreadable(file.name, error.message, error)
        } catch (error: OutOfMemoryError) {
            throw BenchException(
                "${file.name} does not fit into this phone's memory.",
                received = "${file.length()} bytes",
                remedy = "Use fewer samples.",
                cause = error,
            )
        }

        private fun read(zip: ZipFile, name: String, most: Int?): LabelledSet {
            val (x, samples) = array(zip, "x", most) { it == FLOAT || it in BYTES }
            val (y, labels) = array(zip, "y", most) { it in LABELS }
            if (x.shape.size < 2 || y.shape.size != 1 || x.shape[0] != y.shape[0] || x.shape.any { it == 0 }) {
                val received = "x of shape ${x.shape.asList()} and y of shape ${y.shape.asList()}"
                throw unreadable(name, received, null)
            }
            val count = minOf(most ?: x.shape[0], x.shape[0])
            val width = LABELS.getValue(y.descr)
            val values = IntArray(count) { labels.getInt(it * width) }
            return LabelledSet(name, x.descr == FLOAT, x.shape.copyOfRange(1, x.shape.size), samples, values)
        }

        private fun array(
            zip: ZipFile,
            key: String,
            most: Int?,
            fits: (String) -> Boolean,
        ): Pair<NpyHeader, ByteBuffer> {
            val entry: ZipEntry = zip.getEntry("$key.npy") ?: throw IOException("no array '$key'")
            DataInputStream(zip.getInputStream(entry).buffered()).use { stream ->
                val header = NpyHeader.read(stream)
                if (!fits(header.descr)) throw IOException("'$key' of the type ${header.descr}")
                if (header.fortranOrder) throw IOException("'$key' in Fortran order")
                return header to elements(stream, header, most)
            }
        }

        private fun elements(stream: DataInputStream, header: NpyHeader, most: Int?): ByteBuffer {
            val rows = header.shape.firstOrNull()?.toLong() ?: 0
            val perElement = header.descr.last().digitToInt()
            val count = boundedTimes(minOf(most?.toLong() ?: rows, rows), perElement)
            val length = header.shape.drop(1).fold(count, ::boundedTimes)
            val bytes = ByteArray(length.toInt()).also(stream::readFully)
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
        }

        private fun boundedTimes(length: Long, size: Int): Long {
            if (length * size > Int.MAX_VALUE) throw IOException("an array of more than 2 GiB")
            return length * size
        }

        private fun unreadable(name: String, received: String?, cause: Exception?) = BenchException(
            "$name is no labelled set.",
            expected = "an .npz file with x (uint8 or float32, [n, ...], C order) and y (int32 or int64, [n])",
            received = received,
            remedy = "Make one with numpy.savez(file, x=..., y=...).",
            cause = cause,
        )
    }
}
