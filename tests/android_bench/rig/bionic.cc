// SPDX-License-Identifier: Apache-2.0
//
// liblog.so for programs that run libraries for Android on musl: Android's log, and the names that the libraries of
// this project and TensorFlow Lite's ask of Android's C library and musl lacks. It comes before musl in the order of
// search, so that what it redefines counts.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The function that this library hides: musl's.
template <typename Function>
static Function* Next(const char* name, Function*) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

extern "C" {

struct BionicFile {
  alignas(void*) char opaque[sizeof(void*) == 8 ? 152 : 84];
};
BionicFile __sF[3];

int* __errno() { return &errno; }

// Streams: libraries for Android write to elements of __sF, which musl does not know.
static int Descriptor(const void* stream) {
  for (int i = 0; i < 3; ++i) {
    if (stream == &__sF[i]) return i;
  }
  return -1;
}

int vfprintf(FILE* stream, const char* format, va_list arguments) {
  const int descriptor = Descriptor(stream);
  if (descriptor >= 0) return vdprintf(descriptor, format, arguments);
  return Next("vfprintf", &vfprintf)(stream, format, arguments);
}

int fprintf(FILE* stream, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = vfprintf(stream, format, arguments);
  va_end(arguments);
  return written;
}

int fputc(int character, FILE* stream) {
  const int descriptor = Descriptor(stream);
  const unsigned char byte = static_cast<unsigned char>(character);
  if (descriptor >= 0) return write(descriptor, &byte, 1) == 1 ? byte : EOF;
  return Next("fputc", &fputc)(character, stream);
}

size_t fwrite(const void* data, size_t size, size_t count, FILE* stream) {
  const int descriptor = Descriptor(stream);
  if (descriptor < 0) return Next("fwrite", &fwrite)(data, size, count, stream);
  return write(descriptor, data, size * count) < 0 ? 0 : count;
}

int fflush(FILE* stream) { return Descriptor(stream) >= 0 ? 0 : Next("fflush", &fflush)(stream); }

int __android_log_vprint(int, const char* tag, const char* format, va_list arguments) {
  dprintf(STDERR_FILENO, "%s: ", tag);
  const int written = vdprintf(STDERR_FILENO, format, arguments);
  dprintf(STDERR_FILENO, "\n");
  return written;
}

void android_set_abort_message(const char* message) { dprintf(STDERR_FILENO, "%s\n", message); }

int __system_property_get(const char*, char* value) {
  *value = '\0';
  return 0;
}

// Functions that check the bounds which the compiler knew.
void* __memmove_chk(void* target, const void* source, size_t size, size_t room) {
  if (size > room) abort();
  return memmove(target, source, size);
}
size_t __strlen_chk(const char* text, size_t room) {
  const size_t size = strlen(text);
  if (size >= room) abort();
  return size;
}
int __vsnprintf_chk(char* target, size_t size, int, size_t room, const char* format, va_list arguments) {
  if (size > room) abort();
  return vsnprintf(target, size, format, arguments);
}
ssize_t __read_chk(int descriptor, void* target, size_t size, size_t room) {
  if (size > room) abort();
  return read(descriptor, target, size);
}
int __open_2(const char* path, int flags) { return open(path, flags); }

long long strtoll_l(const char* text, char** end, int base, void*) { return strtoll(text, end, base); }
unsigned long long strtoull_l(const char* text, char** end, int base, void*) { return strtoull(text, end, base); }

}  // extern "C"
