// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

import org.junit.runners.model.FrameworkMethod
import org.robolectric.RobolectricTestRunner
import org.robolectric.internal.bytecode.InstrumentationConfiguration

/**
 * Robolectric with the interpreter's and the delegate's classes outside its sandbox: a native library belongs to one
 * class loader, and tests that need no Android use the same one.
 */
class BenchTestRunner(testClass: Class<*>) : RobolectricTestRunner(testClass) {
    override fun createClassLoaderConfig(method: FrameworkMethod): InstrumentationConfiguration =
        InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))
            .doNotAcquirePackage("org.tensorflow.lite.")
            .doNotAcquirePackage("dev.tfsparse.delegate.")
            .build()
}
