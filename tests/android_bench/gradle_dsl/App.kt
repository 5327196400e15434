// SPDX-License-Identifier: Apache-2.0
package dsl.app

import com.android.build.api.dsl.ApplicationExtension
import com.android.build.api.variant.ApplicationAndroidComponentsExtension
import org.gradle.api.Project

fun Project.android(configure: ApplicationExtension.() -> Unit) =
    extensions.getByType(ApplicationExtension::class.java).configure()

fun Project.androidComponents(configure: ApplicationAndroidComponentsExtension.() -> Unit) =
    extensions.getByType(ApplicationAndroidComponentsExtension::class.java).configure()
