// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.run

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.store.writeAtomically
import org.json.JSONException
import org.json.JSONObject
import java.io.File
import java.io.IOException

/**
 * The request that is running, on disk: where it is still found when the app starts, the system has ended the app in
 * the midst of it. Not for the main thread.
 */
public class PendingRequest(private val file: File) {
    internal fun write(request: BenchRequest) {
        try {
            writeAtomically(file, JSONObject(request.toExtras()).toString())
        } catch (_: IOException) {
            // The measurement goes on; it only cannot be offered again after a crash.
        }
    }

    internal fun clear() {
        file.delete()
    }

    /** The request that was interrupted, or null. */
    internal fun interrupted(): BenchRequest? = try {
        val json = JSONObject(file.readText())
        BenchRequest.parse(json.keys().asSequence().associateWith(json::get), defaultId = "interrupted")
    } catch (_: IOException) {
        null
    } catch (_: JSONException) {
        null
    } catch (_: BenchException) {
        null
    }
}
