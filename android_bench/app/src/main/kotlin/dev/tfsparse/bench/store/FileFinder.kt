// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import dev.tfsparse.bench.BenchException
import java.io.File

/** Finds models and labelled sets by name, wherever they are; touches the disk, so not for the main thread. */
public class FileFinder(private val folders: AppFolders) {
    /** Every file that can be chosen, by name; files that lie beside a model for its per-layer times are left out. */
    public fun list(kind: FileKind): List<StoredFile> {
        val found = LinkedHashMap<String, StoredFile>()
        folders.bundled(kind).forEach { found[it] = StoredFile(it, Origin.BUNDLED, folders.bundledBytes(kind, it)) }
        filesIn(folders.imported(kind), kind).forEach {
            found[it.name] =
                StoredFile(it.name, Origin.IMPORTED, it.length())
        }
        filesIn(pushed(kind), kind).forEach { found[it.name] = StoredFile(it.name, Origin.PUSHED, it.length()) }
        return found.values.filterNot { it.name.endsWith(LAYERS_SUFFIX) }.sortedBy { it.name }
    }

    /**
     * The file of a name or absolute path; of one name, a pushed file counts before an imported one, and that before a
     * bundled one.
     *
     * @throws BenchException if there is none
     */
    public fun find(kind: FileKind, name: String): File {
        val file = File(name)
        if (file.isAbsolute) return file.takeIf(File::isFile) ?: throw missing(kind, name, "$name to be a file")
        if (file.name != name) throw missing(kind, name, "a file name, or an absolute path")
        return listOf(pushed(kind), folders.imported(kind)).map { File(it, name) }.firstOrNull(File::isFile)
            ?: unpacked(kind, name)
            ?: throw missing(kind, name, "a file in ${pushed(kind)}, in ${folders.imported(kind)}, or in the app")
    }

    private fun unpacked(kind: FileKind, name: String): File? {
        val bundled = folders.bundled(kind)
        if (name !in bundled) return null
        val beside = name.removeSuffix(kind.suffix) + LAYERS_SUFFIX
        if (beside in bundled) folders.unpack(kind, beside)
        return folders.unpack(kind, name)
    }

    private fun pushed(kind: FileKind) = File(folders.pushed, kind.folder)

    private fun filesIn(folder: File, kind: FileKind): List<File> =
        folder.listFiles { file -> file.isFile && file.name.endsWith(kind.suffix) && !file.isHidden }.orEmpty().toList()

    private fun missing(kind: FileKind, name: String, expected: String) = BenchException(
        "There is no ${if (kind == FileKind.MODEL) "model" else "labelled set"} $name.",
        expected = expected,
        received = name,
        remedy = "Push it (tfsparse android push), import it, or choose another one.",
    )

    private companion object {
        const val LAYERS_SUFFIX = ".layers.tflite"
    }
}
