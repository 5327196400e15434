// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.test

import dev.tfsparse.bench.BenchInstrumentation

/** The app's instrumentation, in the APK that device farms install beside the app. */
public class BenchRunner : BenchInstrumentation()
