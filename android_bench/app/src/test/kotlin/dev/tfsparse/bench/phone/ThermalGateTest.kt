// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

import dev.tfsparse.bench.failure
import org.junit.Assert.assertEquals
import org.junit.Test

class ThermalGateTest {
    private val pauses = ArrayList<Long>()

    @Test
    fun waitsUntilThePhoneIsCool() {
        val statuses = ArrayDeque(listOf(Thermal.SEVERE, Thermal.MODERATE, Thermal.LIGHT))
        val gate = ThermalGate({ statuses.removeFirst() }, timeoutS = 10, pauses::add)
        val told = ArrayList<Int>()
        gate.await(told::add)
        assertEquals(listOf(0, 1), told)
        assertEquals(2.0, gate.waitedS, 0.0)
        assertEquals(listOf(1000L, 1000L), pauses)
    }

    @Test
    fun givesUpWithAMessage() {
        val error = failure { ThermalGate({ Thermal.CRITICAL }, timeoutS = 3, pauses::add).await {} }
        assertEquals("critical", error.received)
        assertEquals(3, pauses.size)
    }

    @Test
    fun allWaitsShareOneTimeOut() {
        var status = Thermal.MODERATE
        val gate = ThermalGate({ status }, timeoutS = 3) {
            if (pauses.apply { add(it) }.size ==
                2
            ) {
                status = Thermal.NONE
            }
        }
        gate.await {}
        status = Thermal.SEVERE
        failure { gate.await {} }
        assertEquals(3, pauses.size)
    }

    @Test
    fun doesNotWaitWhereThePhoneTellsNothing() {
        ThermalGate({ null }, timeoutS = 3, pauses::add).await {}
        assertEquals(0, pauses.size)
    }
}
