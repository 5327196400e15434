// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.BenchException
import dev.tfsparse.bench.model.ModelFile
import dev.tfsparse.bench.model.WinnerOp
import dev.tfsparse.delegate.OperatorProfile
import dev.tfsparse.delegate.TfSparseDelegate
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.Interpreter
import java.nio.ByteBuffer

/**
 * A model in the stock interpreter, ready to run again and again without a copy or an allocation of ours.
 *
 * @param profileId makes the winner operators time themselves, which slows them a little; null for timed runs
 */
internal class ModelRunner(
    private val model: ModelFile,
    private val kind: DelegateKind,
    threads: Int,
    isa: String,
    profileId: String? = null,
) : AutoCloseable {
    private val delegate: Delegate?
    private val interpreter: Interpreter

    /** Milliseconds until the interpreter had loaded and prepared the model. */
    val initMs: Double
    val inputs: List<TensorSpec>
    val outputs: List<TensorSpec>
    private val results: List<ByteBuffer>
    private val resultsByIndex: Map<Int, Any>

    init {
        checkOperators()
        val started = System.nanoTime()
        delegate = makeDelegate(threads, isa, profileId)
        interpreter = makeInterpreter(threads)
        initMs = (System.nanoTime() - started) / NANOS_PER_MS
        inputs = List(interpreter.inputTensorCount) { TensorSpec.of(interpreter.getInputTensor(it)) }
        outputs = List(interpreter.outputTensorCount) { TensorSpec.of(interpreter.getOutputTensor(it)) }
        results = outputs.map(TensorSpec::allocate)
        resultsByIndex = results.withIndex().associate { (index, buffer) -> index to buffer }
    }

    /** Instruction set of the winner operators, or null where the model has none. */
    val isa: String? get() = (delegate as? TfSparseDelegate)?.isa.takeIf { model.customOperators.isNotEmpty() }

    /** Runs once and returns the nanoseconds inside the interpreter; handing over inputs and outputs is not counted. */
    fun run(sample: Sample): Long {
        for (result in results) result.rewind()
        try {
            interpreter.runForMultipleInputsOutputs(sample, resultsByIndex)
        } catch (error: IllegalArgumentException) {
            throw refused(error)
        }
        return interpreter.lastNativeInferenceDurationNanoseconds
    }

    /** An output of the last run. */
    fun output(index: Int): ByteBuffer = results[index]

    /** What the winner operators took since the last call. */
    fun takeProfile(): List<OperatorProfile> {
        val profiled = delegate as? TfSparseDelegate ?: return emptyList()
        return profiled.profile().sortedBy { it.node }.also { profiled.resetProfile() }
    }

    override fun close() {
        interpreter.close()
        (delegate as? AutoCloseable)?.close()
    }

    private fun checkOperators() {
        val foreign = model.customOperators.filterNot { it.startsWith(WinnerOp.PREFIX) }
        if (foreign.isNotEmpty()) {
            throw BenchException(
                "${model.name} has operators that no delegate of this app knows.",
                expected = "TensorFlow Lite's operators, and those of tfsparse",
                received = foreign.joinToString(),
                remedy = "Convert the model without them.",
            )
        }
        if (model.customOperators.isNotEmpty() && kind != DelegateKind.TFSPARSE) {
            throw BenchException(
                "${model.name} has winner operators, which the delegate ${kind.id} does not know.",
                expected = "the delegate tfsparse",
                received = kind.id,
                remedy = "Choose tfsparse, or convert the model with lowering=\"builtin\".",
            )
        }
    }

    private fun makeDelegate(threads: Int, isa: String, profileId: String?): Delegate? = try {
        if (kind == DelegateKind.TFSPARSE) {
            TfSparseDelegate(TfSparseDelegate.Options(threads, isa, profileId))
        } else {
            kind.accelerator()
        }
    } catch (error: IllegalArgumentException) {
        throw refused(error)
    } catch (error: LinkageError) {
        throw BenchException(
            "The delegate's library cannot be loaded.",
            expected = "libtfsparse_jni.so for this phone's processor",
            received = error.message,
            remedy = "Install a build of the app that has it.",
            cause = error,
        )
    }

    private fun makeInterpreter(threads: Int): Interpreter {
        val options = Interpreter.Options().setNumThreads(threads).setUseXNNPACK(kind.usesXnnpack)
        delegate?.let(options::addDelegate)
        try {
            return Interpreter(model.content, options)
        } catch (error: RuntimeException) {
            (delegate as? AutoCloseable)?.close()
            throw refused(error)
        }
    }

    private fun refused(error: RuntimeException) = BenchException(
        "${model.name} cannot run with the delegate ${kind.id}.",
        expected = "a model that the interpreter and the delegate accept",
        received = error.message?.let(::sentence),
        remedy = "Choose another delegate, or convert the model again.",
        cause = error,
    )

    /** The interpreter's message without its line breaks and last period. */
    private fun sentence(message: String) = message.trim().trimEnd('.').replace(Regex("\\s+"), " ").take(MAX_MESSAGE)

    internal companion object {
        const val NANOS_PER_MS = 1e6
        const val MAX_MESSAGE = 600
    }
}
