// SPDX-License-Identifier: Apache-2.0
package dev.tfsparse.bench.core

import dev.tfsparse.bench.phone.Cpu
import dev.tfsparse.bench.phone.Machine
import dev.tfsparse.bench.phone.PhoneState
import dev.tfsparse.bench.phone.Thermal

const val DATE = "2026-01-02T03:04:05+00:00"

/** A phone with everything that can be told, or almost. */
val MACHINE = Machine(
    device = "Maker Phone 9",
    soc = "Maker SoC-9000",
    architecture = "aarch64",
    cores = 8,
    system = "Android 15",
    load = 1.5,
    cpus = List(4) { Cpu(1_800_000, 1_200_000, "schedutil") } + List(4) { Cpu(2_400_000, null, null) },
    affinity = (0..7).toList(),
    phone = PhoneState(35, "arm64-v8a", 81, 31.5, false, false, Thermal.NONE, Thermal.LIGHT, 0.0),
)
