// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.BenchException
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.Interpreter

private const val GPU_CLASS = "org.tensorflow.lite.gpu.GpuDelegate"
private const val NNAPI_CLASS = "org.tensorflow.lite.nnapi.NnApiDelegate"

/** What runs a model's operators; [id] is its name in requests and results. */
public enum class DelegateKind(public val id: String) {
    /** The winner operators' own library, XNNPACK for the others. */
    TFSPARSE("tfsparse"),

    /** XNNPACK. */
    XNNPACK("xnnpack"),

    /** The interpreter's own kernels. */
    CPU("cpu"),

    /** The phone's graphics processor. */
    GPU("gpu"),

    /** The phone's neural networks API. */
    NNAPI("nnapi"),
    ;

    /** Whether the operators that it leaves over go to XNNPACK. */
    internal val usesXnnpack: Boolean get() = this == TFSPARSE || this == XNNPACK

    /** Makes the delegate of an accelerator, which is found by its name since not every build of the app has it. */
    internal fun accelerator(): Delegate? = when (this) {
        GPU -> instance(GPU_CLASS)
        NNAPI -> instance(NNAPI_CLASS)
        else -> null
    }

    private fun instance(name: String): Delegate = try {
        Class.forName(name).getDeclaredConstructor().newInstance() as Delegate
    } catch (error: ReflectiveOperationException) {
        throw unavailable(error.cause ?: error)
    } catch (error: LinkageError) {
        throw unavailable(error)
    }

    private fun unavailable(cause: Throwable) = BenchException(
        "The delegate $id is not available on this phone.",
        expected = "one of tfsparse, xnnpack, cpu",
        received = "$id (${cause.message ?: cause.javaClass.simpleName})",
        remedy = "Choose another delegate.",
        cause = cause,
    )

    public companion object {
        /** The delegates that can be chosen on a device of this API level. */
        public fun available(apiLevel: Int): List<DelegateKind> = values().filter {
            when (it) {
                GPU -> has(GPU_CLASS)
                NNAPI -> apiLevel >= FIRST_WITH_NNAPI && has(NNAPI_CLASS)
                else -> true
            }
        }

        private const val FIRST_WITH_NNAPI = 27

        private fun has(name: String): Boolean = try {
            Class.forName(name, false, Interpreter::class.java.classLoader)
            true
        } catch (_: ClassNotFoundException) {
            false
        }
    }
}
