/*
 * recorder.c: an entry for each segment: opened as it appears, recorded as soon as it can be read and is known to be of
 * the tree, read one last time when its process is over, and then kept by name alone.
 */
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "complain.h"
#include "launch/taking.h"
#include "reader/procfs.h"
#include "record/followed.h"

#define SECOND_NS UINT64_C(1000000000)

/* The most of the time that looks, and looks at resident memory, take: parts of one. */
#define LOOK_SHARE     20
#define RESIDENT_SHARE 400

struct entry {
  struct place_name name;
  struct segment_file file;  /* of one that could not be read yet */
  struct followed *followed; /* else */
  uint64_t resident_due_at;
  struct entry *next; /* of the spare ones */
  UT_hash_handle hh;
};

/* One that is done with. */
struct past {
  struct place_name name;
  UT_hash_handle hh;
};

struct recorder {
  struct recorder_wishes wishes;
  struct kin kin;
  struct session_follower follower;
  struct recording_writer *writer; /* NULL: not yet, or no longer */
  const char *path;                /* of the recording */
  int error;
  struct entry *entries;
  struct entry *spare; /* entries that were dropped, for the next ones */
  struct past *past;
  uint32_t program_pid;
  uint64_t program_start;
  struct process *program; /* NULL: it has not ended */
  uint32_t program_image;
  struct process *process; /* room for one */
  struct naming *naming;   /* NULL: not wished for */
  struct recorder_sums sums;
  uint64_t due_at, ticked_at; /* CLOCK_MONOTONIC */
};

static void appear(const struct place *place, void *context);
static void end(const struct place *place, bool is_last_image, void *context);
static bool is_searching(const struct recorder *recorder);
static uint64_t tick(uint64_t now, void *context);
static struct entry *find_entry(const struct recorder *recorder, const struct place_name *name);
static struct entry *add_entry(struct recorder *recorder, const struct place *place);
static void drop_entry(struct recorder *recorder, struct entry *entry);
static void drop_all(struct recorder *recorder);
static struct entry *take_spare(struct recorder *recorder);
static void empty_entry(struct entry *entry);
static void remember(struct recorder *recorder, const struct place_name *name);
static bool is_past(const struct recorder *recorder, const struct place_name *name);
static int open_image(struct recorder *recorder, struct entry *entry, bool is_over);
static void count_image(struct recorder *recorder, struct place_name name);
static void note_fault(struct recorder *recorder, const struct fault *fault);
static bool look(struct recorder *recorder, struct entry *entry, const struct followed_look *how);
static void look_last(struct recorder *recorder, struct entry *entry, bool is_last_image);
static bool is_dead(const struct entry *entry);
static bool look_whole(struct recorder *recorder, struct entry *entry, bool is_at_rest);
static void note_frames(struct recorder *recorder, struct followed *followed);
static void end_image(struct recorder *recorder, struct entry *entry, bool is_last_image);
static int read_process(struct recorder *recorder, const struct entry *entry);
static void take_residents(struct recorder *recorder, uint64_t now);
static void take_resident(struct recorder *recorder, struct entry *entry);
static void end_moment(struct recorder *recorder, uint64_t now);
static uint64_t own_ns(void);

struct recorder *recorder_new(const struct recorder_wishes *wishes, const struct kin *kin) {
  struct recorder *recorder = calloc(1, sizeof *recorder);
  if (!recorder) return NULL;
  recorder->wishes = *wishes;
  recorder->kin = *kin;
  recorder->process = malloc(sizeof *recorder->process);
  if (wishes->wants_symbols) recorder->naming = naming_new();
  if (recorder->process && (recorder->naming || !wishes->wants_symbols)) return recorder;
  recorder_free(recorder);
  return NULL;
}

void recorder_free(struct recorder *recorder) {
  if (!recorder) return;
  drop_all(recorder);
  for (struct entry *entry = recorder->spare, *following; entry; entry = following) {
    following = entry->next;
    free(entry);
  }
  struct past *past = recorder->past, *next;
  HASH_CLEAR(hh, recorder->past);
  for (; past; past = next) {
    next = past->hh.next;
    free(past);
  }
  kin_free(&recorder->kin);
  naming_free(recorder->naming);
  free(recorder->program);
  free(recorder->process);
  free(recorder);
}

