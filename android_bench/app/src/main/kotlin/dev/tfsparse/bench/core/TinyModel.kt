// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.model.ModelFile
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** A `.tflite` file of one operator, y = x + x over four floats, in hexadecimal digits. */
private const val DIGITS =
    "1800000054464c3300000e00140010000c000800000004000e0000001000000018000000cc00000003000000010000000400" +
        "00003cffffff01000000100000000c00140010000c00080004000c0000001000000050000000540000005800000001000000" +
        "1400000000000e001400000010000c000b0004000e000000100000000000000b0c0000001000000094ffffff010000000100" +
        "000002000000000000000000000001000000010000000100000000000000020000002400000004000000eaffffff04000000" +
        "0200000001000000040000000000060008000400060000000400000002000000010000000400000001000000080000000400" +
        "040004000000"

private const val HEXADECIMAL = 16

/** The model that is run before any other, so that what the interpreter itself takes to start counts for none. */
internal fun tinyModel(): ModelFile {
    val bytes = DIGITS.chunked(2).map { it.toInt(HEXADECIMAL).toByte() }.toByteArray()
    val content = ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder())
    content.put(bytes).rewind()
    return ModelFile.parse("tiny.tflite", content)
}
