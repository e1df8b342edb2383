/*
 * surface.h: every symbol that libration.so exports, what becomes of a call, and why it is there.
 *
 *   TRACKED  the block is counted        PASSED   forwarded; nothing to count
 *   NOTED    something is noted, then forwarded    API    a function of ration/ration.h
 *
 * Not here, and so untouched: mallinfo, malloc_stats, mallopt answer for the next allocator, whose heap it is; cfree
 * is gone since glibc 2.26; brk and sbrk, which only allocators call.
 * scripts/check-exports holds this table against the library.
 */
#ifndef RATION_SHIM_SURFACE_H
#define RATION_SHIM_SURFACE_H

#define SURFACE(X)                                                                                           \
  X(malloc, TRACKED, "a new block")                                                                          \
  X(calloc, TRACKED, "a new block; forwarded as calloc, which may know that its pages are zero")             \
  X(realloc, TRACKED, "the block keeps its category; a new one where it is given none")                      \
  X(reallocarray, TRACKED, "realloc of a product")                                                           \
  X(free, TRACKED, "the end of a block")                                                                     \
  X(free_sized, TRACKED, "C23; as free where the next allocator has none")                                   \
  X(free_aligned_sized, TRACKED, "C23; likewise")                                                            \
  X(posix_memalign, TRACKED, "a new block")                                                                  \
  X(aligned_alloc, TRACKED, "a new block")                                                                   \
  X(memalign, TRACKED, "a new block")                                                                        \
  X(valloc, TRACKED, "a new block")                                                                          \
  X(pvalloc, TRACKED, "a new block")                                                                         \
  X(malloc_usable_size, PASSED, "knows the bootstrap pool's blocks; nothing to count")                       \
  X(__libc_free, PASSED, "libc's own; but a block of the page heap is not libc's")                           \
  X(malloc_trim, PASSED, "the page heap gives back as well what it can")                                     \
  X(mallinfo2, PASSED, "the page heap's figures are added")                                                  \
  X(malloc_info, PASSED, "likewise")                                                                         \
  X(dlopen, NOTED, "a jump, so that the loader sees who called; with RTLD_DEEPBIND the page heap is left")   \
  X(dlsym, NOTED, "likewise; over the page heap libc's own malloc family is ours")                           \
  X(dlclose, NOTED, "what is known of addresses of code ends: they are used again")                          \
  X(pthread_create, NOTED, "a thread starts in its creator's category, and where its stack lies is noted")   \
  X(dl_iterate_phdr, PASSED, "shows the shim last: the address sanitizer wants to be the first library")     \
  X(mmap, NOTED, "with mmap=1 an anonymous mapping is accounted for; else one jump to the next")             \
  X(mmap64, NOTED, "mmap, under the name that it has for who asks for 64-bit offsets")                       \
  X(munmap, NOTED, "with mmap=1 the end of mappings; else one jump to the next")                             \
  X(mremap, NOTED, "with mmap=1 mappings move, grow and shrink; else one jump to the next")                  \
  X(setrlimit, NOTED, "with a limit of address space or data the page heap is left")                         \
  X(setrlimit64, NOTED, "setrlimit, under the name that it has for who asks for 64-bit limits")              \
  X(prlimit, NOTED, "likewise")                                                                              \
  X(prlimit64, NOTED, "likewise")                                                                            \
  X(mlockall, NOTED, "the page heap is left, and what it has reserved is not locked")                        \
  X(prctl, NOTED,                                                                                            \
    "where a filter of system calls would kill for room that may be had or not, it is not asked for")        \
  SURFACE_NEW(X) SURFACE_DELETE(X) SURFACE_API(X)

