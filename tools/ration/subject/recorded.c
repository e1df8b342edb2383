/*
 * recorded.c: images, put in order, and read as segments are.
 */
#include "subject/recorded.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* An image while it is put in order. */
struct candidate {
  struct process *process;
  uint64_t process_start; /* when the first image of its process started, since the epoch */
  uint32_t image;         /* in the recording */
  bool is_last;           /* of its process */
};

struct reading {
  struct recorded_list *list;
  struct candidate *candidates;
  size_t count;
  struct process *room; /* for one */
  uint32_t pid;         /* wanted; 0: all */
  uint64_t left_out;    /* images that cannot be read */
  int error;            /* why not, of the last, or of the last that is wanted; with words */
  struct fault fault;
  bool is_wanted; /* that one */
};

static int read_images(struct reading *reading, struct fault *ret_fault);
static int read_image(struct reading *reading, uint32_t number, struct fault *ret_fault);
static int read_place(const struct replay_image *image, const struct process_known *known,
                      const struct recorded *place, struct process *ret_process, struct fault *ret_fault);
static void leave_out(struct reading *reading, uint32_t number, int error, const struct fault *fault);
static int say_nothing_is_there(const struct reading *reading, struct fault *ret_fault);
static struct process_known known_of(const struct replay_image *image);
static int make_room(struct recorded_list *list, uint32_t count);
static struct process *put_into_room(const struct recorded_list *list, uint32_t number,
                                     const struct process *process);
static void find_last_images(struct reading *reading);
static void mark_replaced(struct process *process);
static int put_in_order(struct reading *reading, struct fault *ret_fault);
static int keep_one(struct reading *reading, struct fault *ret_fault);
static void remark_on_end(const struct reading *reading);
static void add_words(struct fault *remark, const char *format, ...) __attribute__((format(printf, 2, 3)));

int recorded_list_read(const char *path, uint32_t pid, struct recorded_list *ret_list,
                       struct fault *ret_fault) {
  struct recorded_list list = {.path = strdup(path), .modules = symbol_modules_new()};
  struct reading reading = {.list = &list, .room = malloc(sizeof *reading.room), .pid = pid};
  int error = -ENOMEM;
  if (list.path && list.modules && reading.room)
    error = replay_read(path, REPLAY_ALL, NULL, &list.replay, ret_fault);
  else
    fault_set(ret_fault, error, "not enough memory to read it");
  if (!error) error = read_images(&reading, ret_fault);
  if (!error) {
    find_last_images(&reading);
    error = put_in_order(&reading, ret_fault);
  }
  if (!error) remark_on_end(&reading);
  free(reading.candidates);
  free(reading.room);
  if (error) {
    recorded_list_free(&list);
    return error;
  }
  *ret_list = list;
  return 0;
}

void recorded_list_free(struct recorded_list *list) {
  if (list->room) munmap(list->room, list->room_bytes);
  free(list->processes);
  free(list->places);
  symbol_modules_free(list->modules);
  replay_close(list->replay);
  free(list->path);
  *list = (struct recorded_list){0};
}

static int read_images(struct reading *reading, struct fault *ret_fault) {
  struct recorded_list *list = reading->list;
  uint32_t count = list->replay->count;
  list->places = calloc(count + 1, sizeof *list->places);
  list->processes = calloc(count + 1, sizeof *list->processes);
  reading->candidates = calloc(count + 1, sizeof *reading->candidates);
  if (!list->places || !list->processes || !reading->candidates || make_room(list, count) != 0) {
    fault_set(ret_fault, -ENOMEM, "not enough memory to read it");
    return -ENOMEM;
  }
  int error = 0;
  for (uint32_t i = 0; i < count && !error; i++) error = read_image(reading, i, ret_fault);
  return error || reading->count > 0 ? error : say_nothing_is_there(reading, ret_fault);
}

static int say_nothing_is_there(const struct reading *reading, struct fault *ret_fault) {
  unsigned long long damaged_at = reading->list->replay->damaged_at;
  if (reading->left_out) {
    *ret_fault = reading->fault;
    return reading->error;
  }
  if (damaged_at)
    return fault_set(ret_fault, -ENODATA, "no process is in it: all is damaged from byte %llu on",
                     damaged_at);
  return fault_set(ret_fault, -ENODATA, "no process is in it yet: it ends before its first moment");
}

