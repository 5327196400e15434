// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.phone.Cpu
import dev.tfsparse.bench.phone.Machine
import dev.tfsparse.bench.phone.PhoneState
import org.json.JSONArray
import org.json.JSONObject

/** Version of the JSON schema that results keep to: `tfsparse/bench/result.schema.json`. */
public const val SCHEMA_VERSION: Int = 2

/** Writes results as `tfsparse bench --json` does. */
public object ResultJson {
    private const val INDENT = 2

    /** The whole result as text. */
    public fun encode(result: BenchResult): String = json(
        "schema_version" to SCHEMA_VERSION,
        "date" to result.date,
        "machine" to machine(result.machine),
        "versions" to json(
            "tfsparse" to result.versions.tfsparse,
            "library" to result.versions.library,
            "runtime" to result.versions.runtime,
            "python" to null,
        ),
        "runtime" to result.runtime,
        "isa" to result.isa,
        "threads" to result.threads,
        "batch" to result.batch,
        "input" to result.input,
        "sparse" to side(result.sparse),
        "dense" to result.dense?.let(::side),
        "speedup" to result.speedup?.let { json("value" to it.value, "low" to it.low, "high" to it.high) },
        "mac_ratio" to result.macRatio,
        "fraction_of_limit" to result.fractionOfLimit,
    ).toString(INDENT)

    private fun machine(machine: Machine) = json(
        "device" to machine.device,
        "soc" to machine.soc,
        "architecture" to machine.architecture,
        "cores" to machine.cores,
        "system" to machine.system,
        "load" to machine.load,
        "cpus" to JSONArray(machine.cpus.map(::cpu)),
        "affinity" to machine.affinity?.let(::JSONArray),
        "phone" to machine.phone?.let(::phone),
    )

    private fun cpu(cpu: Cpu) = json("max_khz" to cpu.maxKhz, "khz" to cpu.khz, "governor" to cpu.governor)

    private fun phone(phone: PhoneState) = json(
        "api_level" to phone.apiLevel,
        "abi" to phone.abi,
        "battery_percent" to phone.batteryPercent,
        "battery_celsius" to phone.batteryCelsius,
        "charging" to phone.charging,
        "power_save" to phone.powerSave,
        "thermal_before" to phone.thermalBefore?.id,
        "thermal_after" to phone.thermalAfter?.id,
        "waited_to_cool_s" to phone.waitedToCoolS,
    )

    private fun side(side: Side) = json(
        "model" to side.model,
        "bytes" to side.bytes,
        "delegate" to side.delegate,
        "macs" to json("dense" to side.macs.dense, "computed" to side.macs.computed),
        "winner_rates" to JSONObject(side.winnerRates),
        "init_ms" to side.initMs,
        "first_run_ms" to side.firstRunMs,
        "latency_ms" to summary(side.latencyMs),
        "times_ms" to JSONArray(side.timesMs),
        "peak_memory_bytes" to side.peakMemoryBytes,
        "operators" to JSONArray(side.operators.map(::operator)),
        "ranking_ms" to side.rankingMs,
        "rest_ms" to side.restMs,
        "accuracy" to side.accuracy?.let { json("correct" to it.correct, "samples" to it.samples) },
    )

    private fun summary(summary: Summary) = json(
        "avg" to summary.avg,
        "min" to summary.min,
        "max" to summary.max,
        "std" to summary.std,
        "median" to summary.median,
        "p5" to summary.p5,
        "p95" to summary.p95,
        "runs" to summary.runs,
    )

    private fun operator(operator: OperatorTime) = json(
        "op" to operator.op,
        "layer" to operator.layer,
        "total_ms" to operator.totalMs,
        "ranking_ms" to operator.rankingMs,
        "phases_ms" to JSONObject(operator.phasesMs),
    )
}

/** An object of these entries; JSON's null stands for null. */
public fun json(vararg entries: Pair<String, Any?>): JSONObject =
    JSONObject().apply { entries.forEach { (key, value) -> put(key, value ?: JSONObject.NULL) } }
