// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench

/**
 * What went wrong, for the person in front of the phone.
 *
 * @property problem what was wrong, one sentence
 * @property expected what would have been right, or null
 * @property received what came instead, or null
 * @property remedy what the reader can do about it, or null
 */
public class BenchException(
    public val problem: String,
    public val expected: String? = null,
    public val received: String? = null,
    public val remedy: String? = null,
    cause: Throwable? = null,
) : Exception(
    listOfNotNull(problem, expected?.let { "Expected: $it." }, received?.let { "Received: $it." }, remedy)
        .joinToString(" "),
    cause,
)
