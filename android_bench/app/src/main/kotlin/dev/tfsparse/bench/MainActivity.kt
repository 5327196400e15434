// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import android.app.Activity
import android.os.Bundle
import android.widget.TextView

/** The first screen. */
class MainActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(TextView(this).apply { setText(R.string.app_name) })
    }
}
