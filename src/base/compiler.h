/*
 * compiler.h: what the compiler is told, by names that say why.
 */
#ifndef RATION_BASE_COMPILER_H
#define RATION_BASE_COMPILER_H

/* clang says so in another way than gcc. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer) && !defined(__SANITIZE_THREAD__)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Inlined into every caller: the parts of the fast path. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Kept out of its caller, whose registers and cache lines it would spoil. */
#define SLOW_PATH __attribute__((noinline, cold))

/* Kept out of its caller, too, but hot where every block is a sample; and as hot as its caller, which a frame would burden. */
#define SAMPLE_PATH __attribute__((noinline))
#define FAST_PATH   __attribute__((noinline))

/* A variable of the shim's own: reached by its distance, not through a table of addresses. */
#define INTERNAL __attribute__((visibility("hidden")))

/* Thread-local without a call: the shim is loaded before main, so static TLS is there. */
#define STATIC_TLS __attribute__((tls_model("initial-exec")))

/* DEBUG=full: hold a model struct to its is_valid at every edge; a breach stops in the debugger. */
#if RATION_DEBUG_FULL
#define EDGE(is_valid)                                                                                       \
  do {                                                                                                       \
    if (!(is_valid)) __builtin_trap();                                                                       \
  } while (0)
#else
#define EDGE(is_valid) ((void)sizeof(is_valid))
#endif

#endif
