// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.io.OutputStream

/** Writes a file so that readers see all of it or nothing. */
internal fun writeAtomically(file: File, write: (OutputStream) -> Unit) {
    val folder = file.parentFile ?: throw IOException("${file.path} has no folder")
    if (!folder.isDirectory &&
        !folder.mkdirs() &&
        !folder.isDirectory
    ) {
        throw IOException("${folder.path} cannot be made")
    }
    val part = File.createTempFile(".writing-", null, folder)
    try {
        FileOutputStream(part).use { stream ->
            write(stream)
            stream.fd.sync()
        }
        if (!part.renameTo(file)) throw IOException("${file.path} cannot be written")
    } finally {
        part.delete()
    }
}

/** As [writeAtomically], for a text. */
internal fun writeAtomically(file: File, text: String): Unit = writeAtomically(file) { it.write(text.toByteArray()) }
