// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File

class LinuxFilesTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun readsTheCoresInTheirOrder() {
        for (core in 0..10) write("sys/devices/system/cpu/cpu$core/cpufreq/cpuinfo_max_freq", "${1_000_000 + core}\n")
        write("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "schedutil\n")
        write("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "900000\n")
        write("sys/devices/system/cpu/cpufreq/policy0", "")
        val cpus = LinuxFiles(folder.root).cpus()
        assertEquals((0L..10L).map { 1_000_000 + it }, cpus.map { it.maxKhz })
        assertEquals(Cpu(1_000_002, 900_000, "schedutil"), cpus[2])
        assertEquals(Cpu(1_000_003, null, null), cpus[3])
    }

    @Test
    fun readsWhereTheProcessMayRun() {
        write("proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,6,8-9\n")
        assertEquals(listOf(0, 1, 2, 3, 6, 8, 9), LinuxFiles(folder.root).affinity())
    }

    @Test
    fun readsLoadAndProcessor() {
        write("proc/loadavg", "2.25 1.0 0.5 3/900 12345\n")
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: one\nHardware\t: Maker SM-1\n")
        assertEquals(2.25, LinuxFiles(folder.root).load()!!, 0.0)
        assertEquals("Maker SM-1", LinuxFiles(folder.root).processor())
    }

    @Test
    fun whatIsNotToldIsNull() {
        val linux = LinuxFiles(folder.root)
        assertEquals(emptyList<Cpu>(), linux.cpus())
        assertNull(linux.affinity())
        assertNull(linux.load())
        assertNull(linux.processor())
    }

    @Test
    fun nonsenseIsNull() {
        write("proc/self/status", "Cpus_allowed_list:\tall\n")
        write("proc/loadavg", "high")
        write("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "fast")
        assertNull(LinuxFiles(folder.root).affinity())
        assertNull(LinuxFiles(folder.root).load())
        assertEquals(listOf(Cpu(null, null, null)), LinuxFiles(folder.root).cpus())
    }

    private fun write(path: String, text: String) = File(folder.root, path).run {
        parentFile!!.mkdirs()
        writeText(text)
    }
}
