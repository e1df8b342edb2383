/*
 * thread_list.c: slab by slab: a copy of it, then its owner once more: where that is another one by now, nobody can say
 * whose the counts are, and they go to the rest.
 */
#include "reader/thread_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/procfs.h"

static int read_slabs(const struct segment_file *file, const struct layout *layout, struct thread_list *list);
static void take_slab(struct thread_list *list, const struct ration_segment_slab *slab, bool has_owner);
static struct thread_facts sum_of(const struct ration_segment_slab *slab);
static uint64_t move(uint64_t *from, uint64_t before);
static int compare_bytes(const void *a, const void *b);

int thread_list_read_path(const char *path, bool is_memfd, struct thread_list *ret_list,
                          struct fault *ret_fault) {
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = thread_list_read(&file, ret_list, ret_fault);
  segment_file_close(&file);
  return error;
}

int thread_list_read(const struct segment_file *file, struct thread_list *ret_list, struct fault *ret_fault) {
  struct layout layout;
  int error = layout_read(file, &layout, ret_fault);
  if (error) return error;
  struct thread_list list = {.thread = calloc((size_t)layout.header.slab_count + 1, sizeof *list.thread)};
  if (!list.thread) return fault_set(ret_fault, -ENOMEM, "not enough memory to read its threads");
  error = read_slabs(file, &layout, &list);
  if (error) {
    thread_list_free(&list);
    return fault_set(ret_fault, -EBADMSG, "corrupted or shrinking: %s", strerror(-error));
  }
  qsort(list.thread, list.count, sizeof *list.thread, compare_bytes);
  *ret_list = list;
  return 0;
}

void thread_list_free(struct thread_list *list) {
  free(list->thread);
  *list = (struct thread_list){0};
}

void thread_list_follow_names(struct thread_list *list, uint32_t pid) {
  for (size_t i = 0; i < list->count; i++)
    procfs_thread_name(pid, list->thread[i].tid, list->thread[i].name, sizeof list->thread[i].name);
}

static int read_slabs(const struct segment_file *file, const struct layout *layout,
                      struct thread_list *list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_SLABS];
  for (uint32_t i = 0; i < layout->header.slab_count; i++) {
    struct ration_segment_slab slab;
    uint32_t owner = 0;
    int error = layout_copy_row(file, table, i, &slab, sizeof slab);
    if (!error && i > 0) error = layout_copy_row(file, table, i, &owner, sizeof owner);
    if (error) return error;
    take_slab(list, &slab, owner != 0 && owner == slab.u.head.owner);
  }
  return 0;
}

static void take_slab(struct thread_list *list, const struct ration_segment_slab *slab, bool has_owner) {
  const struct ration_segment_slab_head *head = &slab->u.head;
  struct thread_facts sum = sum_of(slab), *rest = &list->rest;
  if (has_owner) {
    struct thread_facts *thread = &list->thread[list->count++];
    thread->tid = head->owner;
    memcpy(thread->name, head->name, sizeof thread->name);
    thread->name[sizeof thread->name - 1] = 0;
    thread->allocations = move(&sum.allocations, head->allocations_before);
    thread->frees = move(&sum.frees, head->frees_before);
    thread->allocated_bytes = move(&sum.allocated_bytes, head->allocated_bytes_before);
  }
  rest->allocations += sum.allocations;
  rest->frees += sum.frees;
  rest->allocated_bytes += sum.allocated_bytes;
}

static struct thread_facts sum_of(const struct ration_segment_slab *slab) {
  struct thread_facts sum = {0};
  for (size_t id = 1; id < RATION_CATEGORY_IDS; id++) {
    sum.allocations += slab->u.tally[id].allocations;
    sum.frees += slab->u.tally[id].frees;
    sum.allocated_bytes += slab->u.tally[id].allocated_bytes;
  }
  return sum;
}

/* What came since goes from the sum; what was before stays. */
static uint64_t move(uint64_t *from, uint64_t before) {
  uint64_t since = *from > before ? *from - before : 0;
  *from -= since;
  return since;
}

static int compare_bytes(const void *a, const void *b) {
  const struct thread_facts *left = a, *right = b;
  if (left->allocated_bytes != right->allocated_bytes)
    return left->allocated_bytes < right->allocated_bytes ? 1 : -1;
  return left->tid < right->tid ? -1 : left->tid > right->tid;
}
