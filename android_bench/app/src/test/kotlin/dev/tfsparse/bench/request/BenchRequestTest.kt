// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.request

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.DelegateKind
import dev.tfsparse.bench.failure
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.util.Random

class BenchRequestTest {
    @Test
    fun defaultsAreThoseOfTheTable() = assertEquals(
        BenchRequest(
            id = "now", sparse = "a.tflite", dense = null, sparseDelegate = DelegateKind.TFSPARSE,
            denseDelegate = DelegateKind.XNNPACK, threads = 1, runs = 100, warmup = 10, isa = "auto", data = null,
            samples = null, cool = false, coolTimeoutS = 300, layers = true,
        ),
        BenchRequest.parse(mapOf("sparse" to "a.tflite"), "now"),
    )

    @Test
    fun numbersAndBooleansMayBeStrings() {
        val typed = mapOf(
            "dense" to "d",
            "threads" to 4,
            "runs" to 20L,
            "warmup" to 3f,
            "cool" to true,
            "layers" to false,
        )
        val strings = typed.mapValues { "${it.value}" }
        assertEquals(BenchRequest.parse(typed, "id"), BenchRequest.parse(strings, "id"))
    }

    @Test
    fun extrasOfARequestGiveItBack() {
        val request = BenchRequest(
            "my-id_1.0", "s.tflite", "/d.tflite", DelegateKind.CPU, DelegateKind.NNAPI, 3, 7, 0, "neon", "x.npz", 9,
            true, 5, false,
        )
        assertEquals(request, BenchRequest.parse(request.toExtras(), "other"))
    }

    @Test
    fun wrongValuesAreNamed() = mapOf(
        "threads" to listOf(0, 65, "two", "", 1.5, Double.NaN, true, IntArray(2)),
        "runs" to listOf(0, 100_001, "1e9", "-3"),
        "warmup" to listOf(-1, 10_001),
        "samples" to listOf(0, "all"),
        "cool_timeout_s" to listOf(-1, 1e12),
        "cool" to listOf("maybe", 2, ""),
        "layers" to listOf("no"),
        "isa" to listOf("sse", "AUTO", 3),
        "sparse_delegate" to listOf("hexagon", "", 0),
        "request" to listOf("a/b", "..", "", "x".repeat(65), "a b", 5),
        "sparse" to listOf("", " ", 5, "a\u0000b"),
        "data" to listOf(""),
    ).forEach { (key, values) ->
        values.forEach { value ->
            val error = failure { BenchRequest.parse(mapOf("dense" to "d.tflite", key to value), "id") }
            assertEquals("The setting $key has a wrong value.", error.problem)
            assertTrue(error.expected!!.isNotEmpty())
        }
    }

    @Test
    fun unknownSettingsAreNamed() {
        val error = failure { BenchRequest.parse(mapOf("sparse" to "s", "thread" to 2), "id") }
        assertEquals("There is no setting named thread.", error.problem)
    }

    @Test
    fun aModelIsNeeded() = assertEquals("No model is chosen.", failure { BenchRequest.parse(emptyMap(), "id") }.problem)

    @Test
    fun aBadRequestKeepsItsNameIfThatIsGood() {
        assertEquals("mine", BenchRequest.idOf(mapOf("request" to "mine", "threads" to 0), "now"))
        assertEquals("now", BenchRequest.idOf(mapOf("request" to "../mine"), "now"))
        assertEquals("now", BenchRequest.idOf(mapOf("request" to 3), "now"))
    }

    @Test
    fun anyExtrasGiveARequestOrAReadableError() {
        val random = Random(3)
        repeat(20_000) {
            val extras = randomExtras(random)
            try {
                val request = BenchRequest.parse(extras, "id")
                assertTrue(
                    BenchRequest.ID.matches(request.id) && request.threads in 1..64 && request.runs in 1..100_000,
                )
            } catch (error: BenchException) {
                assertTrue(error.problem.endsWith("."))
            }
        }
    }
}

/** Extras of any kind under any name, good ones among them. */
internal fun randomExtras(random: Random): Map<String, Any?> {
    val values = listOf<() -> Any?>(
        {
            null
        }, { random.nextInt() }, { random.nextInt(70) }, { random.nextLong() }, { random.nextDouble() }, { Float.NaN },
        { random.nextBoolean() }, { "" }, { "true" }, { "${random.nextInt(200)}" }, { "digits_sparse.tflite" }, { "/" },
        {
            "../../etc"
        }, { "\u0000" }, { "é😀".repeat(random.nextInt(99)) }, { "x".repeat(random.nextInt(9000)) },
        { ByteArray(9) },
        { arrayListOf("a") }, { arrayOf("a") }, { 'c' }, { "tfsparse" }, { "auto" }, { "%s%n{}\"\\" },
    )
    val keys = BenchRequest.KEYS.toList() + listOf("", "Sparse", "scenario", "\u202e", "request ")
    return List(random.nextInt(6)) { keys[random.nextInt(keys.size)] to values[random.nextInt(values.size)]() }.toMap()
}
