// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.view.View
import android.widget.ScrollView
import android.widget.TextView
import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.R

/** The card that says what went wrong and what to do. */
internal class Notice(private val activity: Activity) {
    private val card: View = activity.findViewById(R.id.notice)
    private val again: View = activity.findViewById(R.id.notice_again)

    fun hide() {
        card.visibility = View.GONE
    }

    fun show(error: BenchException, dismiss: () -> Unit) {
        val parts = listOfNotNull(
            error.expected?.let { activity.getString(R.string.expected, it) },
            error.received?.let { activity.getString(R.string.received, it) },
            error.remedy,
        )
        show(error.problem, parts.joinToString("\n"), null, dismiss)
    }

    /** Shows a text; [runAgain], if given, is offered as a button. */
    fun show(title: String, text: String, runAgain: (() -> Unit)?, dismiss: () -> Unit) {
        card.visibility = View.VISIBLE // before the text, or no screen reader speaks it
        activity.findViewById<TextView>(R.id.notice_title).text = title
        activity.findViewById<TextView>(R.id.notice_text).apply {
            this.text = text
            visibility = if (text.isEmpty()) View.GONE else View.VISIBLE
        }
        again.visibility = if (runAgain == null) View.GONE else View.VISIBLE
        again.setOnClickListener { runAgain?.invoke() }
        activity.findViewById<View>(R.id.notice_dismiss).setOnClickListener {
            hide()
            dismiss()
        }
        scrollThere()
    }

    /** The card is the first of what scrolls: who is at the end would not see it. */
    private fun scrollThere() =
        generateSequence(card.parent) { it.parent }.filterIsInstance<ScrollView>().first().scrollTo(0, 0)
}