#define SURFACE_NEW(X)                                                                                       \
  X(_Znwm, TRACKED, "operator new(size): the asker is its caller, the block malloc's inside")                \
  X(_Znam, TRACKED, "operator new[](size)")                                                                  \
  X(_ZnwmRKSt9nothrow_t, TRACKED, "operator new(size, nothrow)")                                             \
  X(_ZnamRKSt9nothrow_t, TRACKED, "operator new[](size, nothrow)")                                           \
  X(_ZnwmSt11align_val_t, TRACKED, "operator new(size, align)")                                              \
  X(_ZnamSt11align_val_t, TRACKED, "operator new[](size, align)")                                            \
  X(_ZnwmSt11align_val_tRKSt9nothrow_t, TRACKED, "operator new(size, align, nothrow)")                       \
  X(_ZnamSt11align_val_tRKSt9nothrow_t, TRACKED, "operator new[](size, align, nothrow)")

#define SURFACE_DELETE(X)                                                                                    \
  X(_ZdlPv, TRACKED,                                                                                         \
    "operator delete(p): the block is free's inside, or its own where an allocator has one")                 \
  X(_ZdaPv, TRACKED, "operator delete[](p)")                                                                 \
  X(_ZdlPvm, TRACKED, "operator delete(p, size)")                                                            \
  X(_ZdaPvm, TRACKED, "operator delete[](p, size)")                                                          \
  X(_ZdlPvRKSt9nothrow_t, TRACKED, "operator delete(p, nothrow)")                                            \
  X(_ZdaPvRKSt9nothrow_t, TRACKED, "operator delete[](p, nothrow)")                                          \
  X(_ZdlPvSt11align_val_t, TRACKED, "operator delete(p, align)")                                             \
  X(_ZdaPvSt11align_val_t, TRACKED, "operator delete[](p, align)")                                           \
  X(_ZdlPvmSt11align_val_t, TRACKED, "operator delete(p, size, align)")                                      \
  X(_ZdaPvmSt11align_val_t, TRACKED, "operator delete[](p, size, align)")                                    \
  X(_ZdlPvSt11align_val_tRKSt9nothrow_t, TRACKED, "operator delete(p, align, nothrow)")                      \
  X(_ZdaPvSt11align_val_tRKSt9nothrow_t, TRACKED, "operator delete[](p, align, nothrow)")

#define SURFACE_API(X)                                                                                       \
  X(ration_version, API, "")                                                                                 \
  X(ration_is_tracking, API, "")                                                                             \
  X(ration_category, API, "")                                                                                \
  X(ration_category_path, API, "")                                                                           \
  X(ration_enter, API, "")                                                                                   \
  X(ration_leave, API, "")                                                                                   \
  X(ration_enter_at, API, "")                                                                                \
  X(ration_leave_at, API, "")                                                                                \
  X(ration_scope_capture, API, "")                                                                           \
  X(ration_scope_resume, API, "")                                                                            \
  X(ration_current, API, "")                                                                                 \
  X(ration_stats, API, "")                                                                                   \
  X(ration_block_info, API, "")                                                                              \
  X(ration_account_add, API, "")                                                                             \
  X(ration_account_remove, API, "")                                                                          \
  X(ration_account_block, API, "")                                                                           \
  X(ration_budget_get, API, "")                                                                              \
  X(ration_budget_set, API, "")                                                                              \
  X(ration_available, API, "")                                                                               \
  X(ration_reserve, API, "")                                                                                 \
  X(ration_unreserve, API, "")                                                                               \
  X(ration_critical_enter, API, "")                                                                          \
  X(ration_critical_leave, API, "")                                                                          \
  X(ration_pressure_level, API, "")                                                                          \
  X(ration_pressure_register, API, "")                                                                       \
  X(ration_pressure_unregister, API, "")                                                                     \
  X(ration_pressure_poll, API, "")                                                                           \
  X(ration_pressure_simulate, API, "")                                                                       \
  X(ration_pressure_suppress, API, "")                                                                       \
  X(ration_mark, API, "")                                                                                    \
  X(ration_profiling, API, "")                                                                               \
  X(ration_pool_register, API, "")                                                                           \
  X(ration_pool_update, API, "")                                                                             \
  X(ration_pool_unregister, API, "")

/* A symbol that leaves the library. */
#define EXPORT __attribute__((visibility("default")))

/* Who called the exported function: the asker. */
#define CALLER ((uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)))
#define ASKER  ((struct asker){CALLER, __builtin_frame_address(0)})

#endif
