// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.data

import dev.tfsparse.bench.Built
import dev.tfsparse.bench.doubles
import dev.tfsparse.bench.failure
import dev.tfsparse.bench.objects
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream

class LabelledSetTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun readsWhatNumPyWrites() = Built.expected.getJSONArray("arrays").objects().forEach { case ->
        val set = LabelledSet.read(Built.set(case.getString("file")))
        assertArrayEquals(intArrayOf(3, 2), set.shape)
        assertArrayEquals(case.getJSONArray("labels").doubles().map { it.toInt() }.toIntArray(), set.labels)
        case.getJSONArray("values").let { rows ->
            List(rows.length(), rows::getJSONArray)
        }.forEachIndexed { sample, row ->
            row.doubles().forEachIndexed { index, value ->
                assertEquals(value.toFloat(), set.value(sample, index), 0f)
            }
        }
    }

    @Test
    fun readsOnlyTheFirstSamples() = assertEquals(2, LabelledSet.read(Built.set("set_uint8.npz"), most = 2).size)

    @Test
    fun asksForNoMoreThanThereIs() = assertEquals(5, LabelledSet.read(Built.set("set_uint8.npz"), most = 100).size)

    @Test
    fun saysWhatIsWrong() = mapOf(
        "fortran.npz" to "Fortran order",
        "doubles.npz" to "<f8",
        "no_labels.npz" to "no array 'y'",
        "uneven.npz" to "[5, 3, 2] and y of shape [3]",
    ).forEach { (name, received) ->
        val error = failure { LabelledSet.read(Built.set(name)) }
        assertEquals("$name is no labelled set.", error.problem)
        assertTrue("$name: ${error.received}", error.received!!.contains(received))
    }

    @Test
    fun refusesSizesBeyondAllMemory() {
        val file = folder.newFile("huge.npz")
        ZipOutputStream(file.outputStream()).use { zip ->
            listOf("x" to header("|u1", "(1, 2)") + byteArrayOf(1, 2), "y" to header("<i8", "(2147483647,)"))
                .forEach { (name, content) ->
                    zip.putNextEntry(ZipEntry("$name.npy"))
                    zip.write(content)
                }
        }
        assertEquals("an array of more than 2 GiB", failure { LabelledSet.read(file) }.received)
    }

    private fun header(type: String, shape: String): ByteArray {
        val text = "{'descr': '$type', 'fortran_order': False, 'shape': $shape}\n"
        return "\u0093NUMPY\u0001\u0000${text.length.toChar()}\u0000$text".toByteArray(Charsets.ISO_8859_1)
    }

    @Test
    fun refusesOtherFiles() {
        failure { LabelledSet.read(Built.model("conv_dense")) }
        failure { LabelledSet.read(File("/nowhere/set.npz")) }
    }
}
