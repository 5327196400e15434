// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.content.Intent
import android.graphics.Color
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import dev.tfsparse.bench.BenchTestRunner
import dev.tfsparse.bench.MainActivity
import dev.tfsparse.bench.R
import dev.tfsparse.bench.store.FileKind
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import kotlin.math.pow

/** What people need who use a screen reader, large letters or an unsteady hand. */
@RunWith(BenchTestRunner::class)
class AccessibilityTest {
    @Test
    fun everythingThatCanBeTappedIsLargeEnoughAndSaysWhatItIs() = everyScreen { name, activity ->
        tappable(activity.window.decorView).forEach { view ->
            val what = "$name: ${view.javaClass.simpleName} ${label(view)}"
            assertTrue("$what is ${view.width} x ${view.height}", view.width >= TOUCH && view.height >= TOUCH)
            assertTrue("$what has no label", view is EditText || label(view).isNotBlank())
        }
    }

    @Test
    fun fieldsHaveLabels() = everyScreen { name, activity ->
        val labelled = all(activity.window.decorView).map { it.labelFor }.toSet()
        all(activity.window.decorView).filterIsInstance<EditText>().forEach { field ->
            assertTrue("$name: ${activity.resources.getResourceEntryName(field.id)}", field.id in labelled)
        }
    }

    @Test
    fun noTextIsCutOffInLargeLetters() {
        RuntimeEnvironment.setFontScale(2f)
        everyScreen { name, activity ->
            all(activity.window.decorView).filterIsInstance<TextView>().filter {
                it.isShown && it.layout != null
            }.forEach { view ->
                assertTrue(
                    "$name: \"${view.text}\" needs ${view.layout.height} of ${view.height}",
                    view.layout.height <= view.height,
                )
            }
        }
    }

    @Test
    fun noWordIsBrokenInLargeLetters() {
        RuntimeEnvironment.setFontScale(2f)
        everyScreen { name, activity ->
            all(activity.window.decorView).filterIsInstance<TextView>().filter { it.isShown }.forEach { view ->
                assertEquals("$name: lines of \"${view.text}\"", emptyList<String>(), brokenWords(view))
            }
        }
    }

    @Test
    fun everyScreenSaysItsTitle() = everyScreen { name, activity ->
        assertEquals(name, activity.findViewById<TextView>(R.id.title).text, activity.title)
    }

    @Test
    fun theSystemsButtonsCanBeSeen() = listOf("notnight" to true, "night" to false).forEach { (mode, isLight) ->
        RuntimeEnvironment.setQualifiers("+$mode")
        Rig.open<MainActivity>().use { controller ->
            val attributes = intArrayOf(android.R.attr.windowLightStatusBar, android.R.attr.windowLightNavigationBar)
            val styled = controller.get().obtainStyledAttributes(attributes)
            assertEquals(mode, listOf(isLight, isLight), List(2) { styled.getBoolean(it, !isLight) })
            styled.recycle()
        }
    }

    @Test
    fun arrowsPointTheOtherWayWhereTextRunsFromTheRight() = listOf(R.drawable.ic_back, R.drawable.ic_next).forEach {
        assertTrue(Rig.app.getDrawable(it)!!.isAutoMirrored)
    }

    @Test
    fun everyRowOfTheTableSaysWhatItIs() = Rig.open<ResultActivity>(
        ResultActivity.intent(Rig.app, Rig.store("pair")),
    ).use { controller ->
        val table: ViewGroup = controller.get().findViewById(R.id.table)
        val spoken = List(table.childCount, table::getChildAt).filter { it.isImportantForAccessibility }
        assertEquals(table.childCount - 1, spoken.size)
        spoken.forEach { assertFalse(label(it), label(it).startsWith(":")) }
    }

    @Test
    fun progressIsSpokenWhenItsPhaseChanges() = Rig.open<MainActivity>().use { controller ->
        val phase = controller.get().findViewById<View>(R.id.progress_phase)
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, phase.accessibilityLiveRegion)
        assertEquals(
            View.ACCESSIBILITY_LIVE_REGION_NONE,
            controller.get().findViewById<View>(R.id.progress_count).accessibilityLiveRegion,
        )
    }

    @Test
    fun coloursCanBeRead() = listOf("notnight", "night").forEach { mode ->
        RuntimeEnvironment.setQualifiers("+$mode")
        val app = Rig.app
        val pairs =
            listOf(R.color.ink, R.color.ink_soft, R.color.accent, R.color.dense, R.color.sparse, R.color.problem)
                .flatMap { listOf(it to R.color.surface, it to R.color.ground) } +
                listOf(
                    R.color.on_accent to R.color.accent,
                    R.color.problem to R.color.problem_soft,
                    R.color.accent to R.color.accent_soft,
                )
        pairs.forEach { (text, ground) ->
            val contrast = contrast(app.getColor(text), app.getColor(ground))
            val names = listOf(text, ground).map(app.resources::getResourceEntryName)
            assertTrue("$mode $names: $contrast", contrast >= READABLE)
        }
    }

    private fun everyScreen(check: (String, Activity) -> Unit) {
        val result = Rig.store("pair")
        see<MainActivity>("setup", check = check)
        see<HistoryActivity>("history", check = check)
        see<ChooserActivity>("chooser", ChooserActivity.intent(Rig.app, FileKind.MODEL, "Choose", "none"), check)
        see<ResultActivity>("result", ResultActivity.intent(Rig.app, result), check)
    }

    private inline fun <reified T : Activity> see(
        name: String,
        intent: Intent = Intent(Rig.app, T::class.java),
        check: (String, Activity) -> Unit,
    ) = Rig.open<T>(intent).use { check(name, it.get()) }

    private fun all(view: View): List<View> =
        listOf(view) + if (view is ViewGroup) List(view.childCount, view::getChildAt).flatMap(::all) else emptyList()

    private fun tappable(root: View) = all(root).filter { it.isShown && it.isClickable && it.isEnabled }

    private fun label(view: View): String = view.contentDescription?.toString()
        ?: (view as? TextView)?.text?.toString()
        ?: all(view).filterIsInstance<TextView>().joinToString(" ") { it.text }

    /** Lines that end inside a word; a file's name may be broken anywhere. */
    private fun brokenWords(view: TextView): List<String> {
        val text = "${view.text}"
        val lines = view.layout ?: return emptyList()
        return (0 until lines.lineCount - 1).map(lines::getLineEnd)
            .filter { text[it - 1].isLetterOrDigit() && text[it].isLetterOrDigit() && !NAME.containsMatchIn(text) }
            .map { text.take(it) }
    }

    private fun contrast(one: Int, other: Int): Double {
        val (light, dark) = listOf(luminance(one), luminance(other)).sortedDescending()
        return (light + 0.05) / (dark + 0.05)
    }

    private fun luminance(color: Int): Double {
        val (red, green, blue) = listOf(Color.red(color), Color.green(color), Color.blue(color)).map { part ->
            val value = part / 255.0
            if (value <= 0.04045) value / 12.92 else ((value + 0.055) / 1.055).pow(2.4)
        }
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    private companion object {
        const val TOUCH = 48
        const val READABLE = 4.5
        val NAME = Regex("_|\\.\\p{L}")
    }
}
