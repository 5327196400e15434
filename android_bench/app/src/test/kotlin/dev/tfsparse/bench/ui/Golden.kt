// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.ui

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Color
import dev.tfsparse.bench.Built
import java.io.File
import kotlin.math.abs

/** Compares pictures with those that are kept; `-Dgoldens=renew` keeps the new ones. */
object Golden {
    private const val NOTICED = 24
    private const val ALLOWED_SHARE = 0.004
    private val kept = File(Built.repository, "android_bench/app/src/test/goldens")
    private val made = File(System.getProperty("tfsparse.built")!!, "screenshots")

    fun check(name: String, picture: Bitmap) {
        val now = write(File(made, "$name.png"), picture)
        val golden = File(kept, "$name.png")
        if (System.getProperty("goldens") == "renew") now.copyTo(golden, overwrite = true)
        if (!golden.isFile) {
            throw AssertionError(
                "There is no $golden. Look at $now, then keep it: mvn ... -Dgoldens=renew",
            )
        }
        val share = difference(picture, decode(golden))
        if (share > ALLOWED_SHARE) {
            throw AssertionError(
                "$now differs from $golden in ${100 * share} % of the pixels. If that is meant: -Dgoldens=renew",
            )
        }
    }

    /** Share of the pixels that a person would see to differ. */
    fun difference(one: Bitmap, other: Bitmap): Double {
        if (one.width != other.width || one.height != other.height) return 1.0
        val pixels = listOf(one, other).map { bitmap ->
            IntArray(bitmap.width * bitmap.height).also {
                bitmap.getPixels(it, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
            }
        }
        return pixels[0].indices.count { distance(pixels[0][it], pixels[1][it]) > NOTICED }.toDouble() / pixels[0].size
    }

    private fun distance(one: Int, other: Int): Int = maxOf(
        abs(Color.red(one) - Color.red(other)),
        abs(Color.green(one) - Color.green(other)),
        abs(Color.blue(one) - Color.blue(other)),
    )

    private fun decode(file: File): Bitmap = file.readBytes().let { BitmapFactory.decodeByteArray(it, 0, it.size) }

    private fun write(file: File, picture: Bitmap): File {
        file.parentFile!!.mkdirs()
        file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return file
    }
}