/* One that nothing was written of yet is none. A bad one is no reason to show nothing of the others. */
static int read_image(struct reading *reading, uint32_t number, struct fault *ret_fault) {
  struct recorded_list *list = reading->list;
  const struct replay_image *image = &list->replay->images[number];
  struct process_known known = known_of(image);
  struct recorded *place = &list->places[number];
  struct fault fault;
  *place = (struct recorded){
      .path = list->path, .replay = list->replay, .image = number, .modules = list->modules};
  int error = read_place(image, &known, place, reading->room, &fault);
  if (error == -EAGAIN) return 0;
  if (error == -ENOMEM) return fault_set(ret_fault, error, "not enough memory to read it");
  if (error) {
    leave_out(reading, number, error, &fault);
    return 0;
  }
  if (image->has_resident) {
    const struct process *process = reading->room;
    uint64_t until =
        process->state == PROCESS_RUNNING || !known.ended_at_ns ? known.last_ns : known.ended_at_ns;
    process_set_resident_until(reading->room, &image->resident, until);
  }
  struct candidate *candidate = &reading->candidates[reading->count];
  *candidate = (struct candidate){.process = put_into_room(list, number, reading->room), .image = number};
  reading->count++;
  return 0;
}

static int read_place(const struct replay_image *image, const struct process_known *known,
                      const struct recorded *place, struct process *ret_process, struct fault *ret_fault) {
  char path[SEGMENT_WINDOW_PATH_BYTES];
  if (image->is_left_out)
    return fault_set(ret_fault, -E2BIG,
                     "it needs more than half of this machine's memory; read it on a larger one");
  if (!image_may_have(image->is.bytes))
    return fault_set(ret_fault, -EBADMSG, "a segment of %llu bytes", (unsigned long long)image->is.bytes);
  if (!image->image.start) return -EAGAIN;
  image_path(&image->image, path);
  return process_read_recorded(path, known, place, ret_process, ret_fault);
}

static void leave_out(struct reading *reading, uint32_t number, int error, const struct fault *fault) {
  uint32_t pid = reading->list->replay->images[number].is.name.pid;
  reading->left_out++;
  if (reading->is_wanted && pid != reading->pid) return;
  reading->is_wanted = reading->pid && pid == reading->pid;
  reading->error =
      fault_set(&reading->fault, error, "process %u of it, pid %u: %.300s", number, pid, fault->words);
}

static struct process_known known_of(const struct replay_image *image) {
  struct process_known known = {.last_at = image->last.at, .last_ns = image->last.epoch_ns};
  if (!image->has_ended) return known;
  known.has_ended = true;
  known.state = (enum process_state)image->end.state;
  known.was_waited_for = image->end.wait_status > 0;
  known.wait_status = known.was_waited_for ? (int)(image->end.wait_status - 1) : 0;
  known.ended_at_ns = image->end.ended_at_ns;
  return known;
}

/*
 * A process has room for more of everything than it uses: in a room of whole pages those that are zero stay untouched,
 * and take no memory, where there are a thousand processes.
 */
#define PAGE_BYTES 4096
#define SLOT_BYTES ((sizeof(struct process) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES)

static int make_room(struct recorded_list *list, uint32_t count) {
  size_t bytes = (count + UINT64_C(1)) * SLOT_BYTES;
  void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return -ENOMEM;
  madvise(room, bytes, MADV_NOHUGEPAGE); /* not known where there are none: then it is so */
  list->room = room;
  list->room_bytes = bytes;
  return 0;
}

static struct process *put_into_room(const struct recorded_list *list, uint32_t number,
                                     const struct process *process) {
  static const char zeroes[PAGE_BYTES];
  char *to = (char *)list->room + number * SLOT_BYTES;
  for (size_t at = 0; at < sizeof *process; at += PAGE_BYTES) {
    size_t count = sizeof *process - at < PAGE_BYTES ? sizeof *process - at : PAGE_BYTES;
    const char *from = (const char *)process + at;
    if (memcmp(from, zeroes, count) != 0) memcpy(to + at, from, count);
  }
  return (struct process *)(void *)to;
}

static int compare_numbers(uint64_t left, uint64_t right) {
  return left < right ? -1 : left > right;
}

static int compare_owners(const struct candidate *left, const struct candidate *right) {
  const struct place_name *a = &left->process->snapshot.name, *b = &right->process->snapshot.name;
  int order = compare_numbers(a->pid_namespace, b->pid_namespace);
  if (order == 0) order = compare_numbers(a->pid, b->pid);
  return order ? order : compare_numbers(a->start_ticks, b->start_ticks);
}

/* Images of a process one behind the other. */
static int by_owner(const void *a, const void *b) {
  const struct candidate *left = a, *right = b;
  int order = compare_owners(left, right);
  if (order == 0)
    order = compare_numbers(left->process->snapshot.name.image, right->process->snapshot.name.image);
  return order ? order : compare_numbers(left->image, right->image);
}

