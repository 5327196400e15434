// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertThrows
import java.io.File

/** What the build has made for the tests, and what Python says of it. */
object Built {
    val repository = File(System.getProperty("tfsparse.repository")!!)
    private val folder = File(System.getProperty("tfsparse.built")!!)
    private val expectations = File(folder, "expected")
    val expected: JSONObject by lazy { JSONObject(File(expectations, "expected.json").readText()) }

    /** The app's own models and sets, and those that were made for the tests. */
    fun model(name: String): File =
        listOf(File(folder, "assets/models"), expectations).map { File(it, "$name.tflite") }.first(File::isFile)

    fun set(name: String): File =
        listOf(File(folder, "assets/data"), expectations).map { File(it, name) }.first(File::isFile)

    fun modelNames(): List<String> = expected.getJSONObject("models").keys().asSequence().toList()

    fun expectedOf(model: String): JSONObject = expected.getJSONObject("models").getJSONObject(model)
}

fun JSONArray.objects(): List<JSONObject> = List(length(), ::getJSONObject)

fun JSONArray.doubles(): DoubleArray = DoubleArray(length(), ::getDouble)

/** The error that a block must end with. */
fun failure(block: () -> Unit): BenchException = assertThrows(BenchException::class.java) { block() }
