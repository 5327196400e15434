// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** What may import what, as CONTRIBUTING.md says. */
class LayeringTest {
    private val main = File(Built.repository, "android_bench/app/src/main/kotlin/dev/tfsparse/bench")

    @Test
    fun measuringKnowsNoAndroid() = listOf("model", "data", "core").forEach { folder ->
        assertTrue(folder, imports(folder).isNotEmpty())
        assertEquals(folder, emptyList<String>(), imports(folder).filter { it.startsWith("android.") })
    }

    @Test
    fun dataFlowsOneWay() {
        val order = listOf("model", "data", "core", "store", "run", "ui")
        order.forEachIndexed { index, folder ->
            val later = order.drop(index + 1).map { "dev.tfsparse.bench.$it." }
            assertEquals(folder, emptyList<String>(), imports(folder).filter { name -> later.any(name::startsWith) })
        }
    }

    private fun imports(folder: String): List<String> = File(main, folder).walk().filter(File::isFile)
        .flatMap { it.readLines() }.filter { it.startsWith("import ") }.map { it.removePrefix("import ") }.toList()
}
