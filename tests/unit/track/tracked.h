/*
 * tracked.h: this test process tracks itself, without preloading: blocks that it takes through the functions
 * below are counted, all others are none of the shim's business.
 */
#ifndef RATION_TESTS_TRACK_TRACKED_H
#define RATION_TESTS_TRACK_TRACKED_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/books.h"
#include "model/category.h"
#include "os/shared_file.h"
#include "track/process.h"
#include "track/resize.h"
#include "track/sampling.h"
#include "track/scope.h"
#include "track/segment_home.h"
#include "track/track.h"

/* Who opens and closes scopes in a test. */
#define FRAME ((struct scope_caller){.frame = 0x7ffff000, .address = (uintptr_t)&tracked_start})

/* A folder of its own for the segment; to be removed by tracked_leave_folder. */
static inline void tracked_enter_folder(char folder[64]) {
  snprintf(folder, 64, "/tmp/ration-unit-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  setenv("RATION_DIR", folder, 1);
  process_needs_interposition = 0;
}

static inline void tracked_leave_folder(const char *folder) {
  if (segment_home_path()[0]) shared_file_remove(segment_home_path());
  cr_assert_eq(rmdir(folder), 0, "%s", folder);
}

static inline void tracked_start(void) {
  char folder[64];
  tracked_enter_folder(folder);
  cr_assert_eq(process_ready(), PROCESS_TRACKING);
  tracked_leave_folder(folder);
}

/* The caller is this program: blocks go to bin/NAME, unless a scope is open. */
static inline void *tracked_malloc(size_t size) {
  int no_error = 0;
  struct request request = {.kind = REQUEST_MALLOC, .size = size, .count = 1};
  return track_allocate(request, (struct asker){(uintptr_t)&tracked_start, NULL}, &no_error);
}

/* The next block brings a heartbeat with it. */
static inline void tracked_beat_next(void) {
  thread.record->armed = HEARTBEAT_BYTES;
  thread.record->countdown = 0;
}

/* In a scope of that category. */
static inline void *tracked_hold(uint32_t category, size_t size) {
  scope_open(category, FRAME);
  void *block = tracked_malloc(size);
  scope_close(FRAME);
  return block;
}

static inline void *tracked_realloc(void *block, size_t size) {
  struct request request = {.kind = REQUEST_REALLOC, .size = size, .count = 1};
  return track_resize(block, request, (struct asker){(uintptr_t)&tracked_start, NULL});
}

static inline void tracked_free(void *block) {
  track_free(block, (struct release){0});
}

static inline uint32_t tracked_category(const char *path) {
  uint32_t id = 0;
  cr_assert_eq(category_add(&segment, path, RATION_KIND_PROGRAM, &id), 0);
  return id;
}

/* The category of this program's own blocks. */
static inline uint32_t tracked_own(void) {
  char path[128];
  snprintf(path, sizeof path, "bin/%s", identity.program);
  return tracked_category(path);
}

/* What the heap says is held, by category: for when nothing else runs. */
struct tracked_recount {
  uint64_t bytes[RATION_CATEGORY_IDS];
  uint64_t blocks[RATION_CATEGORY_IDS];
};

static inline void tracked_recount_block(void *context, void *block, unsigned char tag) {
  struct tracked_recount *recount = context;
  if (page_heap_find(block)) return; /* a sample, among those of its page */
  uint32_t id = sampling_category(block, tag);
  recount->bytes[id] += heap_usable(block);
  recount->blocks[id]++;
}

static inline void tracked_recount_page(void *context, const struct heap_page *page, uint64_t blocks) {
  struct tracked_recount *recount = context;
  recount->bytes[page->category] += blocks * page_heap_usable(page);
  recount->blocks[page->category] += blocks;
}

static inline struct tracked_recount tracked_recount(void) {
  struct tracked_recount recount = {0};
  heap_trim(thread.stock); /* nothing is on its way to another thread's pages */
  tag_map_visit(tracked_recount_block, &recount);
  page_heap_visit(NULL, tracked_recount_page, &recount);
  if (heap_is_paged()) cr_expect(page_heap_is_valid());
  return recount;
}

#endif
