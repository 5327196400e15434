// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.delegate

/** The functions of `libtfsparse_jni.so`; see `tfsparse_jni.cc`. A handle is never used after [destroy]. */
internal object NativeDelegate {
    init {
        System.loadLibrary("tfsparse_jni")
    }

    @JvmStatic
    external fun create(keys: Array<String>, values: Array<String>): Long

    @JvmStatic
    external fun destroy(handle: Long)

    @JvmStatic
    external fun isa(handle: Long): String

    /** UTF-8: the names of layers may hold any character. */
    @JvmStatic
    external fun profileJson(handle: Long): ByteArray

    @JvmStatic
    external fun resetProfile(handle: Long)

    @JvmStatic
    external fun version(): String
}
