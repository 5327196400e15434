// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.model.Macs
import dev.tfsparse.bench.phone.Cpu
import dev.tfsparse.bench.phone.Machine
import dev.tfsparse.bench.phone.PhoneState
import dev.tfsparse.bench.phone.Thermal
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** Reads results that [ResultJson] or `tfsparse bench --json` has written. */
public object ResultReader {
    /**
     * Reads a whole result.
     *
     * @param name what to call it in an error
     * @throws BenchException if the text is no result of this schema
     */
    public fun decode(text: String, name: String): BenchResult = try {
        val json = JSONObject(text)
        if (json.getInt("schema_version") !=
            SCHEMA_VERSION
        ) {
            throw JSONException("version ${json.get("schema_version")}")
        }
        result(json)
    } catch (error: JSONException) {
        throw BenchException(
            "$name is no benchmark result.",
            expected = "JSON of the schema's version $SCHEMA_VERSION",
            received = error.message,
            remedy = "Delete it, and measure again.",
            cause = error,
        )
    }

    private fun result(json: JSONObject) = BenchResult(
        date = json.getString("date"),
        machine = machine(json.getJSONObject("machine")),
        versions = json.getJSONObject("versions").let {
            Versions(it.getString("tfsparse"), it.text("library"), it.getString("runtime"))
        },
        runtime = json.getString("runtime"),
        isa = json.text("isa"),
        threads = json.getInt("threads"),
        batch = json.getInt("batch"),
        input = json.getString("input"),
        sparse = side(json.getJSONObject("sparse")),
        dense = json.map("dense")?.let(::side),
        speedup = json.map("speedup")?.let {
            Interval(it.getDouble("value"), it.getDouble("low"), it.getDouble("high"))
        },
        macRatio = json.number("mac_ratio"),
        fractionOfLimit = json.number("fraction_of_limit"),
    )

    private fun machine(json: JSONObject) = Machine(
        device = json.getString("device"),
        soc = json.getString("soc"),
        architecture = json.getString("architecture"),
        cores = json.getInt("cores"),
        system = json.getString("system"),
        load = json.number("load"),
        cpus = json.getJSONArray("cpus").objects().map { Cpu(it.long("max_khz"), it.long("khz"), it.text("governor")) },
        affinity = if (json.isNull("affinity")) {
            null
        } else {
            json.getJSONArray("affinity").let {
                List(it.length(), it::getInt)
            }
        },
        phone = json.map("phone")?.let(::phone),
    )

    private fun phone(json: JSONObject) = PhoneState(
        apiLevel = json.getInt("api_level"),
        abi = json.getString("abi"),
        batteryPercent = json.long("battery_percent")?.toInt(),
        batteryCelsius = json.number("battery_celsius"),
        charging = json.flag("charging"),
        powerSave = json.flag("power_save"),
        thermalBefore = Thermal.of(json.text("thermal_before")),
        thermalAfter = Thermal.of(json.text("thermal_after")),
        waitedToCoolS = json.getDouble("waited_to_cool_s"),
    )

    private fun side(json: JSONObject) = Side(
        model = json.getString("model"),
        bytes = json.getLong("bytes"),
        delegate = json.getString("delegate"),
        macs = json.getJSONObject("macs").let { Macs(it.getLong("dense"), it.getLong("computed")) },
        winnerRates = numbers(json.getJSONObject("winner_rates")),
        initMs = json.getDouble("init_ms"),
        firstRunMs = json.getDouble("first_run_ms"),
        latencyMs = summary(json.getJSONObject("latency_ms")),
        timesMs = json.getJSONArray("times_ms").let { List(it.length(), it::getDouble) },
        peakMemoryBytes = json.long("peak_memory_bytes"),
        operators = json.getJSONArray("operators").objects().map(::operator),
        rankingMs = json.getDouble("ranking_ms"),
        restMs = json.getDouble("rest_ms"),
        accuracy = json.map("accuracy")?.let { Accuracy(it.getInt("correct"), it.getInt("samples")) },
    )

    private fun summary(json: JSONObject) = Summary(
        avg = json.getDouble("avg"),
        min = json.getDouble("min"),
        max = json.getDouble("max"),
        std = json.getDouble("std"),
        median = json.getDouble("median"),
        p5 = json.getDouble("p5"),
        p95 = json.getDouble("p95"),
        runs = json.getInt("runs"),
    )

    private fun operator(json: JSONObject) = OperatorTime(
        op = json.getString("op"),
        layer = json.getString("layer"),
        totalMs = json.getDouble("total_ms"),
        rankingMs = json.getDouble("ranking_ms"),
        phasesMs = numbers(json.getJSONObject("phases_ms")),
    )

    private fun numbers(json: JSONObject): Map<String, Double> = json.keys().asSequence().associateWith(json::getDouble)

    private fun JSONArray.objects(): List<JSONObject> = List(length(), ::getJSONObject)

    private fun JSONObject.map(key: String): JSONObject? = if (isNull(key)) null else getJSONObject(key)

    private fun JSONObject.text(key: String): String? = if (isNull(key)) null else getString(key)

    private fun JSONObject.number(key: String): Double? = if (isNull(key)) null else getDouble(key)

    private fun JSONObject.long(key: String): Long? = if (isNull(key)) null else getLong(key)

    private fun JSONObject.flag(key: String): Boolean? = if (isNull(key)) null else getBoolean(key)
}