const struct session_follower *recorder_follower(struct recorder *recorder, bool is_guest) {
  recorder->follower = (struct session_follower){
      .appear = appear, .end = end, .tick = tick, .is_guest = is_guest, .context = recorder};
  return &recorder->follower;
}

void recorder_set_writer(struct recorder *recorder, struct recording_writer *writer, const char *path) {
  recorder->writer = writer;
  recorder->path = path;
}

void recorder_set_program(struct recorder *recorder, uint32_t pid, uint64_t start_ticks) {
  recorder->program_pid = pid;
  recorder->program_start = start_ticks;
}

void recorder_set_ended(struct recorder *recorder, int wait_status, uint64_t ended_at_ns) {
  if (!recorder->program || !recorder->writer) return;
  process_set_ended(recorder->program, wait_status, ended_at_ns);
  recording_end_image(recorder->writer, recorder->program_image, recorder->program);
  free(recorder->program);
  recorder->program = NULL;
}

int recorder_finish(struct recorder *recorder, naming_visitor visit, void *context) {
  if (!recorder->writer) return 0;
  end_moment(recorder, taking_clock_ns());
  if (!recorder->writer || !recorder->naming) return 0;
  int error = naming_record(recorder->naming, recorder->writer, visit, context);
  end_moment(recorder, taking_clock_ns());
  return error;
}

int recorder_error(const struct recorder *recorder) {
  return recorder->error;
}

const struct recorder_sums *recorder_sums(const struct recorder *recorder) {
  return &recorder->sums;
}

/* ---- what the watch tells of ---------------------------------------------------------------------------- */

/* Opened at once: a file that is removed meanwhile can still be read. */
static void appear(const struct place *place, void *context) {
  struct recorder *recorder = context;
  if (recorder->error || find_entry(recorder, &place->name)) return;
  if (is_searching(recorder) && !process_is_there(place->name.pid, place->name.start_ticks)) {
    remember(recorder, &place->name); /* it was over before the recording began */
  } else {
    add_entry(recorder, place);
  }
}

static void end(const struct place *place, bool is_last_image, void *context) {
  struct recorder *recorder = context;
  if (!recorder->writer || is_past(recorder, &place->name)) return;
  struct entry *entry = find_entry(recorder, &place->name);
  if (!entry) entry = add_entry(recorder, place);
  if (!entry) return;
  bool was_over_before = is_searching(recorder) && !is_last_image;
  bool is_wanted = entry->followed || (!was_over_before && open_image(recorder, entry, true) == 0);
  if (is_wanted) look_last(recorder, entry, is_last_image);
  remember(recorder, &entry->name);
  drop_entry(recorder, entry);
  uint64_t now = taking_clock_ns();
  bool is_sparse = recorder->wishes.interval_ns > SECOND_NS && now >= recorder->ticked_at + SECOND_NS;
  if (is_sparse) tick(now, recorder);
}

/* For what is there already, where the session is another's. */
static bool is_searching(const struct recorder *recorder) {
  return recorder->follower.is_guest && !recorder->ticked_at;
}

/* Returns when the next one is due. */
static uint64_t tick(uint64_t now, void *context) {
  struct recorder *recorder = context;
  if (!recorder->writer) return recorder->error ? UINT64_MAX : now + recorder->wishes.interval_ns;
  uint64_t before = own_ns();
  struct followed_look how = {.now = now, .wants_largest = recorder->wishes.wants_largest};
  struct entry *entry, *next;
  HASH_ITER(hh, recorder->entries, entry, next) {
    int error = entry->followed ? 0 : open_image(recorder, entry, false);
    bool is_lost = error ? error != -EAGAIN : !look(recorder, entry, &how);
    if (is_lost) drop_entry(recorder, entry);
  }
  take_residents(recorder, now);
  end_moment(recorder, now);
  uint64_t cost = own_ns() - before, interval = recorder->wishes.interval_ns;
  recorder->ticked_at = now;
  recorder->due_at += interval;
  if (recorder->due_at <= now) recorder->due_at = now + interval;
  if (recorder->due_at < now + cost * LOOK_SHARE) recorder->due_at = now + cost * LOOK_SHARE;
  return recorder->error ? UINT64_MAX : recorder->due_at;
}

