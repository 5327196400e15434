// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

import android.content.Context
import android.content.Intent
import android.os.BatteryManager
import android.os.PowerManager
import dev.tfsparse.bench.BenchTestRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowBuild

@RunWith(BenchTestRunner::class)
class PhoneReaderTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager

    @Test
    fun readsTheBattery() {
        @Suppress("DEPRECATION")
        context.sendStickyBroadcast(
            Intent(Intent.ACTION_BATTERY_CHANGED)
                .putExtra(BatteryManager.EXTRA_LEVEL, 41).putExtra(BatteryManager.EXTRA_SCALE, 50)
                .putExtra(BatteryManager.EXTRA_TEMPERATURE, 315).putExtra(BatteryManager.EXTRA_PLUGGED, 2),
        )
        val phone = PhoneReader(context).read().phone!!
        assertEquals(82, phone.batteryPercent)
        assertEquals(31.5, phone.batteryCelsius!!, 0.0)
        assertEquals(true, phone.charging)
    }

    @Test
    fun aBatteryThatTellsNothingIsNull() {
        val phone = PhoneReader(context).read().phone!!
        assertNull(phone.batteryPercent)
        assertNull(phone.batteryCelsius)
        assertNull(phone.charging)
    }

    @Test
    fun readsThermalStatusAndPowerSaving() {
        shadowOf(power).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_SEVERE)
        shadowOf(power).setIsPowerSaveMode(true)
        val phone = PhoneReader(context).read().phone!!
        assertEquals(Thermal.SEVERE, phone.thermalBefore)
        assertEquals(true, phone.powerSave)
    }

    @Test
    fun namesAreThoseOfAndroid() {
        assertEquals(0, PowerManager.THERMAL_STATUS_NONE)
        assertEquals(Thermal.SHUTDOWN, Thermal.values()[PowerManager.THERMAL_STATUS_SHUTDOWN])
        Thermal.values().forEach { assertEquals(it, Thermal.of(it.id)) }
    }

    @Test
    fun describesTheDevice() {
        ShadowBuild.setModel("Phone 9")
        ShadowBuild.setManufacturer("Maker")
        val machine = PhoneReader(context).read()
        assertEquals("Maker Phone 9", machine.device)
        assertEquals("Android 15", machine.system)
        assertEquals(35, machine.phone!!.apiLevel)
        assertTrue(machine.cores >= 1 && machine.soc.isNotEmpty())
    }
}
