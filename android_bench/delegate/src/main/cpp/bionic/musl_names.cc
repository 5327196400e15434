// SPDX-License-Identifier: Apache-2.0
//
// What code that was compiled with musl's headers, zig's C++ library above all, asks for and Android's C library
// (bionic) of API level 23 lacks, names otherwise, or takes with other constants. All of it stays inside the shared
// library.
//
// Types of musl's headers whose layout bionic does not share are passed to bionic only where this is harmless:
// android_bench/docs/native.md says which those are.
#include <link.h>
#include <pthread.h>
#include <time.h>
#include <wchar.h>

#include <cstdlib>

// What the C++ library keeps for bionic is large enough. All of it starts as zeros, in bionic as in musl. Locks for
// readers and writers are larger in bionic on 32 bits; no list has their names there.
constexpr bool kIs64Bit = sizeof(void*) == 8;
static_assert(sizeof(pthread_mutex_t) >= (kIs64Bit ? 40 : 4));
static_assert(sizeof(pthread_cond_t) >= (kIs64Bit ? 48 : 4));
static_assert(sizeof(pthread_rwlock_t) >= 56 || !kIs64Bit);
static_assert(sizeof(mbstate_t) >= (kIs64Bit ? 8 : 4));
static_assert(sizeof(pthread_t) == sizeof(long) && sizeof(pthread_key_t) == sizeof(int));
static_assert(sizeof(pthread_once_t) == sizeof(int));

#define BIONIC_NAME(name) __asm__(name) __attribute__((visibility("hidden")))

extern "C" {

// errno, by bionic's name.
int* __errno();
int* ErrnoLocation() BIONIC_NAME("__errno_location");
int* ErrnoLocation() { return __errno(); }

// stderr has been a variable since API level 23; before, and ever since too, it is the third element of this array,
// whose elements will never change their size.
struct BionicFile {
  alignas(void*) char opaque[kIs64Bit ? 152 : 84];
};
extern BionicFile __sF[3];
extern BionicFile* const standard_error BIONIC_NAME("stderr");
BionicFile* const standard_error = &__sF[2];

// API level 28. The callers ask for powers of two that are at least a pointer's size, as posix_memalign does.
void* AlignedAlloc(size_t alignment, size_t size) BIONIC_NAME("aligned_alloc");
void* AlignedAlloc(size_t alignment, size_t size) {
  void* data = nullptr;
  return posix_memalign(&data, alignment, size) == 0 ? data : nullptr;
}

// bionic writes and reads numbers alike in all its locales, and refuses the mask that musl's LC_ALL_MASK is. The global
// locale, whose handle is the same in both, does for the one locale that the C++ library makes.
void* NewLocale(int, const char*, void*) BIONIC_NAME("newlocale");
void* NewLocale(int, const char*, void*) { return reinterpret_cast<void*>(-1L); }
void FreeLocale(void*) BIONIC_NAME("freelocale");
void FreeLocale(void*) {}

// API level 26.
float StrtofL(const char* text, char** end, void*) BIONIC_NAME("strtof_l");
float StrtofL(const char* text, char** end, void*) { return std::strtof(text, end); }
double StrtodL(const char* text, char** end, void*) BIONIC_NAME("strtod_l");
double StrtodL(const char* text, char** end, void*) { return std::strtod(text, end); }

// API level 26. Android has no catalogs of messages.
void* Catopen(const char*, int) BIONIC_NAME("catopen");
void* Catopen(const char*, int) { return reinterpret_cast<void*>(-1L); }
const char* Catgets(void*, int, int, const char* message) BIONIC_NAME("catgets");
const char* Catgets(void*, int, int, const char* message) { return message; }
int Catclose(void*) BIONIC_NAME("catclose");
int Catclose(void*) { return -1; }

// Inline functions of older NDKs' headers, so that no library names them.
int Toupper(int c) BIONIC_NAME("toupper");
int Toupper(int c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }
int Tolower(int c) BIONIC_NAME("tolower");
int Tolower(int c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }

// What the C++ library knows of a thread's exceptions. It would keep that in a thread-local variable, and libraries
// with such variables load from API level 29 on.
struct ExceptionGlobals {
  void* caught;
  unsigned int uncaught;
  void* propagating;
};

static pthread_key_t globals_key;
static pthread_once_t globals_once = PTHREAD_ONCE_INIT;

static void MakeGlobalsKey() {
  if (pthread_key_create(&globals_key, std::free) != 0) std::abort();
}

ExceptionGlobals* GetGlobals() BIONIC_NAME("__cxa_get_globals");
ExceptionGlobals* GetGlobals() {
  pthread_once(&globals_once, MakeGlobalsKey);
  void* globals = pthread_getspecific(globals_key);
  if (globals == nullptr) {
    globals = std::calloc(1, sizeof(ExceptionGlobals));
    if (globals == nullptr || pthread_setspecific(globals_key, globals) != 0) std::abort();
  }
  return static_cast<ExceptionGlobals*>(globals);
}
ExceptionGlobals* GetGlobalsFast() BIONIC_NAME("__cxa_get_globals_fast");
ExceptionGlobals* GetGlobalsFast() { return GetGlobals(); }

// What the unwinder asks for to find the tables of a function. No exception leaves this library, so its own segments
// do; bionic has the function, but for 32-bit Arm no library of the NDK's names it.
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
int IterateSegments(int (*visit)(dl_phdr_info*, size_t, void*), void* data) BIONIC_NAME("dl_iterate_phdr");
int IterateSegments(int (*visit)(dl_phdr_info*, size_t, void*), void* data) {
  const char* const base = reinterpret_cast<const char*>(&__ehdr_start);
  dl_phdr_info info = {};
  info.dlpi_addr = reinterpret_cast<ElfW(Addr)>(base);
  info.dlpi_phdr = reinterpret_cast<const ElfW(Phdr)*>(base + __ehdr_start.e_phoff);
  info.dlpi_phnum = __ehdr_start.e_phnum;
  return visit(&info, sizeof(info), data);
}

#ifdef __arm__
// Seconds have 64 bits in musl and 32 in bionic, and musl says so by this name.
int BionicClockGettime(int clock, long* time) __asm__("clock_gettime");
int ClockGettime(int clock, timespec* time) BIONIC_NAME("__clock_gettime64");
int ClockGettime(int clock, timespec* time) {
  long narrow[2];
  const int status = BionicClockGettime(clock, narrow);
  time->tv_sec = narrow[0];
  time->tv_nsec = narrow[1];
  return status;
}
#endif

// Destroys static objects when the library is unloaded, which is what the NDK's start files do.
extern void* __dso_handle;
void __cxa_finalize(void* library);
__attribute__((destructor)) static void Finalize() { __cxa_finalize(&__dso_handle); }

}  // extern "C"
