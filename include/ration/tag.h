/*
 * tag.h: scopes for programs and libraries that must not depend on ration. Header-only: nothing to link,
 * nothing to install where it runs. Where libration.so is preloaded or linked, blocks allocated in a scope
 * belong to its category; where it is not, a scope costs a load and a branch, and does nothing.
 *
 *     #include <ration/tag.h>
 *     RATION_SCOPE("world/terrain") { tiles = malloc(bytes); }
 *
 * The shim's functions are looked up once for each source file, by dlsym(RTLD_DEFAULT). (Weak references to
 * them would not do: in an executable that is not position-independent the linker resolves them to 0 for
 * good.) dlsym itself is referred to weakly, so a static program links as before, and has no shim. C library
 * before glibc 2.34: link with -ldl, or scopes do nothing.
 *
 * All functions: from any thread, at any time; take no lock after the first call; need not be paired with
 * anything in ration.h, with which this header may be included. Not from signal handlers.
 */
#ifndef RATION_TAG_H
#define RATION_TAG_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Also where nothing is optimised: a scope is the caller's, and not of a frame below it that is gone at once. */
#define RATION_TAG_INLINE static inline __attribute__((always_inline))

/* 1 if libration.so is there, 0 if scopes do nothing. */
static inline int ration_tag_is_present(void);

/* The id of a category, as ration_category() of ration.h; 0 without the shim. Look it up once and keep it. */
static inline uint32_t ration_tag_category(const char *path);

/* Open and close a scope, as ration_enter() and ration_leave(); nothing without the shim. */
RATION_TAG_INLINE void ration_tag_enter(uint32_t category);
RATION_TAG_INLINE void ration_tag_leave(void);

/* The same at an anchor, as ration_enter_at() and ration_leave_at(); with a libration that has none, as above. */
RATION_TAG_INLINE void ration_tag_enter_at(uint32_t category, const void *anchor);
RATION_TAG_INLINE void ration_tag_leave_at(const void *anchor);

/*
 * The open scopes of a thread as a value, and to put them in place of another thread's or coroutine's, as
 * ration_scope_capture() and ration_scope_resume(). All zero: none is open; so it is without the shim.
 */
struct ration_tag_scopes {
  uint8_t bytes[64];
};
static inline void ration_tag_capture(struct ration_tag_scopes *ret_scopes);
static inline void ration_tag_resume(const struct ration_tag_scopes *scopes);

/* A mark in the ring of events, as ration_mark(); nothing without the shim, or with one that knows no marks. */
static inline void ration_tag_mark(const char *name, uint64_t number);

/*
 * Object pools for `ration report --pools`, as ration_pool_register(), _update() and _unregister() of ration.h. Without
 * the shim, or with one that knows no pools, there is no handle: register returns -ENOTSUP, the others -ENOENT.
 */
struct ration_pool_figures;
static inline int ration_tag_pool_register(const char *name, uint32_t category, size_t object_bytes);
static inline int ration_tag_pool_update(int handle, const struct ration_pool_figures *figures);
static inline int ration_tag_pool_unregister(int handle);

/* RATION_SCOPE("path") { ... }: see ration.h, whose own is used where that header is included too. */
#ifndef RATION_SCOPE
#define RATION_SCOPE(path) RATION_TAG_SCOPE_AT(path, __COUNTER__)
#endif

/* ---- what these are made of ---------------------------------------------------------------------------- */

#define RATION_TAG_SCOPE_AT(path, n)                                                                         \
  RATION_TAG_SCOPE_NAMED(path, RATION_TAG_JOIN(ration_scope_, n), RATION_TAG_JOIN(ration_id_, n),            \
                         RATION_TAG_JOIN(ration_anchor_, n))
#define RATION_TAG_JOIN(a, b)          RATION_TAG_JOIN_EXPANDED(a, b)
#define RATION_TAG_JOIN_EXPANDED(a, b) a##b
#define RATION_TAG_SCOPE_NAMED(path, scope, id, anchor)                                                      \
  for (char scope __attribute__((cleanup(ration_tag_scope_close))), *anchor = __extension__({                \
         static uint32_t id;                                                                                 \
         ration_tag_scope_open(&id, (path), &scope);                                                         \
       });                                                                                                   \
       anchor; anchor = 0)

/* Weak only as long as nothing else in the source file calls them. */
static void *ration_tag_dlsym(void *handle, const char *name) __attribute__((weakref("dlsym")));
static char *ration_tag_dlerror(void) __attribute__((weakref("dlerror")));

struct ration_tag_table {
  uint32_t (*category)(const char *path);
  void (*enter)(uint32_t category);
  void (*leave)(void);
  void (*enter_at)(uint32_t category, const void *anchor); /* NULL in an older libration */
  void (*leave_at)(const void *anchor);
  void (*capture)(struct ration_tag_scopes *ret_scopes); /* likewise */
  void (*resume)(const struct ration_tag_scopes *scopes);
  int (*mark)(const char *name, uint64_t number); /* likewise */
  int (*pool_register)(const char *name, uint32_t category, size_t object_bytes);
  int (*pool_update)(int handle, const struct ration_pool_figures *figures);
  int (*pool_unregister)(int handle);
  int is_looked_up;
};

/* Two threads may look up at once, and find the same: each word is stored whole, the flag last. */
static inline void *ration_tag_find(const char *name) {
  void *found = ration_tag_dlsym ? ration_tag_dlsym((void *)0, name) : (void *)0; /* RTLD_DEFAULT */
  if (!found && ration_tag_dlerror) ration_tag_dlerror(); /* not the program's error */
  return found;
}

