// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.model

import java.nio.ByteBuffer

/** The main graph of a `.tflite` file; the numbers are those of the fields in TensorFlow Lite's schema. */
internal class ModelGraph(content: ByteBuffer) {
    private val model = FlatTable.root(content)
    private val codes = model.tables(OPERATOR_CODES)
    private val main = model.tables(SUBGRAPHS)[0]
    private val shapes = main.tables(TENSORS).map { it.ints(SHAPE) }
    private val operators = main.tables(OPERATORS).map(::Operator)

    fun macs(): Macs = operators.map(::operatorMacs).fold(Macs(), Macs::plus)

    fun winnerRates(): Map<String, Double> =
        operators.filter { it.name == WinnerOp.SELECT_WINNERS }.associate { operator ->
            operator.option<String>("layer") to operator.option<Double>("winner_rate")
        }

    fun customOperators(): Set<String> = operators.filter { it.isCustom }.map { it.name }.toSet()

    /** An operator with the shapes of its inputs; one that is left out has no axes. */
    inner class Operator(private val table: FlatTable) {
        private val code = codes[table.int(OPCODE_INDEX)]
        private val builtin = maxOf(code.int(BUILTIN_CODE), code.byte(DEPRECATED_BUILTIN_CODE))

        val isCustom: Boolean = builtin == Builtin.CUSTOM
        val name: String = if (isCustom) code.text(CUSTOM_CODE) else "$builtin"
        val kind: Int = builtin
        val inputs: List<IntArray> = table.ints(INPUTS).map { if (it == ABSENT) IntArray(0) else shapes[it] }
        val results: Long = table.ints(OUTPUTS).firstOrNull()?.let { elements(shapes[it]) } ?: 0

        inline fun <reified T> option(key: String): T =
            options[key] as? T ?: throw IndexOutOfBoundsException("$name lacks the option $key")

        val options: Map<String, Any> by lazy {
            FlexMap.read(table.blob(CUSTOM_OPTIONS) ?: throw IndexOutOfBoundsException("$name has no options"))
        }
    }

    private companion object {
        const val ABSENT = -1

        const val OPERATOR_CODES = 1
        const val SUBGRAPHS = 2

        const val TENSORS = 0
        const val OPERATORS = 3

        const val SHAPE = 0

        const val DEPRECATED_BUILTIN_CODE = 0
        const val CUSTOM_CODE = 1
        const val BUILTIN_CODE = 3

        const val OPCODE_INDEX = 0
        const val INPUTS = 1
        const val OUTPUTS = 2
        const val CUSTOM_OPTIONS = 5
    }
}

/** Numbers of the builtin operators that multiply matrices. */
internal object Builtin {
    const val CONV_2D = 3
    const val DEPTHWISE_CONV_2D = 4
    const val FULLY_CONNECTED = 9
    const val CUSTOM = 32
    const val TRANSPOSE_CONV = 67
    const val BATCH_MATMUL = 126
}

/** Names of the winner operators. */
internal object WinnerOp {
    const val PREFIX = "TfSparse"
    const val SELECT_WINNERS = "TfSparseSelectWinners"
    const val MASK_WINNERS = "TfSparseMaskWinners"
    const val CONV_2D = "TfSparseWinnerConv2D"
    const val DEPTHWISE_CONV_2D = "TfSparseWinnerDepthwiseConv2D"
    const val SEPARABLE_CONV_2D = "TfSparseWinnerSeparableConv2D"
    const val FULLY_CONNECTED = "TfSparseWinnerFullyConnected"
    const val PROBE = "TfSparseProbe"
}

/** Number of elements; none of a real file comes near to what a Long holds. */
internal fun elements(shape: IntArray): Long = shape.fold(1L) { product, size -> checkedTimes(product, size.toLong()) }

internal fun checkedTimes(first: Long, second: Long): Long {
    val product = first * second
    if (first != 0L && product / first != second) throw ArithmeticException("$first times $second")
    return product
}
