// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.R
import dev.tfsparse.bench.store.FileKind
import dev.tfsparse.bench.store.StoredFile

/** Lets a file be chosen: bundled, pushed or imported ones, or a new one from the system's picker. */
public class ChooserActivity : Screen() {
    private val kind: FileKind get() = FileKind.valueOf(intent.getStringExtra(KIND) ?: FileKind.MODEL.name)
    private lateinit var notice: Notice

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.chooser)
        setUpBar(intent.getStringExtra(TITLE).orEmpty(), canGoBack = true)
        notice = Notice(this)
        findViewById<View>(R.id.import_file).setOnClickListener { pick() }
        inBackground({ app.finder.list(kind) }, ::show)
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val source = data?.data
        if (requestCode == PICK && resultCode == RESULT_OK && source != null) import(source)
    }

    private fun show(files: List<StoredFile>) {
        val list: ViewGroup = findViewById(R.id.files)
        list.removeAllViews()
        addRow(list, getString(R.string.none), intent.getStringExtra(NONE).orEmpty()) { finishWith(null) }
        files.forEach { file -> addRow(list, file.name, SetupForm.describe(this, file)) { finishWith(file.name) } }
        findViewById<View>(R.id.nothing_here).visibility = if (files.isEmpty()) View.VISIBLE else View.GONE
    }

    private fun addRow(list: ViewGroup, name: String, note: String, act: () -> Unit) {
        val row = layoutInflater.inflate(R.layout.chooser_row, list, false)
        row.findViewById<TextView>(R.id.row_value).text = name
        row.findViewById<TextView>(R.id.row_note).text = note
        row.contentDescription = getString(R.string.table_row, name, note)
        row.setOnClickListener { act() }
        list.addView(row)
    }

    private fun pick() {
        val picker = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        try {
            @Suppress("DEPRECATION") // the newer way is androidx's
            startActivityForResult(picker, PICK)
        } catch (_: ActivityNotFoundException) {
            notice.show(getString(R.string.no_picker), "", null) {}
        }
    }

    private fun import(source: Uri) {
        showImporting(true)
        inBackground({
            try {
                Result.success(app.importer.import(kind, source))
            } catch (error: BenchException) {
                Result.failure(error)
            }
        }) { imported ->
            showImporting(false)
            imported.onSuccess(::finishWith)
            imported.onFailure { notice.show(it as BenchException) {} }
        }
    }

    private fun showImporting(isBusy: Boolean) = findViewById<Button>(R.id.import_file).run {
        isEnabled = !isBusy
        setText(if (isBusy) R.string.importing else R.string.import_file)
    }

    private fun finishWith(name: String?) {
        setResult(RESULT_OK, Intent().putExtra(NAME, name))
        finish()
    }

    public companion object {
        /** Extra of the answer: the file's name, or null for none. */
        public const val NAME: String = "name"
        private const val KIND = "kind"
        private const val TITLE = "title"
        private const val NONE = "none"
        private const val PICK = 1

        /** Starts it; [none] says what it means to choose nothing. */
        public fun intent(context: Context, kind: FileKind, title: String, none: String): Intent =
            Intent(context, ChooserActivity::class.java)
                .putExtra(KIND, kind.name).putExtra(TITLE, title).putExtra(NONE, none)
    }
}
