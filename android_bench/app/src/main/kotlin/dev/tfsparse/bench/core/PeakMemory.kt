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
    val before = memoryBytes("VmRSS")
    val oldPeak = oldPeak()
    val result = block()
    val peak = memoryBytes("VmHWM")
    val isUnknown = before == null || oldPeak == null || peak == null || peak <= oldPeak
    return result to if (isUnknown) null else maxOf(0L, peak - before)
}

/** The peak that a new one must pass to be seen: none where the system lets the process forget its old one. */
@PublishedApi
internal fun oldPeak(): Long? = try {
    CLEAR_REFS.writeText(RESET_PEAK)
    0L
} catch (_: IOException) {
    memoryBytes("VmHWM")
}

@PublishedApi
internal fun memoryBytes(field: String): Long? = try {
    STATUS.useLines { lines -> lines.firstOrNull { it.startsWith("$field:") } }
        ?.split(Regex("\\s+"))?.getOrNull(1)?.toLongOrNull()?.times(KIBIBYTE)
} catch (_: IOException) {
    null
}
