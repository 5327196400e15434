// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.core.BenchResult
import dev.tfsparse.bench.core.ResultJson
import dev.tfsparse.bench.core.ResultReader
import dev.tfsparse.bench.core.json
import java.io.File
import java.io.IOException

/** A stored result, or why it cannot be read. */
public class StoredResult(public val file: File, public val result: Result<BenchResult>)

/** The results on disk, one file each; nothing there is ever replaced. Not for the main thread. */
public class ResultStore(private val folder: File) {
    /**
     * Writes a result.
     *
     * @throws BenchException if there is one of that name, or the disk is full
     */
    public fun save(id: String, result: BenchResult): File {
        checkFree(id)
        val file = File(folder, id + SUFFIX)
        try {
            writeAtomically(file, ResultJson.encode(result))
        } catch (error: IOException) {
            throw BenchException(
                "The result cannot be written.",
                received = error.message,
                remedy = "Free some of the phone's memory, then measure again.",
                cause = error,
            )
        }
        errorFile(id).delete()
        return file
    }

    /** Says, before the long work starts, if a result of this name is there already. */
    public fun checkFree(id: String) {
        if (!File(folder, id + SUFFIX).exists()) return
        throw BenchException(
            "There is a result named $id already.",
            expected = "a new name",
            received = id,
            remedy = "Give the measurement another name (request), or delete the old result.",
        )
    }

    /** Writes why a request failed; returns null where not even that can be written. */
    public fun saveError(id: String, error: BenchException): File? = try {
        val text = json(
            "request" to id,
            "error" to json(
                "problem" to error.problem,
                "expected" to error.expected,
                "received" to error.received,
                "remedy" to error.remedy,
            ),
        ).toString(2)
        errorFile(id).also { writeAtomically(it, text) }
    } catch (_: IOException) {
        null
    }

    /** Every result, the newest first. */
    public fun list(): List<StoredResult> {
        val files = folder.listFiles { file -> file.isFile && isResult(file.name) }.orEmpty()
        return files.sortedWith(compareByDescending(File::lastModified).thenBy(File::getName)).map {
            StoredResult(it, read(it))
        }
    }

    /** Reads one. */
    public fun read(file: File): Result<BenchResult> = runCatching {
        try {
            ResultReader.decode(file.readText(), file.name)
        } catch (error: IOException) {
            throw BenchException(
                "${file.name} cannot be read.",
                received = error.message,
                remedy = "It may have been deleted.",
                cause = error,
            )
        }
    }

    /** Takes a result out of the list, so that [restore] can still put it back. */
    public fun trash(file: File): File? = File(folder, TRASHED + file.name).takeIf(file::renameTo)

    /** Puts a result back. */
    public fun restore(trashed: File): Boolean {
        val file = File(folder, trashed.name.removePrefix(TRASHED))
        return !file.exists() && trashed.renameTo(file)
    }

    /** Deletes for good what was taken out of the list. */
    public fun emptyTrash() {
        folder.listFiles { file -> file.name.startsWith(TRASHED) }?.forEach(File::delete)
    }

    /** The file in which an error of a request is kept. */
    public fun errorFile(id: String): File = File(folder, "$id.error.json")

    private fun isResult(name: String) = name.endsWith(SUFFIX) && !name.endsWith(".error.json") && !name.startsWith('.')

    private companion object {
        const val SUFFIX = ".json"
        const val TRASHED = ".deleted-"
    }
}
