// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.request

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.DelegateKind

/**
 * Everything that a measurement depends on.
 *
 * @property id names the result's file
 * @property sparse file name or path of the sparse model, or null
 * @property dense file name or path of the dense model, or null; at least one of the two is given
 * @property data file name or path of a labelled set, or null for random inputs
 * @property samples samples that the accuracy is measured on, or null for all
 * @property cool whether to wait for the phone to cool before each block of runs
 * @property layers whether to measure each layer's time in a pass of its own
 */
public data class BenchRequest(
    val id: String,
    val sparse: String? = null,
    val dense: String? = null,
    val sparseDelegate: DelegateKind = DelegateKind.TFSPARSE,
    val denseDelegate: DelegateKind = DelegateKind.XNNPACK,
    val threads: Int = DEFAULT_THREADS,
    val runs: Int = DEFAULT_RUNS,
    val warmup: Int = DEFAULT_WARMUP,
    val isa: String = ISA_AUTO,
    val data: String? = null,
    val samples: Int? = null,
    val cool: Boolean = false,
    val coolTimeoutS: Int = DEFAULT_COOL_TIMEOUT_S,
    val layers: Boolean = true,
) {
    /** The extras that [parse] makes the same request of. */
    public fun toExtras(): Map<String, String> = mapOf(
        "request" to id,
        "sparse" to sparse,
        "dense" to dense,
        "sparse_delegate" to sparseDelegate.id,
        "dense_delegate" to denseDelegate.id,
        "threads" to "$threads",
        "runs" to "$runs",
        "warmup" to "$warmup",
        "isa" to isa,
        "data" to data,
        "samples" to samples?.toString(),
        "cool" to "$cool",
        "cool_timeout_s" to "$coolTimeoutS",
        "layers" to "$layers",
    ).mapNotNull { (key, value) -> value?.let { key to it } }.toMap()

    public companion object {
        public const val DEFAULT_THREADS: Int = 1
        public const val DEFAULT_RUNS: Int = 100
        public const val DEFAULT_WARMUP: Int = 10
        public const val DEFAULT_COOL_TIMEOUT_S: Int = 300
        public const val ISA_AUTO: String = "auto"

        /** The instruction sets that can be asked for. */
        public val ISAS: List<String> = listOf(ISA_AUTO, "portable", "neon", "avx2", "avx512")
        public val THREADS: IntRange = 1..64
        public val RUNS: IntRange = 1..100_000
        public val WARMUP: IntRange = 0..10_000
        private val SAMPLES = 1..Int.MAX_VALUE
        private val COOL_TIMEOUT_S = 0..86_400

        /** What a request may be called, since it names a file. */
        public val ID: Regex = Regex("[A-Za-z0-9._-]{1,64}")

        /** The names of all extras. */
        public val KEYS: Set<String> = setOf(
            "request", "sparse", "dense", "sparse_delegate", "dense_delegate", "threads", "runs", "warmup", "isa",
            "data", "samples", "cool", "cool_timeout_s", "layers",
        )

        /**
         * Reads and checks a request.
         *
         * @param extras values by name; numbers and booleans may be strings, too
         * @param defaultId the request's name where the extras give none
         * @throws BenchException if an extra is unknown, or its value is none that it may have
         */
        public fun parse(extras: Map<String, Any?>, defaultId: String): BenchRequest {
            val reader = ExtrasReader(extras)
            reader.checkKeys(KEYS)
            val request = BenchRequest(
                id = reader.id("request", defaultId),
                sparse = reader.text("sparse"),
                dense = reader.text("dense"),
                sparseDelegate = reader.delegate("sparse_delegate", DelegateKind.TFSPARSE),
                denseDelegate = reader.delegate("dense_delegate", DelegateKind.XNNPACK),
                threads = reader.int("threads", THREADS) ?: DEFAULT_THREADS,
                runs = reader.int("runs", RUNS) ?: DEFAULT_RUNS,
                warmup = reader.int("warmup", WARMUP) ?: DEFAULT_WARMUP,
                isa = reader.choice("isa", ISAS) ?: ISA_AUTO,
                data = reader.text("data"),
                samples = reader.int("samples", SAMPLES),
                cool = reader.boolean("cool") ?: false,
                coolTimeoutS = reader.int("cool_timeout_s", COOL_TIMEOUT_S) ?: DEFAULT_COOL_TIMEOUT_S,
                layers = reader.boolean("layers") ?: true,
            )
            if (request.sparse == null && request.dense == null) throw noModel()
            return request
        }

        /** The request's name if the extras give a good one, so that even a bad request's error has its place. */
        public fun idOf(extras: Map<String, Any?>, defaultId: String): String =
            (extras["request"] as? String)?.takeIf(::isId) ?: defaultId

        /** Whether a request may be called so: a file of this name stays in its folder. */
        internal fun isId(text: String): Boolean = ID.matches(text) && text.any { it != '.' }

        private fun noModel() = BenchException(
            "No model is chosen.",
            expected = "a model as sparse, as dense, or both",
            remedy = "Choose a model, or give the extra sparse.",
        )
    }
}
