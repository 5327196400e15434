// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.run

import android.content.ContentResolver
import android.content.Intent
import android.util.Log
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.request.extrasOf
import java.io.IOException

/** The intent by which device farms run a game by itself: measures, writes the result to the intent's Uri, and ends. */
internal object GameLoop {
    private const val ACTION = "com.google.intent.action.TEST_LOOP"

    fun isAsked(intent: Intent?): Boolean = intent?.action == ACTION

    /** The request's extras: those of the intent that are settings; a farm adds others. */
    fun extras(intent: Intent): Map<String, Any?> = extrasOf(intent.extras).filterKeys { it in BenchRequest.KEYS }

    /** Writes the result, or why there is none, to where the intent wants it. */
    fun answer(resolver: ContentResolver, intent: Intent, outcome: Outcome) {
        val target = intent.data ?: return
        val file = (outcome as? Outcome.Measured)?.file ?: (outcome as? Outcome.Failed)?.file
        try {
            resolver.openOutputStream(target)?.use { stream ->
                if (file ==
                    null
                ) {
                    stream.write(outcome.logLine().toByteArray())
                } else {
                    file.inputStream().use { it.copyTo(stream) }
                }
            }
        } catch (error: IOException) {
            Log.w(Runner.LOG_TAG + ".app", "the result cannot be written to $target", error)
        } catch (error: SecurityException) {
            Log.w(Runner.LOG_TAG + ".app", "the result may not be written to $target", error)
        }
    }
}
