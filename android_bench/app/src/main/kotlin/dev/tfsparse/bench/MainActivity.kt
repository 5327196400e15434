// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import dev.tfsparse.bench.request.BenchRequest
import dev.tfsparse.bench.request.extrasOf
import dev.tfsparse.bench.request.idFromTime
import dev.tfsparse.bench.run.GameLoop
import dev.tfsparse.bench.run.Outcome
import dev.tfsparse.bench.run.Runner
import dev.tfsparse.bench.run.RunnerState
import dev.tfsparse.bench.store.FileKind
import dev.tfsparse.bench.store.orDemo
import dev.tfsparse.bench.ui.ChooserActivity
import dev.tfsparse.bench.ui.FileRow
import dev.tfsparse.bench.ui.HistoryActivity
import dev.tfsparse.bench.ui.MachineFacts
import dev.tfsparse.bench.ui.Notice
import dev.tfsparse.bench.ui.ProgressPanel
import dev.tfsparse.bench.ui.ResultActivity
import dev.tfsparse.bench.ui.Screen
import dev.tfsparse.bench.ui.Settings
import dev.tfsparse.bench.ui.SetupForm
import dev.tfsparse.bench.ui.showFacts

/** The first screen: what to measure, and how; also where requests by intent arrive. */
public class MainActivity :
    Screen(),
    Runner.Listener {
    private lateinit var form: SetupForm
    private lateinit var notice: Notice
    private lateinit var progress: ProgressPanel
    private var isFilled = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        setUpBar(getString(R.string.app_name), canGoBack = false)
        setUpAction(R.id.action, R.drawable.ic_history, getString(R.string.history)) {
            startActivity(Intent(this, HistoryActivity::class.java))
        }
        form = SetupForm(this, ::choose)
        notice = Notice(this)
        progress = ProgressPanel(this) { app.runner.cancel() }
        findViewById<View>(R.id.measure).setOnClickListener { measure() }
        val saved = savedInstanceState?.getBundle(SETTINGS)
        if (saved == null) load() else fill(Settings.of(saved))
        if (savedInstanceState == null) obey(intent)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        obey(intent)
    }

    override fun onResume() {
        super.onResume()
        app.runner.add(this)
        app.runner.unseen?.let(::onOutcome)
        app.runner.interrupted?.let(::onInterrupted)
        inBackground({ FileKind.values().associateWith(app.finder::list) }, form::show)
        inBackground({ app.phone.read() }) { showFacts(findViewById(R.id.phone), MachineFacts(this).of(it)) }
    }

    override fun onPause() {
        app.runner.remove(this)
        if (isFilled) form.read().let { settings -> inBackground({ settings.save(preferences()) }, {}) }
        super.onPause()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        if (isFilled) outState.putBundle(SETTINGS, form.read().toBundle())
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val row = FileRow.values().getOrNull(requestCode)
        if (row != null && resultCode == RESULT_OK) form.choose(row, data?.getStringExtra(ChooserActivity.NAME))
    }

    override fun onState(state: RunnerState) {
        val running = state as? RunnerState.Running
        if (running == null) progress.hide() else progress.show(running)
        findViewById<View>(R.id.setup).visibility = if (running == null) View.VISIBLE else View.INVISIBLE
        if (running != null) {
            notice.hide()
            window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        } else {
            window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        }
    }

    override fun onOutcome(outcome: Outcome) {
        if (GameLoop.isAsked(intent)) {
            app.runner.takeUnseen()
            inBackground({ GameLoop.answer(contentResolver, intent, outcome) }) { finish() }
            return
        }
        when (outcome) {
            is Outcome.Measured -> {
                app.runner.takeUnseen()
                startActivity(ResultActivity.intent(this, outcome.file))
            }
            is Outcome.Failed -> notice.show(outcome.error) { app.runner.takeUnseen() }
            is Outcome.Cancelled -> notice.show(getString(R.string.cancelled), "", null) { app.runner.takeUnseen() }
        }
    }

    override fun onInterrupted(request: BenchRequest) {
        notice.show(
            getString(R.string.interrupted, request.id),
            getString(R.string.interrupted_text),
            runAgain = { app.runner.start(request.copy(id = idFromTime())) },
            dismiss = app.runner::dismissInterrupted,
        )
    }

    private fun load() = inBackground({ Settings.load(preferences(), app.finder) }) { if (!isFilled) fill(it) }

    private fun fill(settings: Settings) {
        isFilled = true
        form.show(settings)
    }

    private fun choose(row: FileRow) {
        val chooser = ChooserActivity.intent(this, row.kind, getString(row.prompt), getString(row.none))
        @Suppress("DEPRECATION") // the newer way is androidx's
        startActivityForResult(chooser, row.ordinal)
    }

    private fun measure() = begin(form.read().extras())

    /** Does what an intent asks for. */
    private fun obey(intent: Intent) {
        if (intent.action == ACTION_RUN) {
            wakeUp()
            begin(extrasOf(intent.extras))
        }
        if (GameLoop.isAsked(intent)) {
            wakeUp()
            app.runner.takeUnseen()
            inBackground({ orDemo(GameLoop.extras(intent), app.finder) }, ::begin)
        }
    }

    /** Nobody need be there for a request by intent; and a phone with its screen off keeps the slow cores only. */
    private fun wakeUp() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O_MR1) {
            setShowWhenLocked(true)
            setTurnScreenOn(true)
        } else {
            @Suppress("DEPRECATION")
            window.addFlags(
                WindowManager.LayoutParams.FLAG_SHOW_WHEN_LOCKED or WindowManager.LayoutParams.FLAG_TURN_SCREEN_ON,
            )
        }
    }

    private fun begin(extras: Map<String, Any?>) {
        val now = idFromTime()
        try {
            val request = BenchRequest.parse(extras, now)
            if (!app.runner.start(request)) {
                throw BenchException(getString(R.string.busy), remedy = getString(R.string.busy_remedy))
            }
        } catch (error: BenchException) {
            app.runner.reject(BenchRequest.idOf(extras, now), error)
        }
    }

    private fun preferences() = getSharedPreferences(Settings.PREFERENCES, Context.MODE_PRIVATE)

    public companion object {
        /** Action of an intent whose extras are a request. */
        public const val ACTION_RUN: String = "dev.tfsparse.bench.RUN"
        private const val SETTINGS = "settings"
    }
}
