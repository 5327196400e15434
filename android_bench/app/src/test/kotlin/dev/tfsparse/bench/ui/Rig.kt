// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import dev.tfsparse.bench.BenchApplication
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import java.io.File
import java.util.concurrent.TimeUnit

/** Drives the app as a phone would, and waits where a person would. */
object Rig {
    private const val PATIENCE_S = 60L

    val app: BenchApplication get() = RuntimeEnvironment.getApplication() as BenchApplication

    /** Waits until both workers and the main thread have nothing left to do. */
    fun settle() = repeat(4) {
        for (worker in listOf(app.files, app.measuring)) worker.submit {}.get(PATIENCE_S, TimeUnit.SECONDS)
        shadowOf(Looper.getMainLooper()).idle()
    }

    inline fun <reified T : Activity> open(intent: Intent = Intent(app, T::class.java)): ActivityController<T> =
        Robolectric.buildActivity(T::class.java, intent).setup().also { settle() }

    /** A stored result of the tests, in the app's own folder. */
    fun store(name: String, id: String = name): File {
        val file = File(app.folders.results, "$id.json")
        file.parentFile!!.mkdirs()
        file.writeText(checkNotNull(Rig::class.java.getResource("/results/$name.json")).readText())
        return file
    }

    /** What is on the screen. */
    fun picture(activity: Activity): Bitmap {
        shadowOf(Looper.getMainLooper()).idle()
        val view = activity.window.decorView
        view.jumpDrawablesToCurrentState()
        return Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888).also { view.draw(Canvas(it)) }
    }
}
