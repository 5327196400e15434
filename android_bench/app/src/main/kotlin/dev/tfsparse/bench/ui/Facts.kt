// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import dev.tfsparse.bench.R
import dev.tfsparse.bench.phone.Machine
import dev.tfsparse.bench.phone.PhoneState

/** Fills a list with names and values; a screen reader speaks each pair at once. */
internal fun showFacts(list: ViewGroup, facts: List<Pair<Int, String>>) {
    list.removeAllViews()
    val inflater = LayoutInflater.from(list.context)
    for ((name, value) in facts) {
        val row: View = inflater.inflate(R.layout.fact, list, false)
        row.findViewById<TextView>(R.id.fact_name).setText(name)
        row.findViewById<TextView>(R.id.fact_value).text = value
        row.contentDescription = list.context.getString(R.string.table_row, list.context.getString(name), value)
        list.addView(row)
    }
}

/** What is known of a phone, as names and values. */
internal class MachineFacts(private val context: Context) {
    fun of(machine: Machine): List<Pair<Int, String>> = listOfNotNull(
        R.string.phone_device to machine.device,
        R.string.phone_soc to machine.soc,
        R.string.phone_cores to cores(machine),
        R.string.phone_governor to machine.cpus.mapNotNull {
            it.governor
        }.distinct().joinToString().ifEmpty { unknown },
        R.string.phone_affinity to (machine.affinity?.let(::ranges) ?: unknown),
        machine.phone?.let { R.string.phone_battery to battery(it) },
        machine.phone?.let { R.string.phone_thermal to thermal(it) },
        machine.phone?.takeIf {
            it.waitedToCoolS > 0
        }?.let { R.string.phone_waited to "%.0f s".format(it.waitedToCoolS) },
        machine.phone?.let { R.string.phone_power_save to onOff(it.powerSave) },
        R.string.phone_system to system(machine),
    )

    private val unknown = context.getString(R.string.unknown)

    private fun cores(machine: Machine): String {
        val groups = machine.cpus.groupingBy { it.maxKhz }.eachCount()
        if (groups.keys.none { it != null }) return "${machine.cores}"
        return groups.entries.sortedByDescending { it.key ?: 0 }
            .joinToString(" + ") { (khz, count) -> "$count × ${khz?.let(Figures::frequency) ?: unknown}" }
    }

    private fun battery(phone: PhoneState): String = listOfNotNull(
        phone.batteryPercent?.let { "$it %" },
        phone.batteryCelsius?.let { "%.1f °C".format(it) },
        phone.charging?.let { context.getString(if (it) R.string.charging else R.string.not_charging) },
    ).joinToString(", ").ifEmpty { unknown }

    private fun thermal(phone: PhoneState): String {
        val before = phone.thermalBefore?.id ?: return unknown
        val after = phone.thermalAfter?.id ?: before
        return if (after == before) before else context.getString(R.string.from_to, before, after)
    }

    private fun onOff(value: Boolean?): String =
        if (value == null) unknown else context.getString(if (value) R.string.on else R.string.off)

    private fun system(machine: Machine): String =
        listOfNotNull(machine.system, machine.phone?.abi ?: machine.architecture).joinToString(", ")

    /** `0, 1, 2, 5` as `0–2, 5`. */
    private fun ranges(cores: List<Int>): String {
        val runs = ArrayList<IntRange>()
        for (core in cores) {
            val last = runs.lastOrNull()
            if (last != null && core == last.last + 1) runs[runs.size - 1] = last.first..core else runs += core..core
        }
        return runs.joinToString { if (it.first == it.last) "${it.first}" else "${it.first}–${it.last}" }
    }
}
