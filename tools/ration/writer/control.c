/*
 * control.c: one page, mapped for the time of one request.
 */
#include "writer/control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/atomics.h"
#include "reader/layout.h"

/* The control table of a process, open for writing. */
struct handle {
  int fd;
  void *page;
  size_t page_bytes;
  struct ration_segment_control *control;
};

static int check_process(const struct process *process, struct fault *ret_fault);
static int open_control(const struct process *process, struct handle *ret_handle, struct fault *ret_fault);
static int check_file(int fd, bool is_memfd, struct fault *ret_fault);
static int map_control(int fd, struct handle *ret_handle, struct fault *ret_fault);
static void close_control(struct handle *handle);
static uint64_t ask(struct ration_segment_control *control, const char *settings);
static int wait_for_answer(const struct process *process, struct ration_segment_control *control,
                           uint64_t asked, struct control_answer *ret_answer, struct fault *ret_fault);

int control_ask(const struct process *process, const char *settings, struct control_answer *ret_answer,
                struct fault *ret_fault) {
  if (strlen(settings) >= sizeof((struct ration_segment_control *)0)->text) {
    return fault_set(ret_fault, -E2BIG, "too many settings at once; ask for some of them first");
  }
  struct handle handle;
  int error = check_process(process, ret_fault);
  if (!error) error = open_control(process, &handle, ret_fault);
  if (error) return error;
  uint64_t asked = ask(handle.control, settings);
  error = wait_for_answer(process, handle.control, asked, ret_answer, ret_fault);
  close_control(&handle);
  return error;
}

static int check_process(const struct process *process, struct fault *ret_fault) {
  if (process->snapshot.passive) {
    return fault_set(ret_fault, -ENOTSUP,
                     "is not tracked, so it takes no settings; `ration report` says why");
  }
  struct place_name name;
  const char *slash = strrchr(process->path, '/');
  bool is_named = process->is_memfd || place_name_parse(slash ? slash + 1 : process->path, &name) == 0;
  if (!is_named) return fault_set(ret_fault, -ENOTSUP, "a copy of a segment; name the process by its pid");
  if (process_is_alive(process) || process->state == PROCESS_ELSEWHERE) return 0;
  return fault_set(ret_fault, -ESRCH, "has ended; settings are for running processes, see `ration list`");
}

static int open_control(const struct process *process, struct handle *ret_handle, struct fault *ret_fault) {
  int fd = open(process->path, O_RDWR | O_CLOEXEC | O_NONBLOCK | (process->is_memfd ? 0 : O_NOFOLLOW));
  if (fd < 0) return fault_set(ret_fault, -errno, "its segment cannot be written to: %s", strerror(errno));
  int error = check_file(fd, process->is_memfd, ret_fault);
  if (!error && flock(fd, LOCK_EX) != 0) {
    error = fault_set(ret_fault, -errno, "its segment cannot be locked: %s", strerror(errno));
  }
  if (!error) error = map_control(fd, ret_handle, ret_fault);
  if (error) close(fd);
  return error;
}

/* Not even root writes to what another user may shorten meanwhile. A memfd has a mode, but nobody to open it by. */
static int check_file(int fd, bool is_memfd, struct fault *ret_fault) {
  struct stat stat;
  if (fstat(fd, &stat) != 0) return fault_set(ret_fault, -errno, "its segment: %s", strerror(errno));
  if (stat.st_uid != geteuid())
    return fault_set(ret_fault, -EACCES, "belongs to user %u, who alone may change its settings",
                     stat.st_uid);
  bool is_open_to_others = !is_memfd && (stat.st_mode & (S_IWGRP | S_IWOTH));
  if (is_open_to_others)
    return fault_set(ret_fault, -EACCES, "its segment may be written by others (mode %04o); see chmod(1)",
                     stat.st_mode & 07777);
  return 0;
}

static int map_control(int fd, struct handle *ret_handle, struct fault *ret_fault) {
  struct stat stat;
  struct layout layout;
  if (fstat(fd, &stat) != 0) return fault_set(ret_fault, -errno, "its segment: %s", strerror(errno));
  struct segment_file file = {.fd = fd, .bytes = (uint64_t)stat.st_size};
  int error = layout_read(&file, &layout, ret_fault);
  if (error) return error;
  const struct layout_table *table = &layout.tables[RATION_TABLE_CONTROL];
  size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
  size_t within = table->offset % page_bytes;
  if (table->rows == 0) {
    return fault_set(ret_fault, -ENOTSUP,
                     "tracked by an older libration.so, which takes no settings while it runs");
  }
  size_t bytes = within + sizeof(struct ration_segment_control);
  void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(table->offset - within));
  if (page == MAP_FAILED)
    return fault_set(ret_fault, -errno, "its segment cannot be mapped: %s", strerror(errno));
  *ret_handle = (struct handle){
      .fd = fd, .page = page, .page_bytes = bytes, .control = (void *)((char *)page + within)};
  return 0;
}

/* With the descriptor the lock goes. */
static void close_control(struct handle *handle) {
  munmap(handle->page, handle->page_bytes);
  close(handle->fd);
}

/* Returns the number of the request. */
static uint64_t ask(struct ration_segment_control *control, const char *settings) {
  uint64_t writing =
      load_relaxed(&control->asked) | 1; /* only writers change it, and the lock keeps them apart */
  store_relaxed(&control->asked, writing);
  fence_full(); /* pairs with copy_request */
  for (size_t i = 0; i <= strlen(settings); i++) store_relaxed(&control->text[i], settings[i]);
  store_release(&control->asked, writing + 1); /* B, pairs with control_take_up_slow */
  return writing + 1;
}

static int wait_for_answer(const struct process *process, struct ration_segment_control *control,
                           uint64_t asked, struct control_answer *ret_answer, struct fault *ret_fault) {
  const struct timespec pause = {.tv_nsec = 1000000};
  const struct place_name *name = &process->snapshot.name;
  struct control_answer answer = {.result = CONTROL_PENDING};
  for (int i = 0; i < CONTROL_WAIT_MS; i++) {
    if (load_acquire(&control->answered) == asked) { /* pairs with answer */
      bool is_taken = load_relaxed(&control->result) == RATION_ANSWER_TAKEN;
      answer.result = is_taken ? CONTROL_TAKEN : CONTROL_REFUSED;
      for (size_t at = 0; at + 1 < sizeof answer.why; at++) answer.why[at] = load_relaxed(&control->why[at]);
      break;
    }
    nanosleep(&pause, NULL);
  }
  bool is_known = process->state != PROCESS_ELSEWHERE;
  if (answer.result == CONTROL_PENDING && is_known && !process_is_there(name->pid, name->start_ticks)) {
    return fault_set(ret_fault, -ESRCH, "has ended before it took the settings up");
  }
  *ret_answer = answer;
  return 0;
}
