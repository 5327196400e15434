// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.request

import android.os.BaseBundle
import android.os.Bundle
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone

/**
 * What a bundle holds, by name. A bundle from another app may hold what this one cannot read: then nothing of it
 * counts, and the one key that stands for it names the trouble.
 */
@Suppress("DEPRECATION") // the typed getters cannot tell of what type a value is
public fun extrasOf(bundle: Bundle?): Map<String, Any?> = try {
    bundle?.keySet().orEmpty().associateWith { (bundle as BaseBundle).get(it) }
} catch (_: RuntimeException) { // BadParcelableException and whatever else unparcelling ends in
    mapOf("unreadable extras" to null)
}

/** A request's name from the time. */
public fun idFromTime(now: Date = Date()): String = format("yyyyMMdd-HHmmss-SSS", now)

/** The time in ISO 8601, UTC. */
public fun isoTime(now: Date = Date()): String = format("yyyy-MM-dd'T'HH:mm:ss'+00:00'", now)

private fun format(pattern: String, time: Date): String =
    SimpleDateFormat(pattern, Locale.ROOT).apply { timeZone = TimeZone.getTimeZone("UTC") }.format(time)
