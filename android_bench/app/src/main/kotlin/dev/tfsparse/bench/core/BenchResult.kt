// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.model.Macs
import dev.tfsparse.bench.phone.Machine

/** One of the models that were measured; the fields are those of the result's JSON. */
public data class Side(
    val model: String,
    val bytes: Long,
    val delegate: String,
    val macs: Macs,
    val winnerRates: Map<String, Double>,
    val initMs: Double,
    val firstRunMs: Double,
    val latencyMs: Summary,
    val timesMs: List<Double>,
    val peakMemoryBytes: Long?,
    val operators: List<OperatorTime>,
    val rankingMs: Double,
    val restMs: Double,
    val accuracy: Accuracy?,
)

/** Two models side by side, or one alone; the fields are those of the result's JSON. */
public data class BenchResult(
    val date: String,
    val machine: Machine,
    val versions: Versions,
    val runtime: String,
    val isa: String?,
    val threads: Int,
    val batch: Int,
    val input: String,
    val sparse: Side,
    val dense: Side?,
    val speedup: Interval?,
    val macRatio: Double?,
    val fractionOfLimit: Double?,
)

/** Versions of the app, the delegate's library (null where no model needed it) and the interpreter. */
public data class Versions(val tfsparse: String, val library: String?, val runtime: String)
