// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Instrumentation
import dev.tfsparse.bench.run.Runner
import dev.tfsparse.bench.store.AppFolders
import dev.tfsparse.bench.ui.Rig
import org.json.JSONObject
import org.junit.Test
import org.junit.runner.JUnitCore
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowLog
import java.io.File
import java.io.FileOutputStream
import java.io.PrintStream
import kotlin.system.exitProcess

private const val EXTRAS = "tfsparse.extras"
private const val PHONE = "tfsparse.phone"
private const val INSTRUMENTED = "tfsparse.instrumented"
private val phoneFolder get() = File(System.getProperty(PHONE)!!)

/** The app with the folders of a phone that is a folder itself. */
class AppOnFolder : BenchApplication() {
    override val folders: AppFolders by lazy {
        AppFolders(
            own = File(phoneFolder, "root/sdcard/Android/data/$packageName/files"),
            pushed = File(phoneFolder, "root/data/local/tmp/tfsparse"),
            unpacked = File(noBackupFilesDir, "bundled"),
            assets = assets,
        )
    }
}

/** Keeps what the app says under its own tag, as `adb logcat -v raw -s tfsparse` prints it. */
private class PhoneLog(file: File) : PrintStream(FileOutputStream(file, true), true) {
    override fun println(line: String?) {
        val prefix = "I/${Runner.LOG_TAG}: "
        if (line.orEmpty().startsWith(prefix)) super.println(line!!.removePrefix(prefix))
    }
}

/** Not a test of the app, but the app itself behind the stand-in for adb, which tests the desk with it: see [main]. */
@RunWith(BenchTestRunner::class)
@Config(application = AppOnFolder::class)
class AppForDesk {
    @Test
    fun obey() {
        val json = JSONObject(File(System.getProperty(EXTRAS)!!).readText())
        val extras = json.keys().asSequence().associateWith(json::getString)
        ShadowLog.stream = PhoneLog(File(phoneFolder, "log"))
        if (System.getProperty(INSTRUMENTED).toBoolean()) instrument(extras) else start(extras)
    }

    private fun start(extras: Map<String, String>) =
        Rig.open<MainActivity>(runIntent(*extras.toList().toTypedArray())).close()

    private fun instrument(extras: Map<String, String>) =
        println(Instrumented.run(extras).results.getString(Instrumentation.REPORT_KEY_STREAMRESULT))
}

/**
 * `EXTRAS.json PHONE_FOLDER [instrument]`: does what the app does when it is started, or instrumented, with these
 * extras on a phone whose files are in `PHONE_FOLDER/root` and whose log is `PHONE_FOLDER/log`.
 */
fun main(arguments: Array<String>) {
    System.setProperty(EXTRAS, arguments[0])
    System.setProperty(PHONE, arguments[1])
    System.setProperty(INSTRUMENTED, "${arguments.getOrNull(2) == "instrument"}")
    val failures = JUnitCore.runClasses(AppForDesk::class.java).failures
    failures.forEach { File(arguments[1], "log").appendText("FATAL EXCEPTION: main\n${it.trace}") }
    exitProcess(failures.size)
}
