// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.BenchResult
import dev.tfsparse.bench.store.StoredResult
import java.io.File

/** Lists earlier results: open, share, delete with a way back. */
public class HistoryActivity : Screen() {
    private var trashed: File? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.history)
        setUpBar(getString(R.string.history), canGoBack = true)
        findViewById<View>(R.id.undo).setOnClickListener { undo() }
        trashed = savedInstanceState?.getString(TRASHED)?.let(::File)
        showUndo()
    }

    override fun onResume() {
        super.onResume()
        refresh()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(TRASHED, trashed?.path)
    }

    override fun onDestroy() {
        if (isFinishing) app.files.execute { app.results.emptyTrash() }
        super.onDestroy()
    }

    private fun refresh() = inBackground({ app.results.list() }, ::show)

    private fun show(results: List<StoredResult>) {
        val list: ViewGroup = findViewById(R.id.results)
        list.removeAllViews()
        results.forEach { list.addView(row(list, it)) }
        findViewById<View>(R.id.empty).visibility = if (results.isEmpty()) View.VISIBLE else View.GONE
    }

    private fun row(list: ViewGroup, stored: StoredResult): View {
        val row = layoutInflater.inflate(R.layout.history_row, list, false)
        val name = stored.file.name.removeSuffix(".json")
        val result = stored.result.getOrNull()
        val headline = result?.let(::headline) ?: getString(R.string.unreadable)
        row.findViewById<TextView>(R.id.row_value).text = headline
        row.findViewById<TextView>(R.id.row_label).text = result?.let { localTime(it.date) } ?: name
        row.findViewById<TextView>(R.id.row_note).text =
            result?.let(::models) ?: stored.result.exceptionOrNull()?.message
        row.findViewById<View>(R.id.open).apply {
            contentDescription = getString(R.string.table_row, name, headline)
            setOnClickListener { startActivity(ResultActivity.intent(this@HistoryActivity, stored.file)) }
        }
        row.findViewById<View>(R.id.share).apply {
            contentDescription = getString(R.string.share_result, name)
            setOnClickListener { share(stored.file) }
        }
        row.findViewById<View>(R.id.delete).apply {
            contentDescription = getString(R.string.delete_result, name)
            setOnClickListener { delete(stored.file) }
        }
        return row
    }

    private fun headline(result: BenchResult): String {
        val speedup = result.speedup ?: return Figures.time(result.sparse.latencyMs.median)
        return getString(R.string.times_text, Figures.factor(speedup.value)) + " · " +
            Figures.time(result.sparse.latencyMs.median)
    }

    private fun models(result: BenchResult): String = listOfNotNull(result.sparse, result.dense).joinToString(" / ") {
        it.model
    }

    private fun delete(file: File) = inBackground({
        app.results.emptyTrash()
        app.results.trash(file)
    }) {
        trashed = it
        showUndo()
        refresh()
    }

    private fun undo() {
        val file = trashed ?: return
        trashed = null
        showUndo()
        inBackground({ app.results.restore(file) }) { refresh() }
    }

    private fun showUndo() {
        val file = trashed
        findViewById<View>(R.id.undo_bar).visibility = if (file == null) View.GONE else View.VISIBLE
        val name = file?.name?.removePrefix(".deleted-")?.removeSuffix(".json").orEmpty()
        findViewById<TextView>(R.id.undo_text).text = getString(R.string.deleted, name)
    }

    private companion object {
        const val TRASHED = "trashed"
    }
}
