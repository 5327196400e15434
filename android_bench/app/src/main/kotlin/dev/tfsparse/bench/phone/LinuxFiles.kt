// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

import java.io.File
import java.io.IOException

/**
 * What Linux tells of its cores in `/sys` and `/proc`; phones differ in what an app may read of it.
 *
 * @param root the folder that holds both
 */
public class LinuxFiles(private val root: File = File("/")) {
    /** Every core in the system's order. */
    public fun cpus(): List<Cpu> {
        val folders = File(root, "sys/devices/system/cpu").listFiles { file -> CORE.matches(file.name) }.orEmpty()
        return folders.sortedBy { it.name.drop(CORE_PREFIX).toInt() }.map { core ->
            Cpu(
                maxKhz = text(File(core, "cpufreq/cpuinfo_max_freq"))?.toLongOrNull(),
                khz = text(File(core, "cpufreq/scaling_cur_freq"))?.toLongOrNull(),
                governor = text(File(core, "cpufreq/scaling_governor")),
            )
        }
    }

    /** Numbers of the cores that this process may use. */
    public fun affinity(): List<Int>? {
        val line = lineOf("proc/self/status", "Cpus_allowed_list") ?: return null
        val cores = line.split(',').flatMap { part ->
            val ends = part.split('-').map { it.trim().toIntOrNull() ?: return null }
            ends.first()..ends.last()
        }
        return cores.ifEmpty { null }
    }

    /** Runnable processes, average of one minute. */
    public fun load(): Double? = text(File(root, "proc/loadavg"))?.substringBefore(' ')?.toDoubleOrNull()

    /** The processor's name. */
    public fun processor(): String? = lineOf("proc/cpuinfo", "Hardware") ?: lineOf("proc/cpuinfo", "model name")

    private fun lineOf(path: String, key: String): String? = text(File(root, path))?.lineSequence()
        ?.firstOrNull { it.substringBefore(':').trim() == key }
        ?.substringAfter(':')?.trim()?.ifEmpty { null }

    private fun text(file: File): String? = try {
        file.readText().trim().ifEmpty { null }
    } catch (_: IOException) {
        null
    }

    private companion object {
        const val CORE_PREFIX = 3
        val CORE = Regex("cpu[0-9]+")
    }
}
