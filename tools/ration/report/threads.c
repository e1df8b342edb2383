/*
 * threads.c: report --threads: who allocates.
 */
#include "report/looks.h"
#include "select.h"
#include "view/process_view.h"
#include "view/thread_view.h"

int look_threads(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                 int *ret_status, struct fault *ret_fault) {
  (void)wishes;
  (void)ret_status;
  struct thread_list threads = {0};
  int error = thread_list_read_path(process->path, process->is_memfd, &threads, ret_fault);
  if (error) return error;
  if (process_is_alive(process)) thread_list_follow_names(&threads, process->snapshot.name.pid);
  process_view_instead(emitter, process, &selected, thread_view_table, &threads);
  thread_list_free(&threads);
  return 0;
}
