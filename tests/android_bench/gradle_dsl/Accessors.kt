// SPDX-License-Identifier: Apache-2.0
// Stands in for what Gradle generates around a build script: accessors of extensions, configurations and the version
// catalog, and the Kotlin half of its API, which is not published. What is called through them is the real API.
package dsl

import org.gradle.api.DomainObjectCollection
import org.gradle.api.NamedDomainObjectContainer
import org.gradle.api.PolymorphicDomainObjectContainer
import org.gradle.api.Project
import org.gradle.api.Task
import org.gradle.api.artifacts.Configuration
import org.gradle.api.artifacts.ProjectDependency
import org.gradle.api.artifacts.dsl.DependencyHandler
import org.gradle.api.component.SoftwareComponent
import org.gradle.api.component.SoftwareComponentContainer
import org.gradle.api.publish.PublishingExtension
import org.gradle.api.tasks.TaskContainer
import org.gradle.api.tasks.TaskProvider
import org.jetbrains.kotlin.gradle.dsl.KotlinAndroidProjectExtension
import kotlin.properties.PropertyDelegateProvider
import kotlin.properties.ReadOnlyProperty
import kotlin.reflect.KClass

fun Project.kotlin(configure: KotlinAndroidProjectExtension.() -> Unit) =
    extensions.getByType(KotlinAndroidProjectExtension::class.java).configure()

fun Project.publishing(configure: PublishingExtension.() -> Unit) =
    extensions.getByType(PublishingExtension::class.java).configure()

fun Project.dependencies(configure: DependencyScope.() -> Unit) = DependencyScope(dependencies).configure()

class DependencyScope(private val handler: DependencyHandler) : DependencyHandler by handler {
    operator fun String.invoke(notation: Any) = handler.add(this, notation)

    operator fun String.invoke(notation: ProjectDependency, configure: ProjectDependency.() -> Unit) {
        notation.configure()
        handler.add(this, notation)
    }

    operator fun Configuration.invoke(notation: Any) = handler.add(name, notation)

    fun api(notation: Any) = "api"(notation)

    fun testImplementation(notation: Any) = "testImplementation"(notation)

    fun project(path: String) = handler.project(mapOf("path" to path)) as ProjectDependency
}

fun ProjectDependency.exclude(group: String) = exclude(mapOf("group" to group))

operator fun SoftwareComponentContainer.get(name: String): SoftwareComponent = getByName(name)

val <T : Any> NamedDomainObjectContainer<T>.creating
    get() = PropertyDelegateProvider<Any?, ReadOnlyProperty<Any?, T>> { _, property ->
        val created = create(property.name)
        ReadOnlyProperty { _, _ -> created }
    }

fun <T : Task> TaskContainer.registering(type: KClass<T>, configure: T.() -> Unit) =
    PropertyDelegateProvider<Any?, ReadOnlyProperty<Any?, TaskProvider<T>>> { _, property ->
        val registered = register(property.name, type.java) { configure() }
        ReadOnlyProperty { _, _ -> registered }
    }

inline fun <reified T : Any> DomainObjectCollection<in T>.withType() = withType(T::class.java)

inline fun <reified T : Task> TaskContainer.withType() = withType(T::class.java)

inline fun <reified T : Any> PolymorphicDomainObjectContainer<in T>.register(
    name: String,
    noinline configure: T.() -> Unit,
) = register(name, T::class.java) { configure() }
