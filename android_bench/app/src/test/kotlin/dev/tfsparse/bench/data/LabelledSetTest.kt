// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.data

import dev.tfsparse.bench.Built
import dev.tfsparse.bench.doubles
import dev.tfsparse.bench.failure
import dev.tfsparse.bench.objects
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

class LabelledSetTest {
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
    fun refusesOtherFiles() {
        failure { LabelledSet.read(Built.model("conv_dense")) }
        failure { LabelledSet.read(File("/nowhere/set.npz")) }
    }
}
