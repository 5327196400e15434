// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import java.io.File
import java.io.IOException

private val STATUS = File("/proc/self/status")
private val CLEAR_REFS = File("/proc/self/clear_refs")
private const val RESET_PEAK = "5"
private const val KIBIBYTE = 1024L

/** The most memory held during `block` over what the process held before; null where the system does not tell. */
internal inline fun <T> withPeakMemory(block: () -> T): Pair<T, Long?> {
    val before = startOfPeak()
    val result = block()
    val peak = memoryBytes("VmHWM")
    return result to if (before == null || peak == null) null else maxOf(0L, peak - before)
}

@PublishedApi
internal fun startOfPeak(): Long? = try {
    memoryBytes("VmRSS").also { CLEAR_REFS.writeText(RESET_PEAK) }
} catch (_: IOException) {
    null
}

@PublishedApi
internal fun memoryBytes(field: String): Long? = try {
    STATUS.useLines { lines -> lines.firstOrNull { it.startsWith("$field:") } }
        ?.split(Regex("\\s+"))?.getOrNull(1)?.toLongOrNull()?.times(KIBIBYTE)
} catch (_: IOException) {
    null
}
