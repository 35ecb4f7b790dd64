/// Defines PELLUCID_SANITIZED where the compiler puts a sanitizer's checks into this file. Only for files of this
/// folder, which every build compiles for itself.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PELLUCID_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define PELLUCID_SANITIZED
#endif
#endif