/* ---- entries -------------------------------------------------------------------------------------------- */

static struct entry *find_entry(const struct recorder *recorder, const struct place_name *name) {
  struct entry *entry;
  HASH_FIND(hh, recorder->entries, name, sizeof *name, entry);
  return entry;
}

/* NULL: it cannot be opened, for want of descriptors, say; the end of its process is another chance. */
static struct entry *add_entry(struct recorder *recorder, const struct place *place) {
  struct fault fault;
  struct segment_file file;
  if (segment_file_open(place->path, place->is_memfd, &file, &fault) != 0) return NULL;
  struct entry *entry = take_spare(recorder);
  if (!entry) {
    segment_file_close(&file);
    return NULL;
  }
  *entry = (struct entry){
      .name = place->name, .file = file, .resident_due_at = taking_clock_ns() + TAKING_FIRST_NS};
  HASH_ADD(hh, recorder->entries, name, sizeof entry->name, entry);
  if (entry->hh.tbl) return entry;
  empty_entry(entry); /* uthash says so that it has no memory */
  entry->next = recorder->spare;
  recorder->spare = entry;
  return NULL;
}

/* NULL: no memory. */
static struct entry *take_spare(struct recorder *recorder) {
  struct entry *entry = recorder->spare;
  if (!entry) return malloc(sizeof *entry);
  recorder->spare = entry->next;
  return entry;
}

static void drop_entry(struct recorder *recorder, struct entry *entry) {
  HASH_DEL(recorder->entries, entry);
  empty_entry(entry);
  entry->next = recorder->spare;
  recorder->spare = entry;
}

static void drop_all(struct recorder *recorder) {
  struct entry *entry = recorder->entries;
  HASH_CLEAR(hh, recorder->entries);
  for (; entry; entry = entry->hh.next) {
    empty_entry(entry);
    entry->next = recorder->spare;
    recorder->spare = entry;
  }
}

static void empty_entry(struct entry *entry) {
  if (entry->followed) {
    followed_close(entry->followed);
    free(entry->followed);
  } else {
    segment_file_close(&entry->file);
  }
}

/* Where there is no memory it might be recorded a second time, if its file stays. */
static void remember(struct recorder *recorder, const struct place_name *name) {
  struct past *past = calloc(1, sizeof *past);
  if (!past) return;
  past->name = *name;
  HASH_ADD(hh, recorder->past, name, sizeof past->name, past);
  if (!past->hh.tbl) free(past);
}

static bool is_past(const struct recorder *recorder, const struct place_name *name) {
  const struct past *past;
  HASH_FIND(hh, recorder->past, name, sizeof *name, past);
  return past;
}

/* Returns 0; -EAGAIN: it is just being made; else it is not to be recorded. */
static int open_image(struct recorder *recorder, struct entry *entry, bool is_over) {
  struct layout layout;
  struct fault fault;
  int error = segment_file_measure(&entry->file);
  if (!error) error = layout_read(&entry->file, &layout, &fault);
  if (error == -EAGAIN) return error;
  if (error == -EPROTO) note_fault(recorder, &fault);
  if (error || !kin_has(&recorder->kin, &layout.header)) return -ENOENT;
  struct followed *followed = malloc(sizeof *followed);
  error = followed ? followed_open(&entry->file, &layout, recorder->writer, is_over, followed) : -ENOMEM;
  if (error) {
    free(followed);
    fault_set(&fault, error, "%s",
              error == -EBADMSG ? "its header says a size that none has" : strerror(-error));
    note_fault(recorder, &fault);
    return error;
  }
  entry->followed = followed;
  count_image(recorder, entry->name);
  return 0;
}

/* A process is remembered as if it had one image more. */
static void count_image(struct recorder *recorder, struct place_name name) {
  recorder->sums.images++;
  name.image = UINT32_MAX;
  if (is_past(recorder, &name)) return;
  recorder->sums.processes++;
  remember(recorder, &name);
}

static void note_fault(struct recorder *recorder, const struct fault *fault) {
  recorder->sums.unreadable++;
  recorder->sums.fault = *fault;
}

/* ---- looks ---------------------------------------------------------------------------------------------- */

