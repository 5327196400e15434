// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import org.tensorflow.lite.DataType
import org.tensorflow.lite.Tensor
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** What the interpreter says of an input or output; [scale] is 0 where the tensor is not quantized. */
public data class TensorSpec(
    val type: DataType,
    val shape: List<Int>,
    val bytes: Int,
    val scale: Float,
    val zeroPoint: Int,
) {
    /** Number of elements. */
    val elements: Int get() = shape.fold(1, Int::times)

    /** Memory for the tensor outside the Java heap, so that the interpreter need not copy it on the way. */
    internal fun allocate(): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

    override fun toString(): String = "${type.name.lowercase()} $shape"

    internal companion object {
        fun of(tensor: Tensor): TensorSpec {
            val quantization = tensor.quantizationParams()
            return TensorSpec(
                tensor.dataType(),
                tensor.shape().toList(),
                tensor.numBytes(),
                quantization.scale,
                quantization.zeroPoint,
            )
        }
    }
}
