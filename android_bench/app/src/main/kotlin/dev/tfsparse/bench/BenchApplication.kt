// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Application
import android.content.pm.ApplicationInfo
import android.os.Process
import android.os.StrictMode
import dev.tfsparse.bench.phone.PhoneReader
import dev.tfsparse.bench.run.Measurement
import dev.tfsparse.bench.run.PendingRequest
import dev.tfsparse.bench.run.Runner
import dev.tfsparse.bench.store.AppFolders
import dev.tfsparse.bench.store.FileFinder
import dev.tfsparse.bench.store.Importer
import dev.tfsparse.bench.store.ResultStore
import java.io.File
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** What lives as long as the process. The members that are made on demand look at the disk: make them on a worker. */
public open class BenchApplication : Application() {
    /** The thread that measures. */
    public val measuring: ExecutorService = Executors.newSingleThreadExecutor { Thread(it, "measuring") }

    /** The thread that reads and writes files for the screens. */
    public val files: ExecutorService = Executors.newSingleThreadExecutor { task ->
        Thread({
            Process.setThreadPriority(Process.THREAD_PRIORITY_BACKGROUND)
            task.run()
        }, "files")
    }

    public open val folders: AppFolders by lazy { AppFolders.of(this) }
    public val finder: FileFinder by lazy { FileFinder(folders) }
    public val importer: Importer by lazy { Importer(contentResolver, folders) }
    public val results: ResultStore by lazy { ResultStore(folders.results) }
    public val phone: PhoneReader by lazy { PhoneReader(this) }
    private val pending: PendingRequest by lazy { PendingRequest(File(noBackupFilesDir, "pending.json")) }

    /** Runs requests. */
    public lateinit var runner: Runner
        private set

    override fun onCreate() {
        super.onCreate()
        if (applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0) watchMainThread()
        runner = Runner(measuring, files, lazy { Measurement(finder, results, phone, version()) }, lazy { pending })
        runner.lookForInterrupted()
    }

    /** Version of the app. */
    public fun version(): String = packageManager.getPackageInfo(packageName, 0).versionName.orEmpty()

    private fun watchMainThread() {
        StrictMode.setThreadPolicy(StrictMode.ThreadPolicy.Builder().detectAll().penaltyLog().build())
        StrictMode.setVmPolicy(
            StrictMode.VmPolicy.Builder().detectLeakedClosableObjects().detectActivityLeaks().penaltyLog().build(),
        )
    }
}
