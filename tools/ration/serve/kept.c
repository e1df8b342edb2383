/*
 * kept.c: a table by names of segments.
 */
#include "serve/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "reader/growth.h"

#define STEPS      30 /* a window has about so many moments: see growth.h */
#define LONGEST_NS UINT64_C(300000000000)

/* Of one window. */
struct kept_growth {
  uint64_t due_at; /* CLOCK_MONOTONIC; 0: at once */
  bool is_known;
  int64_t own[RATION_CATEGORY_IDS]; /* by id */
};

struct kept {
  struct place_name name; /* the key: no byte of it is left as it was */
  bool is_found;
  struct process_kept process;
  uint32_t category_count; /* that the growth is of */
  struct kept_growth growth[GROWTH_WINDOWS];
  UT_hash_handle hh;
};

static uint64_t due_at(const struct process *process, const struct kept_growth *growth, uint64_t window_ns);

struct kept *kept_find(struct kept_book *book, const struct place_name *name) {
  struct place_name key;
  struct kept *kept;
  memset(&key, 0, sizeof key); /* also between its members */
  key.pid_namespace = name->pid_namespace;
  key.pid = name->pid;
  key.start_ticks = name->start_ticks;
  key.image = name->image;
  HASH_FIND(hh, book->first, &key, sizeof key, kept);
  if (!kept) {
    kept = calloc(1, sizeof *kept);
    if (!kept) return NULL;
    memcpy(&kept->name, &key, sizeof key);
    HASH_ADD(hh, book->first, name, sizeof kept->name, kept);
    if (!kept->hh.tbl) { /* so uthash says that it has no memory */
      free(kept);
      return NULL;
    }
  }
  kept->is_found = true;
  return kept;
}

struct process_kept *kept_process(struct kept *kept) {
  return &kept->process;
}

int kept_put_growth(struct kept *kept, struct process *process, struct fault *ret_fault) {
  struct snapshot *snapshot = &process->snapshot;
  unsigned due = 0;
  for (size_t i = 0; i < GROWTH_WINDOWS; i++)
    if (process->until_at >= kept->growth[i].due_at || kept->category_count != snapshot->category_count)
      due |= 1u << i;
  int error = due ? growth_read_own(process, due, ret_fault) : 0;
  if (error) return error;
  kept->category_count = snapshot->category_count;
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) {
    struct kept_growth *growth = &kept->growth[i];
    bool is_new = due & 1u << i;
    if (is_new) growth->is_known = snapshot->growth.is_known[i];
    if (is_new) growth->due_at = due_at(process, growth, growth_windows[i].ns);
    snapshot->growth.is_known[i] = growth->is_known;
    for (uint32_t id = 1; id <= snapshot->category_count && growth->is_known; id++) {
      struct category_growth *category = &snapshot->growth.of[i][id];
      if (is_new)
        growth->own[id] = category->own;
      else
        category->own = growth->own[id];
    }
  }
  return 0;
}

/*
 * After 1.5 to 3 moments of the window, but in some minutes, so that it is not done for all processes at the same time. What
 * is not known yet comes with half of the window, or with its first point a little later.
 */
static uint64_t due_at(const struct process *process, const struct kept_growth *growth, uint64_t window_ns) {
  uint64_t step_ns = window_ns / STEPS, age_ns = growth_end(process);
  uint64_t least_ns = step_ns * 3 / 2 < LONGEST_NS / 2 ? step_ns * 3 / 2 : LONGEST_NS / 2;
  uint64_t wait_ns = least_ns + least_ns / 16 * (process->snapshot.name.pid % 16);
  if (!growth->is_known) wait_ns = age_ns < window_ns / 2 ? window_ns / 2 - age_ns : step_ns / 16;
  return process->until_at + wait_ns;
}

void kept_drop_unfound(struct kept_book *book) {
  struct kept *kept, *next;
  HASH_ITER(hh, book->first, kept, next) {
    bool is_found = kept->is_found;
    kept->is_found = false;
    if (is_found) continue;
    HASH_DEL(book->first, kept); /* NOLINT(clang-analyzer-unix.Malloc): those that were freed are out of it */
    free(kept);
  }
}

void kept_free(struct kept_book *book) {
  struct kept *kept, *next;
  HASH_ITER(hh, book->first, kept, next) {
    HASH_DEL(book->first, kept); /* NOLINT(clang-analyzer-unix.Malloc): those that were freed are out of it */
    free(kept);
  }
}
