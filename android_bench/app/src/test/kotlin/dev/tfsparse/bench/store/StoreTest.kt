// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

import android.net.Uri
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.BenchTestRunner
import dev.tfsparse.bench.Built
import dev.tfsparse.bench.failure
import dev.tfsparse.bench.ui.Rig
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import java.io.File
import java.io.FileNotFoundException

@RunWith(BenchTestRunner::class)
class StoreTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val folders by lazy {
        AppFolders(File(folder.root, "own"), File(folder.root, "pushed"), File(folder.root, "unpacked"), Rig.app.assets)
    }
    private val finder by lazy { FileFinder(folders) }

    @Test
    fun listsWhatCanBeChosen() {
        put("own/models/mine.tflite", "12345")
        put("pushed/models/theirs.tflite", "1234567")
        put("pushed/models/theirs.layers.tflite", "1")
        put("pushed/models/notes.txt", "1")
        assertEquals(
            listOf(
                StoredFile("digits_dense.tflite", Origin.BUNDLED, Built.model("digits_dense").length()),
                StoredFile("digits_sparse.tflite", Origin.BUNDLED, Built.model("digits_sparse").length()),
                StoredFile("mine.tflite", Origin.IMPORTED, 5),
                StoredFile("theirs.tflite", Origin.PUSHED, 7),
            ),
            finder.list(FileKind.MODEL),
        )
        assertEquals(listOf("digits.npz"), finder.list(FileKind.DATA).map { it.name })
    }

    @Test
    fun pushedComesBeforeImportedBeforeBundled() {
        val name = "digits_dense.tflite"
        assertArrayEquals(Built.model("digits_dense").readBytes(), finder.find(FileKind.MODEL, name).readBytes())
        assertTrue(File(folder.root, "unpacked/models/digits_dense.layers.tflite").isFile)
        put("own/models/$name", "imported")
        assertEquals("imported", finder.find(FileKind.MODEL, name).readText())
        put("pushed/models/$name", "pushed")
        assertEquals("pushed", finder.find(FileKind.MODEL, name).readText())
    }

    @Test
    fun absolutePathsAreTaken() {
        val file = put("elsewhere/m.tflite", "x")
        assertEquals(file, finder.find(FileKind.MODEL, file.path))
    }

    @Test
    fun whatIsNotThereIsNamed() = listOf("no.tflite", "/no/such.tflite", "../own/models/x.tflite", "..").forEach {
        assertEquals("There is no model $it.", failure { finder.find(FileKind.MODEL, it) }.problem)
    }

    @Test
    fun importedFilesKeepTheirNameAndReplaceNothing() {
        val model = Built.model("conv_dense").readBytes()
        assertEquals("my_net.tflite", import("content://docs/my net.tflite", model))
        assertEquals("my_net-2.tflite", import("content://docs/my net.tflite", model))
        assertArrayEquals(model, File(folder.root, "own/models/my_net-2.tflite").readBytes())
    }

    @Test
    fun foreignFilesAreNotImported() = listOf("", "text", "TFL3", "PK\u0003\u0004....").forEach { content ->
        failure { import("content://docs/odd", content.toByteArray()) }
        assertFalse(File(folder.root, "own/models").exists())
    }

    @Test
    fun aFileThatCannotBeReadIsNamed() {
        val importer = Importer(Rig.app.contentResolver, folders)
        val uri = Uri.parse("content://docs/gone")
        listOf(SecurityException("not yours"), IllegalStateException("a defect of its owner")).forEach { thrown ->
            shadowOf(Rig.app.contentResolver).registerInputStreamSupplier(uri) { throw thrown }
            assertEquals(thrown.message, failure { importer.import(FileKind.MODEL, uri) }.received)
        }
    }

    @Test
    fun resultsAreNeverReplaced() {
        val results = ResultStore(Rig.app.folders.results)
        val result = results.read(Rig.store("pair")).getOrThrow()
        val file = results.save("new", result)
        assertEquals(result, results.read(file).getOrThrow())
        failure { results.save("new", result) }
        failure { results.checkFree("new") }
        results.checkFree("newer")
        assertEquals(emptyList<String>(), file.parentFile!!.list()!!.filter { it.startsWith(".") })
    }

    @Test
    fun aFullDiskIsSaidToBeOne() {
        val file = folder.newFile("in_the_way")
        val result = ResultStore(Rig.app.folders.results).read(Rig.store("pair")).getOrThrow()
        assertEquals("The result cannot be written.", failure { ResultStore(file).save("id", result) }.problem)
        assertNull(ResultStore(file).saveError("id", BenchException("x.")))
    }

    @Test
    fun otherAppsReadResultsAndNothingElse() {
        val resolver = Rig.app.contentResolver
        val file = Rig.store("pair")
        val uri = ResultProvider.uriOf(Rig.app, file)
        assertEquals("application/json", resolver.getType(uri))
        assertArrayEquals(file.readBytes(), resolver.openInputStream(uri)!!.use { it.readBytes() })
        resolver.query(uri, null, null, null, null)!!.use { cursor ->
            cursor.moveToFirst()
            assertEquals("pair.json", cursor.getString(0))
            assertEquals(file.length(), cursor.getLong(1))
        }
        for (path in listOf("..%2Fmodels%2Fx.json", "none.json", "..", "pair.txt", "")) {
            val other = Uri.parse("content://dev.tfsparse.bench.results/$path")
            assertThrows(path, FileNotFoundException::class.java) { resolver.openFileDescriptor(other, "r") }
        }
        assertThrows(SecurityException::class.java) { resolver.openFileDescriptor(uri, "w") }
    }

    private fun import(uri: String, content: ByteArray): String {
        shadowOf(Rig.app.contentResolver).registerInputStreamSupplier(Uri.parse(uri)) { content.inputStream() }
        return Importer(Rig.app.contentResolver, folders).import(FileKind.MODEL, Uri.parse(uri))
    }

    private fun put(path: String, text: String): File = File(folder.root, path).apply {
        parentFile!!.mkdirs()
        writeText(text)
    }
}
