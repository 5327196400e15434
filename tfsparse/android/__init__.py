# SPDX-License-Identifier: Apache-2.0
"""Measures models on phones from the desk: finds the phones, brings them files, starts benchmarks, fetches results."""
