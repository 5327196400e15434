// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.data.LabelledSet
import org.tensorflow.lite.DataType
import java.nio.ByteBuffer

/** How many labelled samples a classifier gets right. */
public data class Accuracy(val correct: Int, val samples: Int)

private const val SAMPLES_PER_STEP = 100

/** Runs a classifier on every sample; null where the model is none, whose only output is `[n, classes]`. */
internal fun measureAccuracy(model: ModelRunner, set: LabelledSet, watcher: BenchWatcher): Accuracy? {
    val output = model.outputs.singleOrNull()?.takeIf { it.shape.size == 2 && isScore(it.type) } ?: return null
    checkLabels(set, output.shape[1])
    val stored = StoredSamples(set, model.inputs)
    val buffer = model.inputs.single().allocate()
    val sample: Sample = arrayOf(buffer)
    var correct = 0
    for (first in 0 until set.size step stored.batch) {
        if (first % SAMPLES_PER_STEP < stored.batch) watcher.progress(Phase.ACCURACY, first, set.size)
        stored.fill(buffer, first)
        model.run(sample)
        val count = minOf(stored.batch, set.size - first)
        correct += (0 until count).count { best(model.output(0), output, it) == set.labels[first + it] }
    }
    watcher.progress(Phase.ACCURACY, set.size, set.size)
    return Accuracy(correct, set.size)
}

/** The class with the highest score; of equal scores the lower class counts as the higher. */
private fun best(scores: ByteBuffer, spec: TensorSpec, row: Int): Int {
    val classes = spec.shape[1]
    return (0 until classes).maxByOrNull { score(scores, spec.type, row * classes + it) } ?: -1
}

private fun isScore(type: DataType) = type == DataType.FLOAT32 || type == DataType.INT8 || type == DataType.UINT8

private fun score(scores: ByteBuffer, type: DataType, at: Int): Float = when (type) {
    DataType.FLOAT32 -> scores.getFloat(at * Float.SIZE_BYTES)
    DataType.UINT8 -> (scores.get(at).toInt() and 0xff).toFloat()
    else -> scores.get(at).toFloat()
}

private fun checkLabels(set: LabelledSet, classes: Int) {
    if (set.labels.all { it in 0 until classes }) return
    throw BenchException(
        "The labels of ${set.name} do not fit the model.",
        expected = "labels from 0 to ${classes - 1}",
        received = "labels from ${set.labels.min()} to ${set.labels.max()}",
        remedy = "Choose the set that the model was trained for.",
    )
}
