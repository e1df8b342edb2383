/*
 * thread_list.h: who allocates: what each thread that owns a slab has counted, and, in one sum, all that is nobody's.
 *
 * Sums of all rows are those of all slabs; while the program runs, each is of its own moment.
 */
#ifndef RATION_TOOL_READER_THREAD_LIST_H
#define RATION_TOOL_READER_THREAD_LIST_H

#include "reader/layout.h"

struct thread_facts {
  uint32_t tid;                        /* 0: all the rest */
  char name[RATION_THREAD_NAME_BYTES]; /* NUL-terminated; any byte; "": not known */
  uint64_t allocations;
  uint64_t frees;
  uint64_t allocated_bytes;
};

struct thread_list {
  size_t count;
  struct thread_facts *thread; /* the largest by allocated bytes first; allocated */
  struct thread_facts rest;    /* of threads that have ended or found no slab, and of before a fork */
};

/*
 * Reads the slabs of the segment at `path`. Returns 0, with a list that is to be freed, or what segment_file_open() and
 * layout_read() return, or -ENOMEM, or -EBADMSG; with words.
 */
int thread_list_read_path(const char *path, bool is_memfd, struct thread_list *ret_list,
                          struct fault *ret_fault);
int thread_list_read(const struct segment_file *file, struct thread_list *ret_list, struct fault *ret_fault);
void thread_list_free(struct thread_list *list);

/* Takes the names that the threads of a process that lives have by now: what the segment has are those of their start. */
void thread_list_follow_names(struct thread_list *list, uint32_t pid);

#endif
