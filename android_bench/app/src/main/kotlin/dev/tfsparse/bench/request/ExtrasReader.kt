// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.request

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.DelegateKind

/** Reads values out of extras and says what is wrong with them. */
internal class ExtrasReader(private val extras: Map<String, Any?>) {
    fun checkKeys(known: Set<String>) {
        val unknown = extras.keys.firstOrNull { it !in known } ?: return
        throw BenchException(
            "There is no setting named ${shown(unknown)}.",
            expected = known.joinToString(),
            received = shown(unknown),
            remedy = "Leave it out, or correct its name.",
        )
    }

    fun id(key: String, default: String): String {
        val text = text(key) ?: return default
        return if (BenchRequest.isId(
                text,
            )
        ) {
            text
        } else {
            throw wrong(key, "1 to 64 letters, digits, dots, dashes or underscores")
        }
    }

    fun text(key: String): String? = when (val value = extras[key]) {
        null -> null
        is String -> value.takeIf { it.isNotBlank() && '\u0000' !in it } ?: throw wrong(key, "a name or path")
        else -> throw wrong(key, "a string")
    }

    fun choice(key: String, allowed: List<String>): String? {
        val text = text(key) ?: return null
        return if (text in allowed) text else throw wrong(key, "one of ${allowed.joinToString()}")
    }

    fun delegate(key: String, default: DelegateKind): DelegateKind {
        val kinds = DelegateKind.values().associateBy { it.id }
        return choice(key, kinds.keys.toList())?.let(kinds::getValue) ?: default
    }

    fun int(key: String, allowed: IntRange): Int? {
        if (extras[key] == null) return null
        val number = number(extras[key])
        val whole = number?.takeIf { it == Math.rint(it) && it >= allowed.first && it <= allowed.last }?.toInt()
        return whole ?: throw wrong(key, "a whole number from ${allowed.first} to ${allowed.last}")
    }

    fun boolean(key: String): Boolean? = when (val value = extras[key]) {
        null -> null
        is Boolean -> value
        is String -> BOOLEANS[value.trim().lowercase()] ?: throw wrong(key, "true or false")
        else -> BOOLEANS[number(value)?.let { "${it.toInt()}" }] ?: throw wrong(key, "true or false")
    }

    private fun number(value: Any?): Double? = when (value) {
        is Number -> value.toDouble()
        is String -> value.trim().toDoubleOrNull()
        else -> null
    }

    private fun wrong(key: String, expected: String) = BenchException(
        "The setting $key has a wrong value.",
        expected = expected,
        received = shown(extras[key]),
        remedy = "Correct it, or leave it out.",
    )

    private fun shown(value: Any?): String {
        val text = if (value is Number ||
            value is Boolean ||
            value is String
        ) {
            "$value"
        } else {
            "a ${value?.javaClass?.simpleName}"
        }
        return text.filter { it >= ' ' }.take(MAX_SHOWN)
    }

    private companion object {
        const val MAX_SHOWN = 80
        val BOOLEANS = mapOf("true" to true, "false" to false, "1" to true, "0" to false)
    }
}
