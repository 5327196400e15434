// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import android.content.ContentResolver
import android.net.Uri
import android.provider.OpenableColumns
import dev.tfsparse.bench.BenchException
import java.io.File
import java.io.IOException
import java.io.InputStream

/** Copies a file that was chosen in the system's picker into the app's own folder. */
public class Importer(private val resolver: ContentResolver, private val folders: AppFolders) {
    /**
     * Copies it under its own name, or one like it if that is taken, and returns the name.
     *
     * @throws BenchException if it cannot be read, or is of another kind
     */
    public fun import(kind: FileKind, source: Uri): String {
        val name = displayName(source)
        try {
            val stream = resolver.openInputStream(source) ?: throw IOException("its owner gives no content")
            stream.use { return copy(kind, name, it) }
        } catch (error: IOException) {
            throw unreadable(name, error)
        } catch (error: RuntimeException) { // SecurityException, and whatever else another app's provider throws
            throw unreadable(name, error)
        }
    }

    private fun copy(kind: FileKind, name: String, stream: InputStream): String {
        val head = ByteArray(HEAD_BYTES)
        val length = generateSequence(0) { at ->
            val count = if (at < head.size) stream.read(head, at, head.size - at) else -1
            if (count > 0) at + count else null
        }.last()
        if (!isOf(kind, head)) throw foreign(kind, name)
        val target = free(folders.imported(kind), cleaned(name).removeSuffix(kind.suffix), kind.suffix)
        writeAtomically(target) {
            it.write(head, 0, length)
            stream.copyTo(it)
        }
        return target.name
    }

    private fun isOf(kind: FileKind, head: ByteArray): Boolean {
        val text = String(head, Charsets.ISO_8859_1)
        return if (kind == FileKind.MODEL) text.endsWith("TFL3") else text.startsWith("PK\u0003\u0004")
    }

    private fun free(folder: File, stem: String, suffix: String): File = generateSequence(1) { it + 1 }
        .map { File(folder, if (it == 1) "$stem$suffix" else "$stem-$it$suffix") }
        .first { !it.exists() }

    private fun cleaned(name: String): String =
        name.map { if (it.isLetterOrDigit() || it in "._-") it else '_' }.joinToString("").trimStart('.').take(MAX_NAME)
            .ifEmpty { "imported" }

    private fun displayName(source: Uri): String {
        val column = arrayOf(OpenableColumns.DISPLAY_NAME)
        val shown = try {
            resolver.query(source, column, null, null, null)?.use { if (it.moveToFirst()) it.getString(0) else null }
        } catch (_: RuntimeException) { // whatever another app's provider throws
            null
        }
        return shown ?: source.lastPathSegment?.substringAfterLast('/') ?: "imported"
    }

    private fun foreign(kind: FileKind, name: String) = BenchException(
        "$name cannot be imported.",
        expected = if (kind == FileKind.MODEL) "a .tflite model" else "an .npz file",
        received = "a file of another kind",
        remedy = "Choose another file.",
    )

    private fun unreadable(name: String, error: Exception) = BenchException(
        "$name cannot be read.",
        received = error.message,
        remedy = "Copy it to the phone's own memory, or free some there; then import it again.",
        cause = error,
    )

    private companion object {
        const val HEAD_BYTES = 8
        const val MAX_NAME = 80
    }
}