/* Returns whether it could be read. */
static bool look(struct recorder *recorder, struct entry *entry, const struct followed_look *how) {
  struct fault fault;
  int error = followed_look(entry->followed, how);
  if (!error) return true;
  fault_set(&fault, error, "cannot be read any more: %s", strerror(-error));
  note_fault(recorder, &fault);
  return false;
}

/* One that ends while it is looked at as if it went on is looked at once more. */
static void look_last(struct recorder *recorder, struct entry *entry, bool is_last_image) {
  bool is_over = !is_last_image || is_dead(entry);
  if (!look_whole(recorder, entry, is_over)) return;
  if (!is_over && is_dead(entry)) {
    is_over = true;
    if (!look_whole(recorder, entry, true)) return;
  }
  if (is_over) {
    end_image(recorder, entry, is_last_image);
  } else {
    take_resident(recorder, entry);
  }
  if (recorder->naming) note_frames(recorder, entry->followed);
}

static bool is_dead(const struct entry *entry) {
  return !process_is_there(entry->name.pid, entry->name.start_ticks);
}

static bool look_whole(struct recorder *recorder, struct entry *entry, bool is_at_rest) {
  struct followed_look how = {.now = taking_clock_ns(),
                              .wants_largest = recorder->wishes.wants_largest,
                              .is_last = true,
                              .is_at_rest = is_at_rest};
  return look(recorder, entry, &how);
}

static void note_frames(struct recorder *recorder, struct followed *followed) {
  struct origins *origins = &followed->origins;
  size_t count = origins_settle(origins);
  if (count == 0) return;
  if (naming_note(recorder->naming, &followed->mirror, origins->frames, count) == 0) {
    origins->frames = NULL; /* they are the naming's */
  } else {
    recorder->sums.unnamed++;
  }
}

static void end_image(struct recorder *recorder, struct entry *entry, bool is_last_image) {
  struct process *process = recorder->process;
  uint32_t image = entry->followed->mirror.image;
  if (read_process(recorder, entry) != 0) return;
  if (!is_last_image) process->state = PROCESS_REPLACED;
  bool is_program = is_last_image && entry->name.pid == recorder->program_pid &&
                    entry->name.start_ticks == recorder->program_start;
  if (is_program && !recorder->program && (recorder->program = malloc(sizeof *process))) {
    *recorder->program = *process;
    recorder->program_image = image;
  } else {
    recording_end_image(recorder->writer, image, process);
  }
}

/* Through the descriptor: its file may be gone. */
static int read_process(struct recorder *recorder, const struct entry *entry) {
  char path[64];
  struct fault fault;
  snprintf(path, sizeof path, "/proc/self/fd/%d", entry->followed->mirror.file.fd);
  return process_read(path, true, recorder->process, &fault);
}

/* Of all whose figures are due, the largest; the others have to wait as long as those. */
static void take_residents(struct recorder *recorder, uint64_t now) {
  struct taking_choice choice = {.count = 0};
  struct entry *entry, *next;
  HASH_ITER(hh, recorder->entries, entry, next) {
    if (!entry->followed || entry->resident_due_at > now) continue;
    taking_offer(&choice, entry->name.pid, entry);
    entry->resident_due_at = now + TAKING_EVERY_NS;
  }
  for (size_t i = 0; i < choice.count; i++) take_resident(recorder, choice.largest[i].offered);
}

static void take_resident(struct recorder *recorder, struct entry *entry) {
  struct process *process = recorder->process;
  uint64_t before = own_ns(), now = taking_clock_ns();
  if (read_process(recorder, entry) != 0) return;
  process_take_resident(process);
  if (process->has_resident)
    recording_resident(recorder->writer, entry->followed->mirror.image, &process->resident);
  uint64_t pause = (own_ns() - before) * RESIDENT_SHARE;
  entry->resident_due_at = now + (pause > TAKING_EVERY_NS ? pause : TAKING_EVERY_NS);
}

/* Where it cannot be written, nothing is recorded any more. */
static void end_moment(struct recorder *recorder, uint64_t now) {
  recorder->error = recording_moment(recorder->writer, now);
  if (!recorder->error) return;
  complain(recorder->path, "cannot be written: %s; the recording ends here, and the program goes on",
           strerror(-recorder->error));
  drop_all(recorder);
  recorder->writer = NULL;
}

/* CPU time of this thread: the recorder has one. */
static uint64_t own_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}
