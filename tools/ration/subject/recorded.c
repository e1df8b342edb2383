/*
 * recorded.c: images, put in order, and read as segments are.
 */
#include "subject/recorded.h"

#include <errno.h>
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
};

static int read_images(struct reading *reading, struct fault *ret_fault);
static int read_image(struct reading *reading, uint32_t number, struct fault *ret_fault);
static struct process_known known_of(const struct replay_image *image);
static int make_room(struct recorded_list *list, uint32_t count);
static struct process *put_into_room(const struct recorded_list *list, uint32_t number,
                                     const struct process *process);
static void find_last_images(struct reading *reading);
static void mark_replaced(struct process *process);
static int put_in_order(struct reading *reading, uint32_t pid, struct fault *ret_fault);
static int keep_one(struct reading *reading, uint32_t pid, struct fault *ret_fault);
static void remark_on_end(struct reading *reading);

int recorded_list_read(const char *path, uint32_t pid, struct recorded_list *ret_list,
                       struct fault *ret_fault) {
  struct recorded_list list = {.path = strdup(path)};
  struct reading reading = {.list = &list, .room = malloc(sizeof *reading.room)};
  int error = -ENOMEM;
  if (list.path && reading.room)
    error = replay_read(path, REPLAY_ALL, NULL, &list.replay, ret_fault);
  else
    fault_set(ret_fault, error, "not enough memory to read it");
  if (!error) error = read_images(&reading, ret_fault);
  if (!error) {
    find_last_images(&reading);
    error = put_in_order(&reading, pid, ret_fault);
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
  if (error || reading->count > 0) return error;
  fault_set(ret_fault, -ENODATA, "no process is in it yet: it ends before its first moment");
  return -ENODATA;
}

/* One that nothing was written of yet is none. */
static int read_image(struct reading *reading, uint32_t number, struct fault *ret_fault) {
  struct recorded_list *list = reading->list;
  const struct replay_image *image = &list->replay->images[number];
  struct process_known known = known_of(image);
  struct recorded *place = &list->places[number];
  struct fault fault;
  char path[IMAGE_PATH_BYTES];
  image_path(&image->image, path);
  *place = (struct recorded){.path = list->path, .replay = list->replay, .image = number};
  int error = process_read_recorded(path, &known, place, reading->room, &fault);
  if (error == -EAGAIN) return 0;
  if (error)
    return fault_set(ret_fault, error, "process %u of it, pid %u: %.300s", number, image->is.name.pid,
                     fault.words);
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
  process->error_bound_bytes = process->snapshot.difference_bytes;
  process->until_at = process->snapshot.last_at;
}

static int put_in_order(struct reading *reading, uint32_t pid, struct fault *ret_fault) {
  struct recorded_list *list = reading->list;
  qsort(reading->candidates, reading->count, sizeof *reading->candidates, by_start);
  if (pid) return keep_one(reading, pid, ret_fault);
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
static int keep_one(struct reading *reading, uint32_t pid, struct fault *ret_fault) {
  struct candidate *found = NULL;
  for (size_t i = 0; i < reading->count; i++) {
    struct candidate *candidate = &reading->candidates[i];
    if (candidate->is_last && candidate->process->snapshot.name.pid == pid) found = candidate;
  }
  if (!found) {
    fault_set(ret_fault, -ENOENT,
              "no process of pid %u is in this recording; `ration report` of it names all", pid);
    return -ENOENT;
  }
  reading->list->processes[reading->list->count++] = found->process;
  return 0;
}

static void remark_on_end(struct reading *reading) {
  const struct recorded_list *list = reading->list;
  const struct replay *replay = list->replay;
  char words[200] = "";
  if (replay->cut_bytes)
    snprintf(words, sizeof words, "the recording ends in the middle of a packet: %llu bytes are left out",
             (unsigned long long)replay->cut_bytes);
  else if (!replay->has_finished)
    snprintf(words, sizeof words, "the recording was not ended in order: what came last may be missing");
  for (size_t i = 0; i < list->count; i++) {
    struct process *process = list->processes[i];
    const char *running = process->state == PROCESS_RUNNING
                              ? "recorded up to here: what has become of the process since is not in it"
                              : "";
    const char *broken = i == 0 ? words : "";
    snprintf(process->recording_remark.words, sizeof process->recording_remark.words, "%s%s%s", running,
             *running && *broken ? "; " : "", broken);
  }
}
