// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.tfsparse.bench.BenchTestRunner
import dev.tfsparse.bench.Built
import dev.tfsparse.bench.MainActivity
import dev.tfsparse.bench.R
import dev.tfsparse.bench.store.FileKind
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import java.io.File

@RunWith(BenchTestRunner::class)
class ScreensTest {
    @Test
    fun choosingAFileAnswersItsName() = chooser().use { controller ->
        rows(controller.get(), R.id.files)[1].performClick()
        val answer = shadowOf(controller.get()).resultIntent
        assertEquals("digits_dense.tflite", answer.getStringExtra(ChooserActivity.NAME))
        assertTrue(controller.get().isFinishing)
    }

    @Test
    fun choosingNoneAnswersNull() = chooser().use { controller ->
        rows(controller.get(), R.id.files)[0].performClick()
        assertEquals(null, shadowOf(controller.get()).resultIntent.getStringExtra(ChooserActivity.NAME))
        assertEquals(Activity.RESULT_OK, shadowOf(controller.get()).resultCode)
    }

    @Test
    fun importingCopiesAndChooses() = chooser().use { controller ->
        pick(controller.get(), Built.model("conv_dense").readBytes())
        assertEquals("net.tflite", shadowOf(controller.get()).resultIntent.getStringExtra(ChooserActivity.NAME))
        assertTrue(File(Rig.app.folders.imported(FileKind.MODEL), "net.tflite").isFile)
    }

    @Test
    fun importingAnotherFileSaysSo() = chooser().use { controller ->
        pick(controller.get(), "no model".toByteArray())
        assertFalse(controller.get().isFinishing)
        assertEquals("net.tflite cannot be imported.", controller.get().findViewById<TextView>(R.id.notice_title).text)
    }

    @Test
    fun importingIsShownMeanwhile() = chooser().use { controller ->
        val button = controller.get().findViewById<Button>(R.id.import_file)
        pick(controller.get(), "no model".toByteArray()) {
            assertFalse(button.isEnabled)
            assertEquals(controller.get().getString(R.string.importing), button.text)
        }
        assertTrue(button.isEnabled)
        assertEquals(controller.get().getString(R.string.import_file), button.text)
    }

    @Test
    fun settingsThatAreBeingSavedStayAsTheyAre() = Rig.open<MainActivity>().use { controller ->
        val form = SetupForm(controller.get()) {}
        val read = form.read()
        form.choose(FileRow.DENSE, "x.tflite")
        assertEquals(null, read["dense"])
        assertEquals("x.tflite", form.read()["dense"])
    }

    @Test
    fun historyOpensSharesDeletesAndRestores() {
        val file = Rig.store("pair")
        Rig.open<HistoryActivity>().use { controller ->
            val activity = controller.get()
            activity.findViewById<View>(R.id.open).performClick()
            assertEquals(ResultActivity::class.java.name, shadowOf(activity).nextStartedActivity.component!!.className)
            activity.findViewById<View>(R.id.share).performClick()
            checkShared(shadowOf(activity).nextStartedActivity, file)
            activity.findViewById<View>(R.id.delete).performClick()
            Rig.settle()
            assertFalse(file.exists())
            assertEquals(0, rows(activity, R.id.results).size)
            RuntimeEnvironment.setQualifiers("+land")
            controller.configurationChange()
            Rig.settle()
            controller.get().findViewById<View>(R.id.undo).performClick()
            Rig.settle()
            assertTrue(file.exists())
            assertEquals(1, rows(controller.get(), R.id.results).size)
        }
    }

    @Test
    fun leavingHistoryDeletesForGood() {
        val file = Rig.store("pair")
        val controller = Rig.open<HistoryActivity>()
        controller.get().findViewById<View>(R.id.delete).performClick()
        Rig.settle()
        controller.get().finish()
        controller.close()
        Rig.settle()
        assertEquals(emptyList<String>(), file.parentFile!!.list()!!.toList())
    }

    @Test
    fun aDamagedResultIsShownAsOne() {
        val file = Rig.store("pair").apply { writeText(readText().take(900)) }
        Rig.open<HistoryActivity>().use { controller ->
            val row = rows(controller.get(), R.id.results).single()
            assertEquals(
                controller.get().getString(R.string.unreadable),
                row.findViewById<TextView>(R.id.row_value).text,
            )
        }
        Rig.open<ResultActivity>(ResultActivity.intent(Rig.app, file)).use { controller ->
            assertEquals(
                "pair.json is no benchmark result.",
                controller.get().findViewById<TextView>(R.id.notice_title).text,
            )
        }
    }

    @Test
    fun resultsCanBeShared() {
        val file = Rig.store("pair")
        Rig.open<ResultActivity>(ResultActivity.intent(Rig.app, file)).use { controller ->
            controller.get().findViewById<View>(R.id.action).performClick()
            checkShared(shadowOf(controller.get()).nextStartedActivity, file)
        }
    }

    @Test
    fun chartsTellTheirValues() {
        Rig.open<ResultActivity>(ResultActivity.intent(Rig.app, Rig.store("pair"))).use { controller ->
            val told = listOf(R.id.latency, R.id.layers_chart, R.id.rates_chart)
                .map { controller.get().findViewById<View>(it).contentDescription.toString() }
            assertTrue(told[0], Regex("Dense: [\\d.]+\u00A0ms, Sparse: [\\d.]+\u00A0ms").matches(told[0]))
            assertEquals(4, told[1].split(". ").size)
            assertTrue(told[1], told[1].startsWith("conv2: 23\u00A0% of 0.934\u00A0ms dense, ranking 4.60\u00A0µs"))
            assertTrue(told[2], told[2].startsWith("wta_conv2: 25\u00A0%"))
        }
    }

    private fun checkShared(chooser: Intent, file: File) {
        assertEquals(Intent.ACTION_CHOOSER, chooser.action)
        @Suppress("DEPRECATION")
        val send = chooser.getParcelableExtra<Intent>(Intent.EXTRA_INTENT)!!

        @Suppress("DEPRECATION")
        val uri = send.getParcelableExtra<Uri>(Intent.EXTRA_STREAM)!!
        assertEquals(file.readText(), Rig.app.contentResolver.openInputStream(uri)!!.use { String(it.readBytes()) })
        assertTrue(send.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
    }

    private fun chooser() = Rig.open<ChooserActivity>(ChooserActivity.intent(Rig.app, FileKind.MODEL, "Choose", "none"))

    private fun pick(activity: ChooserActivity, content: ByteArray, meanwhile: () -> Unit = {}) {
        val uri = Uri.parse("content://docs/net.tflite")
        shadowOf(Rig.app.contentResolver).registerInputStreamSupplier(uri) { content.inputStream() }
        activity.findViewById<View>(R.id.import_file).performClick()
        val picker = shadowOf(activity).nextStartedActivityForResult
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, picker.intent.action)
        shadowOf(activity).receiveResult(picker.intent, Activity.RESULT_OK, Intent().setData(uri))
        meanwhile()
        Rig.settle()
    }

    private fun rows(activity: Activity, list: Int): List<View> =
        activity.findViewById<ViewGroup>(list).let { group -> List(group.childCount, group::getChildAt) }
}
