// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.Built
import dev.tfsparse.bench.model.ModelFile
import org.junit.Assert.assertTrue
import org.junit.Test

class OverheadTest {
    @Test
    fun javaAddsAtMostThreePercentToTheNativeTime() {
        withWarmRunner { runner, samples ->
            val ratios = DoubleArray(RUNS) { run ->
                val started = System.nanoTime()
                val native = runner.run(samples[run % samples.size])
                (System.nanoTime() - started).toDouble() / native
            }
            val ratio = median(ratios)
            println("wall time over native time: $ratio")
            assertTrue("$ratio", ratio in 1.0..1.03)
        }
    }

    @Test
    fun nothingIsAllocatedForARun() {
        withWarmRunner { runner, samples ->
            val bean = java.lang.management.ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean
            val thread = Thread.currentThread().id
            val before = bean.getThreadAllocatedBytes(thread)
            repeat(RUNS) { runner.run(samples[it % samples.size]) }
            val perRun = (bean.getThreadAllocatedBytes(thread) - before) / RUNS
            println("bytes allocated a run: $perRun")
            assertTrue("$perRun bytes", perRun < samples[0].sumOf { (it as java.nio.ByteBuffer).capacity() })
        }
    }

    private fun withWarmRunner(measure: (ModelRunner, List<Sample>) -> Unit) {
        val model = ModelFile.read(Built.model("digits_dense"))
        ModelRunner(model, DelegateKind.XNNPACK, threads = 1, isa = "auto").use { runner ->
            val samples = randomSamples(runner.inputs)
            repeat(WARMUP) { runner.run(samples[it % samples.size]) }
            measure(runner, samples)
        }
    }

    private companion object {
        const val WARMUP = 50
        const val RUNS = 500
    }
}
