/*
 * loader.c: dlopen and dlsym. Each is a jump to the next definition, so that the loader sees who called: whose RUNPATH
 * counts, and behind whom RTLD_NEXT begins.
 *
 * Where blocks come from the page heap, no block of it may come to libc's own free, which would take it for broken:
 *   - a library that is opened with RTLD_DEEPBIND finds libc's before ours: from then on new blocks are the system heap's
 *   - who asks libc itself for one of the malloc family by name (`CDLL("libc.so.6").free`) gets ours
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stddef.h>

#include "base/compiler.h"
#include "heap/heap.h"
#include "os/loader_calls.h"
#include "os/next.h"
#include "shim/surface.h"
#include "track/process.h"
#include "track/thread.h"

EXPORT loader_open dlopen;
EXPORT loader_symbol dlsym;

static loader_open first_open;
static loader_symbol first_symbol, lacking_symbol;
static loader_open lacking_open;

static struct loader_calls calls = {.open = first_open, .symbol = first_symbol};

EXPORT void *dlopen(const char *file, int flags) {
  if (UNLIKELY((flags & RTLD_DEEPBIND) != 0) && file) process_leave_pages(RATION_HEAP_DEEPBIND);
  return calls.open(file, flags);
}

static void *family_of_ours(void *found);

/* The answer is looked at where it does not matter who asks. */
static SLOW_PATH void *symbol_of(void *handle, const char *name) {
  void *found = calls.symbol(handle, name);
  return found && next.is_libc ? family_of_ours(found) : found;
}

EXPORT void *dlsym(void *handle, const char *name) {
  if (UNLIKELY(heap_is_paged()) && handle != RTLD_DEFAULT && handle != RTLD_NEXT)
    return symbol_of(handle, name);
  return calls.symbol(handle, name);
}

/* Ours for libc's own. */
static void *family_of_ours(void *found) {
  const struct {
    void *theirs, *ours;
  } family[] = {
      {(void *)next.malloc, (void *)malloc},
      {(void *)next.free, (void *)free},
      {(void *)next.calloc, (void *)calloc},
      {(void *)next.realloc, (void *)realloc},
      {(void *)next.usable, (void *)malloc_usable_size},
  };
  for (size_t i = 0; i < sizeof family / sizeof *family; i++)
    if (family[i].theirs == found) return family[i].ours;
  return found;
}

/* ---- the first call ---------------------------------------------------------------------------------------- */

static void find(void) {
  struct record *record = thread_go_inside();
  struct loader_calls found = loader_calls_find(&calls);
  thread_come_out(record);
  store_relaxed(&calls.open, found.open ? found.open : lacking_open); /* the same for whoever finds it */
  store_relaxed(&calls.symbol, found.symbol ? found.symbol : lacking_symbol);
}

static void *first_open(const char *file, int flags) {
  find();
  return calls.open(file, flags);
}

static void *first_symbol(void *handle, const char *name) {
  find();
  return calls.symbol(handle, name);
}

/* There is none below: a libc that is none. */
static void *lacking_open(const char *file, int flags) {
  (void)file, (void)flags;
  return NULL;
}

static void *lacking_symbol(void *handle, const char *name) {
  (void)handle, (void)name;
  return NULL;
}
