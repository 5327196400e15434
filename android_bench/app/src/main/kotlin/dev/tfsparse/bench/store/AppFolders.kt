// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import android.content.Context
import android.content.res.AssetManager
import java.io.File
import java.io.IOException

/** What kinds of files are looked for; each has a folder of its own in every place. */
public enum class FileKind(public val folder: String, public val suffix: String) {
    MODEL("models", ".tflite"),
    DATA("data", ".npz"),
}

/** Where a file came from. */
public enum class Origin { BUNDLED, PUSHED, IMPORTED }

/** A file that can be chosen. */
public data class StoredFile(val name: String, val origin: Origin, val bytes: Long?)

/**
 * The folders of the app.
 *
 * @property own the app's own folder, which a desk can read through adb
 * @property pushed the folder that a desk pushes to
 * @property unpacked where bundled files are unpacked to
 */
public class AppFolders(
    public val own: File,
    public val pushed: File,
    public val unpacked: File,
    private val assets: AssetManager,
) {
    /** Where results are kept. */
    public val results: File get() = File(own, "results")

    /** Folder of one kind of files that were imported, or pushed into the app's own folder. */
    public fun imported(kind: FileKind): File = File(own, kind.folder)

    /** Names of the bundled files of a kind. */
    public fun bundled(kind: FileKind): List<String> = try {
        assets.list(kind.folder).orEmpty().filter { it.endsWith(kind.suffix) }
    } catch (_: IOException) {
        emptyList()
    }

    /** Size of a bundled file, or null where it is compressed. */
    internal fun bundledBytes(kind: FileKind, name: String): Long? = try {
        assets.openFd("${kind.folder}/$name").use { it.length }
    } catch (_: IOException) {
        null
    }

    /** Unpacks a bundled file, since models are mapped into memory from files, and returns it. */
    internal fun unpack(kind: FileKind, name: String): File {
        val folder = File(unpacked, kind.folder)
        val file = File(folder, name)
        assets.open("${kind.folder}/$name").use { stream -> writeAtomically(file) { stream.copyTo(it) } }
        return file
    }

    public companion object {
        private const val PUSHED = "/data/local/tmp/tfsparse"

        /** The folders of an app; on phones without external storage its results stay inside. */
        public fun of(context: Context): AppFolders = AppFolders(
            own = context.getExternalFilesDir(null) ?: context.filesDir,
            pushed = File(PUSHED),
            unpacked = File(context.noBackupFilesDir, "bundled"),
            assets = context.assets,
        )
    }
}
