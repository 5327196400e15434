// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.store

/** The extras of a measurement of what the app brings along, as far as it does. Touches the disk. */
public fun demoExtras(finder: FileFinder): Map<String, String> {
    val models = finder.list(FileKind.MODEL).filter { it.origin == Origin.BUNDLED }.map { it.name }
    val data = finder.list(FileKind.DATA).filter { it.origin == Origin.BUNDLED }.map { it.name }
    return mapOf(
        "sparse" to models.firstOrNull { it.endsWith("_sparse.tflite") },
        "dense" to models.firstOrNull { it.endsWith("_dense.tflite") },
        "data" to data.firstOrNull(),
    ).mapNotNull { (key, value) -> value?.let { key to it } }.toMap()
}

/** These extras, on what the app brings along where they name no model. Touches the disk. */
public fun orDemo(extras: Map<String, Any?>, finder: FileFinder): Map<String, Any?> =
    if ("sparse" in extras || "dense" in extras) extras else demoExtras(finder) + extras
