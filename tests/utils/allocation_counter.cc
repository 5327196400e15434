// SPDX-License-Identifier: Apache-2.0
//
// Counts the allocations that the code between two addresses makes. Loaded before all other libraries, it takes the
// place of the C library's functions (glibc's, which keeps its own under other names).
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

extern "C" void* __libc_malloc(size_t size);
extern "C" void* __libc_calloc(size_t count, size_t size);
extern "C" void* __libc_realloc(void* memory, size_t size);
extern "C" void* __libc_memalign(size_t alignment, size_t size);

namespace {

std::atomic<uintptr_t> watched_begin{0};
std::atomic<uintptr_t> watched_end{0};
std::atomic<int64_t> allocations{0};

void Count(const void* caller) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(caller);
  if (address >= watched_begin && address < watched_end) ++allocations;
}

}  // namespace

extern "C" {

void watch_allocations(uintptr_t begin, uintptr_t end) {
  watched_begin = begin;
  watched_end = end;
}

int64_t count_allocations() { return allocations; }

void* malloc(size_t size) {
  Count(__builtin_return_address(0));
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_calloc(count, size);
}

void* realloc(void* memory, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_realloc(memory, size);
}

void* memalign(size_t alignment, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) {
  Count(__builtin_return_address(0));
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}
