// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException

/** Hands results, and nothing else, to apps that a result is shared with; they may read and no more. */
public class ResultProvider : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun getType(uri: Uri): String = MIME_TYPE

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (mode != "r") throw SecurityException("A result can only be read.")
        return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun query(uri: Uri, columns: Array<String>?, where: String?, of: Array<String>?, order: String?): Cursor {
        val file = file(uri)
        val known = mapOf<String, Any>(OpenableColumns.DISPLAY_NAME to file.name, OpenableColumns.SIZE to file.length())
        val asked = (columns ?: known.keys.toTypedArray()).filter { it in known }
        return MatrixCursor(asked.toTypedArray(), 1).apply { addRow(asked.map(known::getValue)) }
    }

    override fun insert(uri: Uri, values: ContentValues?): Uri? = throw UnsupportedOperationException()

    override fun update(uri: Uri, values: ContentValues?, where: String?, of: Array<String>?): Int =
        throw UnsupportedOperationException()

    override fun delete(uri: Uri, where: String?, of: Array<String>?): Int = throw UnsupportedOperationException()

    private fun file(uri: Uri): File {
        val folder = AppFolders.of(requireNotNull(context)).results
        val name = uri.lastPathSegment.orEmpty()
        val file = File(folder, name)
        if (File(name).name != name || !name.endsWith(".json") || !file.isFile) throw FileNotFoundException("$uri")
        return file
    }

    public companion object {
        /** Of every result. */
        public const val MIME_TYPE: String = "application/json"

        /** The name under which another app may read a result. */
        public fun uriOf(context: Context, file: File): Uri =
            Uri.Builder().scheme("content").authority("${context.packageName}.results").appendPath(file.name).build()
    }
}
