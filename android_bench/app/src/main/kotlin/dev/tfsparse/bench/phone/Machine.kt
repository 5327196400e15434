// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.phone

/** One core; what the phone does not tell is null. */
public data class Cpu(val maxKhz: Long?, val khz: Long?, val governor: String?)

/** What the speed of a phone depends on besides its processor; what the phone does not tell is null. */
public data class PhoneState(
    val apiLevel: Int,
    val abi: String,
    val batteryPercent: Int?,
    val batteryCelsius: Double?,
    val charging: Boolean?,
    val powerSave: Boolean?,
    val thermalBefore: Thermal?,
    val thermalAfter: Thermal?,
    val waitedToCoolS: Double,
)

/** The device that measures. */
public data class Machine(
    val device: String,
    val soc: String,
    val architecture: String,
    val cores: Int,
    val system: String,
    val load: Double?,
    val cpus: List<Cpu>,
    val affinity: List<Int>?,
    val phone: PhoneState?,
)

/** Android's thermal status, in the order of its own numbers from 0. */
public enum class Thermal {
    NONE,
    LIGHT,
    MODERATE,
    SEVERE,
    CRITICAL,
    EMERGENCY,
    SHUTDOWN,
    ;

    /** Its name in results. */
    val id: String get() = name.lowercase()

    /** Whether the phone runs at its usual speed. */
    val isCool: Boolean get() = this <= LIGHT

    public companion object {
        /** The status of a name in a result, or null. */
        public fun of(id: String?): Thermal? = values().firstOrNull { it.id == id }
    }
}
