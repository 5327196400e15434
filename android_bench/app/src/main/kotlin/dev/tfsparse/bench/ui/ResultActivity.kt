// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.R
import dev.tfsparse.bench.core.BenchResult
import java.io.File

/** Shows one result. */
public class ResultActivity : Screen() {
    private val file: File get() = File(intent.getStringExtra(PATH).orEmpty())

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.result)
        setUpBar(getString(R.string.result), canGoBack = true)
        findViewById<View>(R.id.cards).visibility = View.INVISIBLE
        inBackground({ app.results.read(file) }) { read ->
            read.onSuccess(::show)
            read.onFailure { error -> Notice(this).show(error as BenchException) { finish() } }
        }
    }

    private fun show(result: BenchResult) {
        setUpAction(R.id.action, R.drawable.ic_share, getString(R.string.share)) { share(file) }
        ResultCards(this).show(result)
        findViewById<View>(R.id.cards).visibility = View.VISIBLE
    }

    public companion object {
        private const val PATH = "path"

        /** Starts it with a result's file. */
        public fun intent(context: Context, file: File): Intent =
            Intent(context, ResultActivity::class.java).putExtra(PATH, file.path)
    }
}
