// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer

class PeakMemoryTest {
    @Test
    fun seesWhatWasHeldForAWhile() {
        val (size, peak) = withPeakMemory { ByteBuffer.allocateDirect(BYTES).capacity() }
        assertEquals(BYTES, size)
        assertTrue("$peak", peak!! in (BYTES * 9L / 10)..(BYTES * 3L))
    }

    private companion object {
        const val BYTES = 40_000_000
    }
}
