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
 * @property phases nanoseconds by phase: `rank` (scoring channels or neurons), `select` (choosing the winners by their
 *   scores), `gather` (collecting the winners' activations), `gemm` (multiplying), `mask` (setting losers to zero),
 *   `layer` (what ran before a probe), `copy` (what a probe hands on)
 */
public data class OperatorProfile(
    val node: Int,
    val op: String,
    val layer: String,
    val kernel: String,
    val weightBytes: Long,
    val calls: Long,
    val phases: Map<String, Long>,
) {
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
                phases = phases.keys().asSequence().associateWith(phases::getLong),
            )
        }
    }
}
