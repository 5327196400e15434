// SPDX-License-Identifier: Apache-2.0
plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    alias(libs.plugins.kotlin.android) apply false
}

// The Python package, the native library and the Android packages are of one version.
val versionLine = Regex("__version__ = \"(.+)\"")
val tfsparseVersion = versionLine.find(file("../tfsparse/__init__.py").readText())!!.groupValues[1]

allprojects {
    group = "dev.tfsparse"
    version = tfsparseVersion
}