static int by_start(const void *a, const void *b) {
  const struct candidate *left = a, *right = b;
  int order = compare_numbers(left->process->snapshot.started_at_ns, right->process->snapshot.started_at_ns);
  return order ? order : compare_numbers(left->image, right->image);
}

static void find_last_images(struct reading *reading) {
  struct candidate *candidates = reading->candidates;
  qsort(candidates, reading->count, sizeof *candidates, by_owner);
  for (size_t i = 0; i < reading->count; i++) {
    bool is_first = i == 0 || compare_owners(&candidates[i - 1], &candidates[i]) != 0;
    candidates[i].process_start =
        is_first ? candidates[i].process->snapshot.started_at_ns : candidates[i - 1].process_start;
    candidates[i].is_last =
        i + 1 == reading->count || compare_owners(&candidates[i], &candidates[i + 1]) != 0;
    if (!candidates[i].is_last) mark_replaced(candidates[i].process);
  }
}

/* Where its end was not recorded: there is a later image, so it was. */
static void mark_replaced(struct process *process) {
  if (process->state == PROCESS_REPLACED) return;
  process->state = PROCESS_REPLACED;
  process->threads = 0;
  process->uptime_seconds = -1;
  process->error_bound_bytes = process->snapshot.doubt_bytes;
  process->until_at = process->snapshot.last_at;
}

static int put_in_order(struct reading *reading, struct fault *ret_fault) {
  struct recorded_list *list = reading->list;
  qsort(reading->candidates, reading->count, sizeof *reading->candidates, by_start);
  if (reading->pid) return keep_one(reading, ret_fault);
  size_t program = reading->count;
  for (size_t i = 0; i < reading->count; i++) {
    const struct candidate *candidate = &reading->candidates[i];
    bool is_earlier =
        program == reading->count || candidate->process_start < reading->candidates[program].process_start;
    if (candidate->is_last && is_earlier) program = i;
  }
  list->processes[list->count++] = reading->candidates[program].process;
  for (size_t i = 0; i < reading->count; i++)
    if (i != program) list->processes[list->count++] = reading->candidates[i].process;
  return 0;
}

/* Where a pid was given out twice, the later process is meant. */
static int keep_one(struct reading *reading, struct fault *ret_fault) {
  uint32_t pid = reading->pid;
  struct candidate *found = NULL;
  for (size_t i = 0; i < reading->count; i++) {
    struct candidate *candidate = &reading->candidates[i];
    if (candidate->is_last && candidate->process->snapshot.name.pid == pid) found = candidate;
  }
  if (!found && reading->is_wanted) {
    *ret_fault = reading->fault;
    return reading->error;
  }
  if (!found) {
    fault_set(ret_fault, -ENOENT,
              "no process of pid %u is in this recording; `ration report` of it names all", pid);
    return -ENOENT;
  }
  reading->list->processes[reading->list->count++] = found->process;
  return 0;
}

static void remark_on_end(const struct reading *reading) {
  const struct recorded_list *list = reading->list;
  const struct replay *replay = list->replay;
  for (size_t i = 0; i < list->count; i++)
    if (list->processes[i]->state == PROCESS_RUNNING)
      add_words(&list->processes[i]->recording_remark,
                "recorded up to here: what has become of the process since is not in it");
  struct fault *remark = &list->processes[0]->recording_remark;
  if (replay->damaged_at)
    add_words(remark, "the recording is damaged from byte %llu on: %llu bytes are left out",
              (unsigned long long)replay->damaged_at, (unsigned long long)replay->cut_bytes);
  else if (replay->cut_bytes)
    add_words(remark, "the recording ends in the middle of a packet: %llu bytes are left out",
              (unsigned long long)replay->cut_bytes);
  else if (!replay->has_finished)
    add_words(remark, "the recording was not ended in order: what came last may be missing");
  if (reading->left_out && (!reading->pid || reading->is_wanted))
    add_words(remark, "%llu %s left out; of the last: %s", (unsigned long long)reading->left_out,
              reading->left_out == 1 ? "process is" : "processes are", reading->fault.words);
}

/* Behind those that stand there; as far as there is room. */
static void add_words(struct fault *remark, const char *format, ...) {
  size_t length = strlen(remark->words), room = sizeof remark->words - length;
  int between = length ? snprintf(remark->words + length, room, "; ") : 0;
  if ((size_t)between >= room) return;
  va_list values;
  va_start(values, format);
  vsnprintf(remark->words + length + between, room - (size_t)between, format, values);
  va_end(values);
}
