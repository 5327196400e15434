// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.content.SharedPreferences
import android.os.Bundle
import dev.tfsparse.bench.store.FileFinder
import dev.tfsparse.bench.store.demoExtras

/** What is set on the first screen: the extras of a request, as they were typed. */
internal class Settings(private val values: MutableMap<String, String> = HashMap()) {
    operator fun get(key: String): String? = values[key]

    operator fun set(key: String, value: String?) {
        if (value.isNullOrBlank()) values.remove(key) else values[key] = value.trim()
    }

    /** The extras that a request is read from. */
    fun extras(): Map<String, Any?> = values.toMap()

    /** The same, apart: what is saved on another thread may not change meanwhile. */
    fun copy(): Settings = Settings(HashMap(values))

    fun toBundle(): Bundle = Bundle().apply { values.forEach { (key, value) -> putString(key, value) } }

    /** Keeps them for the next start. */
    fun save(preferences: SharedPreferences) {
        preferences.edit().clear().apply { values.forEach { (key, value) -> putString(key, value) } }.apply()
    }

    companion object {
        const val PREFERENCES = "settings"

        fun of(bundle: Bundle): Settings =
            Settings(bundle.keySet().mapNotNull { key -> bundle.getString(key)?.let { key to it } }.toMap(HashMap()))

        /** The settings of last time, or the bundled demo. Touches the disk. */
        fun load(preferences: SharedPreferences, finder: FileFinder): Settings {
            val stored = preferences.all.mapNotNull { (key, value) -> (value as? String)?.let { key to it } }
            return Settings((if (stored.isEmpty()) demoExtras(finder) else stored.toMap()).toMap(HashMap()))
        }
    }
}
