// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.tensorflow.lite.TensorFlowLite

@RunWith(BenchTestRunner::class)
class MainActivityTest {
    @Test
    fun showsItsName() {
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        assertEquals("tfsparse bench", activity.getString(R.string.app_name))
    }

    @Test
    fun hasTheRealInterpreter() {
        assertEquals("2.6.2", TensorFlowLite.runtimeVersion())
    }
}
