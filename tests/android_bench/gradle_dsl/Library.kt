// SPDX-License-Identifier: Apache-2.0
package dsl.library

import com.android.build.api.dsl.LibraryExtension
import com.android.build.api.variant.LibraryAndroidComponentsExtension
import org.gradle.api.Project

fun Project.android(configure: LibraryExtension.() -> Unit) =
    extensions.getByType(LibraryExtension::class.java).configure()

fun Project.androidComponents(configure: LibraryAndroidComponentsExtension.() -> Unit) =
    extensions.getByType(LibraryAndroidComponentsExtension::class.java).configure()
