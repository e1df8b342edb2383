/*
 * limits.c: setrlimit, prlimit and mlockall: forwarded to the next definition. What a limit counts, and a lock takes, is all
 * address space, that of the page heap among it, most of which nothing lies in: a program that sets itself a limit of 2 GiB,
 * or may lock as much, would be over it at once. So the page heap is left, and what was never used of it goes back.
 *
 * And prctl, by which a process may have itself killed for system calls: the shim's own are not to be the ones.
 *
 * A limit that another process sets (prlimit(1)) is not seen.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "heap/heap.h"
#include "os/next.h"
#include "os/process.h"
#include "os/sandbox.h"
#include "shim/limits.h"
#include "shim/surface.h"
#include "track/process.h"
#include "track/thread.h"

/* The same for whoever looks. NULL: there is none below. */
static void *next_of(void **known, const char *name) {
  void *found = load_relaxed(known); /* the same for whoever finds it */
  if (found) return found;
  struct record *record = thread_go_inside();
  found = next_find_after(known, name);
  thread_come_out(record);
  store_relaxed(known, found); /* likewise */
  if (!found) errno = ENOSYS;
  return found;
}

/* But for a child of vfork, which is about to be another program: the heap is still its parent's. */
static void leave_pages(uint32_t why) {
  int kept_errno = errno;
  int is_borrowed = process_state_now() == PROCESS_TRACKING && process_id() != identity.pid;
  if (heap_gives_pages() && !is_borrowed) {
    process_leave_pages(why);
    heap_shrink();
  }
  errno = kept_errno;
}

/* The structs of either name are the same. */
_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64) &&
                   offsetof(struct rlimit, rlim_cur) == offsetof(struct rlimit64, rlim_cur) &&
                   RLIM_INFINITY == RLIM64_INFINITY,
               "they are");

static void follow(int result, int resource, const uint64_t *limit) {
  int is_limit = result == 0 && limit && *limit != RLIM_INFINITY;
  if (is_limit && (resource == RLIMIT_AS || resource == RLIMIT_DATA)) leave_pages(RATION_HEAP_LIMITED);
}

static int set(void *function, int resource, const void *limit) {
  int (*next_set)(int, const void *);
  *(void **)&next_set = function;
  int result = next_set ? next_set(resource, limit) : -1;
  follow(result, resource, limit);
  return result;
}

EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
  static void *known;
  return set(next_of(&known, "setrlimit"), (int)resource, limit);
}

EXPORT int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit) {
  static void *known;
  return set(next_of(&known, "setrlimit64"), (int)resource, limit);
}

static int set_of(void *function, pid_t pid, int resource, const void *limit, void *ret_old) {
  int (*next_set)(pid_t, int, const void *, void *);
  *(void **)&next_set = function;
  int result = next_set ? next_set(pid, resource, limit, ret_old) : -1;
  if (pid == 0 || (uint32_t)pid == process_id()) follow(result, resource, limit);
  return result;
}

EXPORT int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limit,
                   struct rlimit *ret_old) {
  static void *known;
  return set_of(next_of(&known, "prlimit"), pid, (int)resource, limit, ret_old);
}

EXPORT int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limit,
                     struct rlimit64 *ret_old) {
  static void *known;
  return set_of(next_of(&known, "prlimit64"), pid, (int)resource, limit, ret_old);
}

/* Before it: what is reserved would count. */
EXPORT int mlockall(int flags) {
  static void *known;
  int (*next_lock)(int);
  *(void **)&next_lock = next_of(&known, "mlockall");
  if (!next_lock) return -1;
  leave_pages(RATION_HEAP_LOCKED);
  return next_lock(flags);
}

/* A forked child asks for this one, where the loader may be locked for ever: it is looked up at the start. */
static void *prctl_next;

void limits_find(void) {
  next_of(&prctl_next, "prctl");
}

EXPORT int prctl(int operation, ...) {
  int (*next_prctl)(int, unsigned long, unsigned long, unsigned long, unsigned long);
  unsigned long words[4];
  va_list arguments;
  va_start(arguments, operation);
  for (int i = 0; i < 4; i++) words[i] = va_arg(arguments, unsigned long);
  va_end(arguments);
  *(void **)&next_prctl = next_of(&prctl_next, "prctl");
  int result = next_prctl ? next_prctl(operation, words[0], words[1], words[2], words[3]) : -1;
  if (operation == PR_SET_SECCOMP && result == 0)
    sandbox_note(words[0] == SECCOMP_MODE_FILTER ? (const struct sock_fprog *)words[1] : NULL);
  return result;
}
