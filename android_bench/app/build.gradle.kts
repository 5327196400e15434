// SPDX-License-Identifier: Apache-2.0
import com.android.build.api.variant.HasUnitTestBuilder
import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

val built = rootDir.resolve("../build/android")
val releaseKeystore = providers.environmentVariable("KEYSTORE").orNull

android {
    namespace = "dev.tfsparse.bench"
    compileSdk = libs.versions.compile.sdk.get().toInt()
    testBuildType = "release"

    defaultConfig {
        applicationId = "dev.tfsparse.bench"
        minSdk = libs.versions.min.sdk.get().toInt()
        targetSdk = libs.versions.target.sdk.get().toInt()
        val (major, minor, patch) = version.toString().split(".").map { it.toInt() }
        versionName = version.toString()
        versionCode = (major * 1000 + minor) * 1000 + patch
        testInstrumentationRunner = "dev.tfsparse.bench.test.BenchRunner"
    }

    signingConfigs {
        if (releaseKeystore != null) {
            create("release") {
                val password = providers.environmentVariable("KEYSTORE_PASSWORD")
                storeFile = file(releaseKeystore)
                storePassword = password.orNull
                keyAlias = providers.environmentVariable("KEY_ALIAS").orNull
                keyPassword = providers.environmentVariable("KEY_PASSWORD").orElse(password).orNull
            }
        }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles("proguard-rules.pro")
            signingConfig = signingConfigs.findByName("release") ?: signingConfigs.getByName("debug")
        }
        // The interpreter that has a native library for this computer is an older one: the unit tests run on it.
        create("host") {
            initWith(getByName("debug"))
            matchingFallbacks += "release"
        }
    }

    sourceSets {
        getByName("main").assets.srcDir(built.resolve("assets"))
    }

    androidResources {
        noCompress += "tflite"
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    testOptions {
        unitTests.isIncludeAndroidResources = true
    }
}

androidComponents {
    beforeVariants { variant ->
        (variant as HasUnitTestBuilder).enableUnitTest = variant.buildType == "host"
    }
}

kotlin {
    compilerOptions {
        jvmTarget.set(JvmTarget.JVM_1_8)
    }
}

val hostNative: Configuration by configurations.creating

dependencies {
    for (onPhones in listOf("debugImplementation", "releaseImplementation")) {
        onPhones(project(":delegate"))
        onPhones(libs.tensorflow.lite.gpu)
        onPhones(libs.tensorflow.lite.gpu.api)
    }
    "hostImplementation"(project(":delegate")) {
        exclude(group = "org.tensorflow")
    }
    "hostImplementation"(libs.tensorflow.lite.host)
    testImplementation(libs.robolectric)
    testImplementation(libs.junit)
    testImplementation(libs.json.schema.validator)
    hostNative(variantOf(libs.tensorflow.lite.host.native) { classifier("linux-x86_64") })
}

val unpackHostNative by tasks.registering(Sync::class) {
    from({ hostNative.map { zipTree(it) } })
    into(layout.buildDirectory.dir("host-native"))
}

// Maven shows Robolectric the resources by a file of this name; Gradle makes its own.
tasks.withType<Sync>().matching { it.name.endsWith("UnitTestJavaRes") }.configureEach {
    exclude("com/android/tools/**")
}

// Needs what `make test-android` has built: the delegate's library for this computer.
tasks.withType<Test>().configureEach {
    dependsOn(unpackHostNative)
    val libraries = listOf(built.resolve("native/host"), unpackHostNative.get().destinationDir.resolve("native/lib"))
    jvmArgs("--add-opens=java.base/java.io=ALL-UNNAMED", "-Xmx1500m")
    jvmArgs("-Djava.library.path=${libraries.joinToString(File.pathSeparator)}")
    systemProperty("tfsparse.built", built.path)
    systemProperty("tfsparse.repository", rootDir.parent)
    systemProperty("goldens", "check")
}
