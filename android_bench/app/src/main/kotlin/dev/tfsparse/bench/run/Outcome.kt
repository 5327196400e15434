// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.run

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.BenchResult
import dev.tfsparse.bench.core.json
import java.io.File

/** How a request ended. */
public sealed class Outcome {
    /** The request's name. */
    public abstract val id: String

    /** Measured, and on disk. */
    public data class Measured(override val id: String, val file: File, val result: BenchResult) : Outcome()

    /** Failed; [file] says why, too, where it could be written. */
    public data class Failed(override val id: String, val file: File?, val error: BenchException) : Outcome()

    /** Cancelled by somebody. */
    public data class Cancelled(override val id: String) : Outcome()

    /** One line for the log, in JSON, of less than 4000 bytes. */
    public fun logLine(): String {
        val measured = this as? Measured
        val failed = this as? Failed
        return json(
            "request" to id,
            "status" to when (this) {
                is Measured -> "ok"
                is Failed -> "failed"
                is Cancelled -> "cancelled"
            },
            "file" to (measured?.file ?: failed?.file)?.path?.take(MAX_TEXT),
            "sparse_ms" to measured?.result?.sparse?.latencyMs?.median,
            "dense_ms" to measured?.result?.dense?.latencyMs?.median,
            "speedup" to measured?.result?.speedup?.value,
            "error" to failed?.error?.problem?.take(MAX_TEXT),
        ).toString()
    }

    private companion object {
        /** Every character may become six bytes. */
        const val MAX_TEXT = 300
    }
}
