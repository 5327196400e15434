// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.os.Build
import android.view.View
import android.view.WindowInsets
import android.widget.ImageButton
import android.widget.TextView
import dev.tfsparse.bench.BenchApplication
import dev.tfsparse.bench.R

/** What all screens share: the title bar, room for the system's bars, and work off the main thread. */
public abstract class Screen : Activity() {
    /** The process-wide parts. */
    protected val app: BenchApplication get() = application as BenchApplication

    /** Shows a title, with a way back if there is one, and keeps clear of the system's bars. */
    protected fun setUpBar(title: CharSequence, canGoBack: Boolean) {
        setTitle(title) // what a screen reader says when the screen opens
        findViewById<TextView>(R.id.title).text = title
        val back = findViewById<ImageButton>(R.id.back)
        back.visibility = if (canGoBack) View.VISIBLE else View.GONE
        back.setOnClickListener { finish() }
        keepClearOfBars(findViewById(R.id.root))
    }

    /** Gives the title bar's button something to do. */
    protected fun setUpAction(button: Int, icon: Int, description: CharSequence, act: () -> Unit) {
        findViewById<ImageButton>(button).apply {
            visibility = View.VISIBLE
            setImageResource(icon)
            contentDescription = description
            setOnClickListener { act() }
        }
    }

    /** Does work that touches files on another thread, and shows its result unless the screen is gone by then. */
    protected fun <T> inBackground(work: () -> T, show: (T) -> Unit) {
        app.files.execute {
            val result = work()
            runOnUiThread { if (!isDestroyed) show(result) }
        }
    }

    private fun keepClearOfBars(root: View) {
        root.setOnApplyWindowInsetsListener { view, insets ->
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                val types =
                    WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
                val bars = insets.getInsets(types)
                view.setPadding(bars.left, bars.top, bars.right, bars.bottom)
                WindowInsets.CONSUMED
            } else {
                @Suppress("DEPRECATION")
                view.setPadding(
                    insets.systemWindowInsetLeft,
                    insets.systemWindowInsetTop,
                    insets.systemWindowInsetRight,
                    insets.systemWindowInsetBottom,
                )
                @Suppress("DEPRECATION")
                insets.consumeSystemWindowInsets()
            }
        }
    }
}