static inline const struct ration_tag_table *ration_tag_functions(void) {
  static struct ration_tag_table functions;
  if (__builtin_expect(!__atomic_load_n(&functions.is_looked_up, __ATOMIC_ACQUIRE), 0)) {
    void *category = ration_tag_find("ration_category");
    void *enter = category ? ration_tag_find("ration_enter") : (void *)0;
    void *leave = enter ? ration_tag_find("ration_leave") : (void *)0;
    void *enter_at = leave ? ration_tag_find("ration_enter_at") : (void *)0;
    void *leave_at = enter_at ? ration_tag_find("ration_leave_at") : (void *)0;
    void *capture = leave_at ? ration_tag_find("ration_scope_capture") : (void *)0;
    void *resume = capture ? ration_tag_find("ration_scope_resume") : (void *)0;
    void *mark = resume ? ration_tag_find("ration_mark") : (void *)0;
    void *pool_register = mark ? ration_tag_find("ration_pool_register") : (void *)0;
    void *pool_update = pool_register ? ration_tag_find("ration_pool_update") : (void *)0;
    void *pool_unregister = pool_update ? ration_tag_find("ration_pool_unregister") : (void *)0;
    if (pool_unregister) {
      __atomic_store_n((void **)(void *)&functions.pool_register, pool_register, __ATOMIC_RELAXED);
      __atomic_store_n((void **)(void *)&functions.pool_update, pool_update, __ATOMIC_RELAXED);
      __atomic_store_n((void **)(void *)&functions.pool_unregister, pool_unregister, __ATOMIC_RELAXED);
    }
    if (mark) __atomic_store_n((void **)(void *)&functions.mark, mark, __ATOMIC_RELAXED);
    if (resume) {
      __atomic_store_n((void **)(void *)&functions.capture, capture, __ATOMIC_RELAXED);
      __atomic_store_n((void **)(void *)&functions.resume, resume, __ATOMIC_RELAXED);
    }
    if (leave_at) {
      __atomic_store_n((void **)(void *)&functions.leave_at, leave_at, __ATOMIC_RELAXED);
      __atomic_store_n((void **)(void *)&functions.enter_at, enter_at, __ATOMIC_RELAXED);
    }
    if (leave) {
      __atomic_store_n((void **)(void *)&functions.category, category, __ATOMIC_RELAXED);
      __atomic_store_n((void **)(void *)&functions.leave, leave, __ATOMIC_RELAXED);
      __atomic_store_n((void **)(void *)&functions.enter, enter, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&functions.is_looked_up, 1, __ATOMIC_RELEASE);
  }
  return &functions;
}

static inline int ration_tag_is_present(void) {
  return ration_tag_functions()->enter != 0;
}

static inline uint32_t ration_tag_category(const char *path) {
  const struct ration_tag_table *functions = ration_tag_functions();
  return functions->enter ? functions->category(path) : 0;
}

RATION_TAG_INLINE void ration_tag_enter(uint32_t category) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (functions->enter) functions->enter(category);
}

RATION_TAG_INLINE void ration_tag_leave(void) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (functions->enter) functions->leave();
}

RATION_TAG_INLINE void ration_tag_enter_at(uint32_t category, const void *anchor) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (__builtin_expect(functions->enter_at != 0, 1))
    functions->enter_at(category, anchor);
  else if (functions->enter)
    functions->enter(category);
}

RATION_TAG_INLINE void ration_tag_leave_at(const void *anchor) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (__builtin_expect(functions->leave_at != 0, 1))
    functions->leave_at(anchor);
  else if (functions->enter)
    functions->leave();
}

static inline void ration_tag_capture(struct ration_tag_scopes *ret_scopes) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (functions->resume)
    functions->capture(ret_scopes);
  else
    __builtin_memset(ret_scopes, 0, sizeof *ret_scopes);
}

static inline void ration_tag_resume(const struct ration_tag_scopes *scopes) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (functions->resume) functions->resume(scopes);
}

static inline void ration_tag_mark(const char *name, uint64_t number) {
  const struct ration_tag_table *functions = ration_tag_functions();
  if (functions->mark) functions->mark(name, number);
}

static inline int ration_tag_pool_register(const char *name, uint32_t category, size_t object_bytes) {
  const struct ration_tag_table *functions = ration_tag_functions();
  return functions->pool_unregister ? functions->pool_register(name, category, object_bytes) : -ENOTSUP;
}

static inline int ration_tag_pool_update(int handle, const struct ration_pool_figures *figures) {
  const struct ration_tag_table *functions = ration_tag_functions();
  return functions->pool_unregister ? functions->pool_update(handle, figures) : -ENOENT;
}

static inline int ration_tag_pool_unregister(int handle) {
  const struct ration_tag_table *functions = ration_tag_functions();
  return functions->pool_unregister ? functions->pool_unregister(handle) : -ENOENT;
}

RATION_TAG_INLINE char *ration_tag_scope_open(uint32_t *id, const char *path, char *scope) {
  uint32_t category = __atomic_load_n(id, __ATOMIC_RELAXED); /* an id alone: nothing to order */
  if (__builtin_expect(category == 0, 0)) {
    category = ration_tag_category(path);
    __atomic_store_n(id, category, __ATOMIC_RELAXED);
  }
  ration_tag_enter_at(category, scope);
  return scope;
}

RATION_TAG_INLINE void ration_tag_scope_close(const char *scope) {
  ration_tag_leave_at(scope);
}

#ifdef __cplusplus
}
#endif
#endif
