/*
 * iterate.c: dl_iterate_phdr, which shows the shim last.
 *
 * gcc's address sanitizer refuses to run where its runtime is not the first library in this list, and a preload
 * reaches every program of a process tree. Nobody else cares for the order. The list is gone through twice; a
 * module that comes or goes in between is seen as it would be by two calls.
 */
#include <link.h>
#include <stddef.h>

#include "base/atomics.h"
#include "os/module.h"
#include "os/next.h"
#include "shim/surface.h"
#include "track/thread.h"

typedef int (*visitor)(struct dl_phdr_info *info, size_t size, void *data);

/* One pass: all but the shim, or the shim alone. */
struct pass {
  visitor visit;
  void *data;
  int is_of_shim;
};

static int (*next_iterate)(visitor visit, void *data);

static int is_shim(const struct dl_phdr_info *info) {
  struct module module;
  return module_find(&next_iterate, &module) == 0 && info->dlpi_addr == module.start;
}

static int visit_one(struct dl_phdr_info *info, size_t size, void *data) {
  const struct pass *pass = data;
  return is_shim(info) == pass->is_of_shim ? pass->visit(info, size, pass->data) : 0;
}

EXPORT int dl_iterate_phdr(visitor visit, void *data) {
  int (*iterate)(visitor, void *) = load_relaxed(&next_iterate); /* the same for whoever looks */
  if (!iterate) {
    struct record *record = thread_go_inside();
    *(void **)&iterate = next_find("dl_iterate_phdr");
    thread_come_out(record);
    store_relaxed(&next_iterate, iterate);
  }
  struct pass pass = {.visit = visit, .data = data};
  int result = iterate(visit_one, &pass);
  pass.is_of_shim = 1;
  return result ? result : iterate(visit_one, &pass);
}
