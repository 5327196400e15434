// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager
import android.os.Process

/** Reads the state of the phone. */
public class PhoneReader(private val context: Context, private val linux: LinuxFiles = LinuxFiles()) {
    private val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager

    /** The phone as it is now. */
    public fun read(): Machine {
        val cpus = linux.cpus()
        return Machine(
            device = "${Build.MANUFACTURER} ${Build.MODEL}",
            soc = soc(),
            architecture = System.getProperty("os.arch") ?: abi(),
            cores = maxOf(cpus.size, Runtime.getRuntime().availableProcessors()),
            system = "Android ${Build.VERSION.RELEASE}",
            load = linux.load(),
            cpus = cpus,
            affinity = linux.affinity(),
            phone = state(),
        )
    }

    /** The thermal status; null before Android 10, which does not tell. */
    public fun thermal(): Thermal? = if (Build.VERSION.SDK_INT >=
        Build.VERSION_CODES.Q
    ) {
        Thermal.values().getOrNull(power.currentThermalStatus)
    } else {
        null
    }

    private fun state(): PhoneState {
        val battery: Intent? = context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED))
        val thermal = thermal()
        return PhoneState(
            apiLevel = Build.VERSION.SDK_INT,
            abi = abi(),
            batteryPercent = battery?.let(::percent),
            batteryCelsius = battery?.known(BatteryManager.EXTRA_TEMPERATURE)?.div(TENTHS),
            charging = battery?.known(BatteryManager.EXTRA_PLUGGED)?.let { it != 0 },
            powerSave = power.isPowerSaveMode,
            thermalBefore = thermal,
            thermalAfter = thermal,
            waitedToCoolS = 0.0,
        )
    }

    private fun percent(battery: Intent): Int? {
        val level = battery.known(BatteryManager.EXTRA_LEVEL) ?: return null
        val scale = battery.known(BatteryManager.EXTRA_SCALE)?.takeIf { it > 0 } ?: return null
        return (PERCENT * level / scale).coerceIn(0, PERCENT)
    }

    private fun Intent.known(extra: String): Int? = getIntExtra(extra, MISSING).takeIf { it != MISSING }

    private fun abi(): String {
        val abis = if (Process.is64Bit()) Build.SUPPORTED_64_BIT_ABIS else Build.SUPPORTED_32_BIT_ABIS
        return abis.firstOrNull() ?: Build.SUPPORTED_ABIS.firstOrNull() ?: Build.UNKNOWN
    }

    private fun soc(): String {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && Build.SOC_MODEL != Build.UNKNOWN) {
            return "${Build.SOC_MANUFACTURER} ${Build.SOC_MODEL}"
        }
        return linux.processor() ?: Build.HARDWARE
    }

    private companion object {
        const val MISSING = Int.MIN_VALUE
        const val TENTHS = 10.0
        const val PERCENT = 100
    }
}
