// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.delegate

import org.json.JSONArray
import org.json.JSONObject

/**
 * The calls of one operator and the time that they took.
 *
 * @property node index of the operator in the model
 * @property op its type, such as `TfSparseWinnerConv2D`
 * @property layer the layer that it was converted from
 * @property kernel what computes it; empty for an operator that is computed in one way alone
 * @property weightBytes memory of its packed weights
 * @property calls number of calls; the times are sums over all of them
 * @property rankNs nanoseconds of scoring channels or neurons
 * @property selectNs nanoseconds of choosing the winners by their scores
 * @property gatherNs nanoseconds of collecting the winners' activations and weights
 * @property gemmNs nanoseconds of multiplying
 * @property maskNs nanoseconds of setting losers to zero
 */
public data class OperatorProfile(
    val node: Int,
    val op: String,
    val layer: String,
    val kernel: String,
    val weightBytes: Long,
    val calls: Long,
    val rankNs: Long,
    val selectNs: Long,
    val gatherNs: Long,
    val gemmNs: Long,
    val maskNs: Long,
) {
    /** Nanoseconds of finding the winners. */
    val rankingNs: Long
        get() = rankNs + selectNs

    /** Nanoseconds of everything. */
    val totalNs: Long
        get() = rankingNs + gatherNs + gemmNs + maskNs

    internal companion object {
        /** Reads what the native library writes: a list with one object per operator. */
        fun parseList(json: String): List<OperatorProfile> {
            val operators = JSONArray(json)
            return List(operators.length()) { parse(operators.getJSONObject(it)) }
        }

        private fun parse(operator: JSONObject): OperatorProfile {
            val phases = operator.getJSONObject("phases")
            return OperatorProfile(
                node = operator.getInt("node"),
                op = operator.getString("op"),
                layer = operator.getString("layer"),
                kernel = operator.getString("kernel"),
                weightBytes = operator.getLong("weight_bytes"),
                calls = operator.getLong("calls"),
                rankNs = phases.getLong("rank"),
                selectNs = phases.getLong("select"),
                gatherNs = phases.getLong("gather"),
                gemmNs = phases.getLong("gemm"),
                maskNs = phases.getLong("mask"),
            )
        }
    }
}
