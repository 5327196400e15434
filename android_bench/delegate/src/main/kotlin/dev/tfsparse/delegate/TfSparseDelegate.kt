// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.delegate

import org.tensorflow.lite.Delegate

/**
 * Runs the operators of tfsparse in a stock `org.tensorflow.lite.Interpreter`; everything else stays with the
 * interpreter and its XNNPACK delegate:
 *
 *     val delegate = TfSparseDelegate()
 *     val interpreter = Interpreter(model, Interpreter.Options().addDelegate(delegate))
 *
 * Its memory and threads live outside of the Java heap: close the interpreter, then the delegate.
 *
 * @param options what the delegate may use and does on the side
 * @throws IllegalArgumentException if an option has a value that the delegate or this device cannot serve
 */
public class TfSparseDelegate @JvmOverloads constructor(private val options: Options = Options()) :
    Delegate,
    AutoCloseable {

    /**
     * Options of a delegate.
     *
     * @property numThreads threads that a layer is shared out to, or null for the number of the interpreter
     * @property isa the instruction set of the kernels: `auto`, the fastest that the device has, `portable`, `neon`,
     *   `avx2` or `avx512`
     * @property profileId an id of your choice that makes the delegate time each operator for [profile], or null.
     *   Delegates of the same id share one profile
     */
    public data class Options @JvmOverloads constructor(
        val numThreads: Int? = null,
        val isa: String = "auto",
        val profileId: String? = null,
    )

    private var handle: Long = create(options)

    /** The instruction set that the kernels run on: `portable`, `neon`, `avx2` or `avx512`. */
    public val isa: String = NativeDelegate.isa(handle)

    /**
     * The native delegate, for the interpreter.
     *
     * @throws IllegalStateException if the delegate is closed
     */
    @Synchronized
    override fun getNativeHandle(): Long {
        check(handle != CLOSED) { "This TfSparseDelegate is closed. Make a new one for a new interpreter." }
        return handle
    }

    /**
     * What the operators of living interpreters did and took since the delegate was made or [resetProfile] was called.
     *
     * @throws IllegalStateException if the delegate is closed or has no [Options.profileId]
     */
    @Synchronized
    public fun profile(): List<OperatorProfile> =
        OperatorProfile.parseList(NativeDelegate.profileJson(profiledHandle()).toString(Charsets.UTF_8))

    /**
     * Sets the calls and times of [profile] to zero.
     *
     * @throws IllegalStateException if the delegate is closed or has no [Options.profileId]
     */
    @Synchronized
    public fun resetProfile(): Unit = NativeDelegate.resetProfile(profiledHandle())

    /** Frees the native delegate. Closing twice does nothing more. */
    @Synchronized
    override fun close() {
        if (handle == CLOSED) return
        NativeDelegate.destroy(handle)
        handle = CLOSED
    }

    private fun profiledHandle(): Long {
        checkNotNull(options.profileId) {
            "This TfSparseDelegate times nothing. Make it with Options(profileId = ...)."
        }
        return nativeHandle
    }

    public companion object {
        private const val CLOSED = 0L

        /** The version of the native library, `major.minor.patch`. */
        @JvmStatic
        public val version: String
            get() = NativeDelegate.version()

        private fun create(options: Options): Long {
            val given = listOfNotNull(
                options.numThreads?.let { "num_threads" to it.toString() },
                "isa" to options.isa,
                options.profileId?.let { "profile" to it },
            )
            return NativeDelegate.create(
                Array(given.size) { given[it].first },
                Array(given.size) { given[it].second },
            )
        }
    }
}
