// SPDX-License-Identifier: Apache-2.0
//
// The native half of dev.tfsparse.delegate.NativeDelegate. A handle is a TfLiteDelegate's address, which is also what
// the interpreter takes.
#include <jni.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "c_api/tfsparse.h"
#include "tflite/delegate.h"
#include "tflite/delegate_options.h"
#include "tflite/error.h"

namespace {

using tfsparse::tflite::Delegate;

// Thrown where a call into Java has failed and left a Java exception pending.
struct JavaExceptionIsPending {};

void Throw(JNIEnv* env, const char* type, std::string message) {
  // Java takes modified UTF-8 and some of its machines stop at anything else, which a message that cites what it
  // received may hold.
  std::replace_if(message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  const jclass exception = env->FindClass(type);
  if (exception != nullptr) env->ThrowNew(exception, message.c_str());
}

// Returns what `function` does, or zero with a Java exception pending if it throws.
template <typename Function>
auto Guard(JNIEnv* env, const Function& function) -> decltype(function()) {
  try {
    return function();
  } catch (const JavaExceptionIsPending&) {
  } catch (const tfsparse::tflite::Error& error) {
    Throw(env, "java/lang/IllegalArgumentException", error.what());
  } catch (const std::bad_alloc&) {
    Throw(env, "java/lang/OutOfMemoryError", "tfsparse: out of native memory.");
  } catch (const std::exception& error) {
    Throw(env, "java/lang/RuntimeException", error.what());
  }
  return decltype(function())();
}

template <typename Reference>
Reference OrPending(Reference reference) {
  if (reference == nullptr) throw JavaExceptionIsPending();
  return reference;
}

std::string ToString(JNIEnv* env, jstring text) {
  const char* const characters = OrPending(env->GetStringUTFChars(text, nullptr));
  const auto release = [env, text](const char* borrowed) { env->ReleaseStringUTFChars(text, borrowed); };
  const std::unique_ptr<const char, decltype(release)> owner(characters, release);
  return characters;
}

std::vector<std::string> ToStrings(JNIEnv* env, jobjectArray texts) {
  std::vector<std::string> strings;
  for (jsize i = 0; i < env->GetArrayLength(texts); ++i) {
    strings.push_back(ToString(env, static_cast<jstring>(OrPending(env->GetObjectArrayElement(texts, i)))));
  }
  return strings;
}

std::vector<const char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  for (const std::string& string : strings) pointers.push_back(string.c_str());
  return pointers;
}

jlong ToHandle(TfLiteDelegate* delegate) { return static_cast<jlong>(reinterpret_cast<intptr_t>(delegate)); }

TfLiteDelegate* FromHandle(jlong handle) { return reinterpret_cast<TfLiteDelegate*>(static_cast<intptr_t>(handle)); }

}  // namespace

extern "C" {

JNIEXPORT jlong JNICALL Java_dev_tfsparse_delegate_NativeDelegate_create(JNIEnv* env, jclass, jobjectArray keys,
                                                                         jobjectArray values) {
  return Guard(env, [&] {
    const std::vector<std::string> key_strings = ToStrings(env, keys);
    const std::vector<std::string> value_strings = ToStrings(env, values);
    auto delegate = std::make_unique<Delegate>(tfsparse::tflite::ParseDelegateOptions(
        Pointers(key_strings).data(), Pointers(value_strings).data(), key_strings.size()));
    return ToHandle(delegate.release()->c_delegate());
  });
}

JNIEXPORT void JNICALL Java_dev_tfsparse_delegate_NativeDelegate_destroy(JNIEnv*, jclass, jlong handle) {
  tflite_plugin_destroy_delegate(FromHandle(handle));
}

JNIEXPORT jstring JNICALL Java_dev_tfsparse_delegate_NativeDelegate_isa(JNIEnv* env, jclass, jlong handle) {
  return env->NewStringUTF(tfsparse::core::IsaName(Delegate::From(FromHandle(handle)).options().isa));
}

JNIEXPORT jbyteArray JNICALL Java_dev_tfsparse_delegate_NativeDelegate_profileJson(JNIEnv* env, jclass, jlong handle) {
  return Guard(env, [&] {
    const std::string json = Delegate::From(FromHandle(handle)).profile()->ToJson();
    const jsize size = static_cast<jsize>(json.size());
    const jbyteArray bytes = OrPending(env->NewByteArray(size));
    env->SetByteArrayRegion(bytes, 0, size, reinterpret_cast<const jbyte*>(json.data()));
    return bytes;
  });
}

JNIEXPORT void JNICALL Java_dev_tfsparse_delegate_NativeDelegate_resetProfile(JNIEnv* env, jclass, jlong handle) {
  Guard(env, [&] { Delegate::From(FromHandle(handle)).profile()->Reset(); });
}

JNIEXPORT jstring JNICALL Java_dev_tfsparse_delegate_NativeDelegate_version(JNIEnv* env, jclass) {
  return env->NewStringUTF(tfsparse_version());
}

}  // extern "C"
