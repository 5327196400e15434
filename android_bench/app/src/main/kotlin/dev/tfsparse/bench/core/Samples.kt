// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.data.LabelledSet
import org.tensorflow.lite.DataType
import java.nio.ByteBuffer
import java.util.Random
import kotlin.math.roundToInt

/** Inputs of one run, one buffer for each input of the model. */
internal typealias Sample = Array<Any>

private const val RANDOM_SAMPLES = 16
private const val MAX_BATCHES = 64
private const val INTEGER_LIMIT = 128

/**
 * Random inputs with a fixed seed: floating-point numbers even in [0, 1), integers from 0 to 127.
 *
 * Several, because the winners change with the input, and with them what the caches hold.
 */
internal fun randomSamples(inputs: List<TensorSpec>, seed: Long = 0): List<Sample> {
    val random = Random(seed)
    return List(RANDOM_SAMPLES) { Array(inputs.size) { randomTensor(inputs[it], random) } }
}

private fun randomTensor(spec: TensorSpec, random: Random): ByteBuffer {
    val buffer = spec.allocate()
    when (spec.type) {
        DataType.FLOAT32 -> repeat(spec.elements) { buffer.putFloat(random.nextFloat()) }
        DataType.INT32 -> repeat(spec.elements) { buffer.putInt(random.nextInt(INTEGER_LIMIT)) }
        DataType.INT64 -> repeat(spec.elements) { buffer.putLong(random.nextInt(INTEGER_LIMIT).toLong()) }
        DataType.STRING -> throw BenchException(
            "An input of the model cannot be filled with random numbers.",
            expected = "numbers",
            received = spec.toString(),
            remedy = "Choose a model that takes numbers.",
        )
        else -> while (buffer.hasRemaining()) buffer.put(random.nextInt(INTEGER_LIMIT).toByte())
    }
    buffer.rewind()
    return buffer
}

/** Stored samples as inputs of the one input that the model must have, in batches of its own size. */
internal class StoredSamples(private val set: LabelledSet, inputs: List<TensorSpec>) {
    private val spec = inputs.singleOrNull() ?: throw misfit("one input", "${inputs.size} inputs")
    private val perSample = spec.elements / batch
    private val put: (ByteBuffer, Int, Int) -> Unit = writer()

    /** Samples of one run. */
    val batch: Int get() = spec.shape.firstOrNull() ?: 1

    init {
        val wanted = spec.shape.drop(1)
        val given = set.shape.toList()
        val fits =
            given == wanted || given + 1 == wanted || spec.shape.size == 2 && set.shape.fold(1, Int::times) == perSample
        if (!fits) throw misfit("samples of shape $wanted", "samples of shape $given")
        if (set.size < batch) throw misfit("at least $batch samples, which is one batch", "${set.size} samples")
    }

    /** The first batches, for timing. */
    fun batches(): List<Sample> = List(minOf(MAX_BATCHES, set.size / batch)) { index ->
        arrayOf<Any>(spec.allocate().also { fill(it, index * batch) })
    }

    /** Writes the samples from `first` on into a buffer of the input's size; the last one fills up a short batch. */
    fun fill(buffer: ByteBuffer, first: Int) {
        buffer.clear()
        for (place in 0 until batch) {
            val sample = minOf(first + place, set.size - 1)
            for (element in 0 until perSample) put(buffer, sample, element)
        }
        buffer.rewind()
    }

    private fun writer(): (ByteBuffer, Int, Int) -> Unit = when {
        spec.type == DataType.FLOAT32 -> { buffer, sample, element -> buffer.putFloat(set.value(sample, element)) }
        spec.type == DataType.UINT8 && !set.isFloat -> { buffer, sample, element ->
            buffer.put(set.raw(sample, element))
        }
        spec.type == DataType.INT8 && spec.scale > 0 -> quantized(Byte.MIN_VALUE.toInt(), Byte.MAX_VALUE.toInt())
        spec.type == DataType.UINT8 && spec.scale > 0 -> quantized(0, 255)
        else -> throw misfit("an input of float32, or a quantized one", spec.toString())
    }

    private fun quantized(least: Int, most: Int): (ByteBuffer, Int, Int) -> Unit = { buffer, sample, element ->
        val level = (set.value(sample, element) / spec.scale).roundToInt() + spec.zeroPoint
        buffer.put(level.coerceIn(least, most).toByte())
    }

    private fun misfit(expected: String, received: String) = BenchException(
        "The labelled set ${set.name} does not fit the model.",
        expected = expected,
        received = received,
        remedy = "Choose another set, or none.",
    )
}
