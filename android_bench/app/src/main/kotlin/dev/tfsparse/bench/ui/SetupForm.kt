// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.os.Build
import android.view.View
import android.widget.ArrayAdapter
import android.widget.EditText
import android.widget.Spinner
import android.widget.Switch
import android.widget.TextView
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.DelegateKind
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.store.FileKind
import dev.tfsparse.bench.store.Origin
import dev.tfsparse.bench.store.StoredFile
import java.io.File

/** The files that can be chosen, by kind. */
internal typealias Files = Map<FileKind, List<StoredFile>>

/** A row by which a file is chosen; [key] is its extra. */
internal enum class FileRow(
    val key: String,
    val view: Int,
    val kind: FileKind,
    val label: Int,
    val prompt: Int,
    val none: Int,
    val color: Int,
) {
    SPARSE(
        "sparse",
        R.id.sparse,
        FileKind.MODEL,
        R.string.sparse_model,
        R.string.choose_sparse,
        R.string.none_sparse,
        R.color.sparse,
    ),
    DENSE(
        "dense",
        R.id.dense,
        FileKind.MODEL,
        R.string.dense_model,
        R.string.choose_dense,
        R.string.none_dense,
        R.color.dense,
    ),
    DATA(
        "data",
        R.id.data,
        FileKind.DATA,
        R.string.labelled_set,
        R.string.choose_data,
        R.string.none_data,
        R.color.ink_soft,
    ),
}

/** The first screen's views, to and from [Settings]. */
internal class SetupForm(private val activity: Activity, choose: (FileRow) -> Unit) {
    private val delegates = DelegateKind.available(Build.VERSION.SDK_INT)
    private val fields = mapOf(
        "runs" to R.id.runs,
        "warmup" to R.id.warmup,
        "threads" to R.id.threads,
        "samples" to R.id.samples,
    ).mapValues { (_, id) -> activity.findViewById<EditText>(id) }
    private val choices = mapOf(
        "sparse_delegate" to R.id.sparse_delegate,
        "dense_delegate" to R.id.dense_delegate,
        "isa" to R.id.isa,
    ).mapValues { (_, id) -> activity.findViewById<Spinner>(id) }
    private val toggles = mapOf("layers" to R.id.layers, "cool" to R.id.cool)
        .mapValues { (_, id) -> activity.findViewById<Switch>(id) }
    private var settings = Settings()
    private var files: Files? = null

    init {
        fields.getValue("samples").hint = activity.getString(R.string.all_samples)
        val names = delegates.map { activity.getString(NAMES.getValue(it)) }
        choices.forEach { (key, spinner) -> fill(spinner, if (key == "isa") BenchRequest.ISAS else names) }
        FileRow.values().forEach { row -> activity.findViewById<View>(row.view).setOnClickListener { choose(row) } }
    }

    /** Shows settings. */
    fun show(settings: Settings) {
        this.settings = settings
        fields.forEach { (key, view) -> view.setText(settings[key] ?: DEFAULTS[key].orEmpty()) }
        toggles.forEach { (key, view) -> view.isChecked = (settings[key] ?: DEFAULTS.getValue(key)).toBoolean() }
        choices.forEach { (key, view) ->
            view.setSelection(
                maxOf(
                    0,
                    ids(key).indexOf(
                        settings[key] ?: DEFAULTS.getValue(key),
                    ),
                ),
            )
        }
        showFiles()
    }

    /** Shows what is known of the chosen files. */
    fun show(files: Files) {
        this.files = files
        showFiles()
    }

    /** Sets a file, or none. */
    fun choose(row: FileRow, name: String?) {
        settings[row.key] = name
        showFiles()
    }

    /** The settings as they are on the screen now. */
    fun read(): Settings {
        fields.forEach { (key, view) -> settings[key] = view.text.toString() }
        toggles.forEach { (key, view) -> settings[key] = view.isChecked.toString() }
        choices.forEach { (key, view) -> settings[key] = ids(key)[view.selectedItemPosition] }
        return settings.copy()
    }

    private fun ids(key: String): List<String> = if (key == "isa") BenchRequest.ISAS else delegates.map { it.id }

    private fun fill(spinner: Spinner, texts: List<String>) {
        spinner.adapter = ArrayAdapter(activity, R.layout.spinner_item, texts).apply {
            setDropDownViewResource(R.layout.spinner_choice)
        }
    }

    private fun showFiles() {
        FileRow.values().forEach(::showRow)
        val labelled = settings["data"] != null
        activity.findViewById<View>(R.id.samples_row).visibility = if (labelled) View.VISIBLE else View.GONE
    }

    private fun showRow(row: FileRow) {
        val view: View = activity.findViewById(row.view)
        val chosen = settings[row.key]
        val label = activity.getString(row.label)
        val value = chosen?.let { File(it).name } ?: activity.getString(R.string.none)
        val note = note(row, chosen)
        view.findViewById<View>(R.id.row_dot).background.mutate().setTint(activity.getColor(row.color))
        view.findViewById<TextView>(R.id.row_label).text = label
        view.findViewById<TextView>(R.id.row_value).text = value
        view.findViewById<TextView>(R.id.row_note).apply {
            text = note
            visibility = if (note.isEmpty()) View.GONE else View.VISIBLE
        }
        view.contentDescription = activity.getString(R.string.row_description, label, value, note)
    }

    private fun note(row: FileRow, chosen: String?): String {
        if (chosen == null) return activity.getString(row.none)
        if (File(chosen).isAbsolute) return chosen
        val known = files?.getValue(row.kind) ?: return ""
        val file = known.firstOrNull { it.name == chosen } ?: return activity.getString(R.string.absent)
        return describe(activity, file)
    }

    companion object {
        private val NAMES = mapOf(
            DelegateKind.TFSPARSE to R.string.delegate_tfsparse,
            DelegateKind.XNNPACK to R.string.delegate_xnnpack,
            DelegateKind.CPU to R.string.delegate_cpu,
            DelegateKind.GPU to R.string.delegate_gpu,
            DelegateKind.NNAPI to R.string.delegate_nnapi,
        )
        private val DEFAULTS = mapOf(
            "sparse_delegate" to DelegateKind.TFSPARSE.id,
            "dense_delegate" to DelegateKind.XNNPACK.id,
            "isa" to BenchRequest.ISA_AUTO,
            "runs" to "${BenchRequest.DEFAULT_RUNS}",
            "warmup" to "${BenchRequest.DEFAULT_WARMUP}",
            "threads" to "${BenchRequest.DEFAULT_THREADS}",
            "layers" to "true",
            "cool" to "false",
        )

        /** Where a file is from, and its size where that is known. */
        fun describe(activity: Activity, file: StoredFile): String {
            val origin = when (file.origin) {
                Origin.BUNDLED -> R.string.bundled
                Origin.PUSHED -> R.string.pushed
                Origin.IMPORTED -> R.string.imported
            }
            return listOfNotNull(activity.getString(origin), file.bytes?.let(Figures::bytes)).joinToString(" · ")
        }

        /** A delegate's name for people. */
        fun nameOf(activity: Activity, delegate: String): String =
            NAMES.entries.firstOrNull { it.key.id == delegate }?.let { activity.getString(it.value) } ?: delegate
    }
}
