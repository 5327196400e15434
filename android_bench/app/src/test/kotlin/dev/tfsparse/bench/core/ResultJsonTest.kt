// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import com.fasterxml.jackson.databind.ObjectMapper
import com.networknt.schema.JsonSchemaFactory
import com.networknt.schema.SpecVersion
import dev.tfsparse.bench.Built
import dev.tfsparse.bench.failure
import dev.tfsparse.bench.request.BenchRequest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

class ResultJsonTest {
    @Test
    fun measuredResultsKeepToTheSchema() {
        assertEquals(
            emptyList<String>(),
            violations(ResultJson.encode(measured("digits_sparse", "digits_dense", "digits.npz"))),
        )
        assertEquals(emptyList<String>(), violations(ResultJson.encode(measured(null, "conv_dense", null))))
    }

    @Test
    fun missingReadingsKeepToTheSchema() {
        val bare = measured(null, "conv_dense", null).let { result ->
            result.copy(
                machine = MACHINE.copy(
                    load = null,
                    cpus = emptyList(),
                    affinity = null,
                    phone = MACHINE.phone!!.copy(
                        batteryPercent = null,
                        batteryCelsius = null,
                        charging = null,
                        powerSave = null,
                        thermalBefore = null,
                        thermalAfter = null,
                    ),
                ),
                sparse = result.sparse.copy(peakMemoryBytes = null, accuracy = null),
            )
        }
        assertEquals(emptyList<String>(), violations(ResultJson.encode(bare)))
        assertEquals(bare, ResultReader.decode(ResultJson.encode(bare), "bare"))
    }

    @Test
    fun theSchemaIsReallyApplied() {
        val text = ResultJson.encode(measured(null, "conv_dense", null))
        assertTrue(violations(text.replace("\"threads\": 1", "\"threads\": 0")).isNotEmpty())
        assertTrue(violations(text.replace("\"isa\"", "\"ISA\"")).isNotEmpty())
    }

    @Test
    fun readingGivesBackWhatWasWritten() {
        val result = measured("conv_winners", "conv_dense", null)
        assertEquals(result, ResultReader.decode(ResultJson.encode(result), "result"))
    }

    @Test
    fun otherTextsAreNoResults() =
        listOf("", "[]", "{}", "{\"schema_version\": 1}", "{\"schema_version\": 2}").forEach {
            assertEquals("r.json is no benchmark result.", failure { ResultReader.decode(it, "r.json") }.problem)
        }

    private fun measured(sparse: String?, dense: String?, data: String?): BenchResult {
        val request = BenchRequest("r", sparse, dense, runs = 5, warmup = 1, data = data)
        val files = BenchFiles(sparse?.let(Built::model), dense?.let(Built::model), data?.let(Built::set))
        return Bench(request, files, MACHINE, DATE, "0.1.0", Unwatched).use(Bench::run)
    }

    private fun violations(text: String): List<String> = SCHEMA.validate(ObjectMapper().readTree(text)).map {
        it.message
    }

    private companion object {
        val SCHEMA = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(File(Built.repository, "tfsparse/bench/result.schema.json").readText())
    }
}
