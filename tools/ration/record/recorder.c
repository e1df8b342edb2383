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

#include "complain.h"
#include "launch/taking.h"
#include "reader/monotonic.h"
#include "reader/procfs.h"
#include "record/entries.h"

#define SECOND_NS UINT64_C(1000000000)

/* The most of the time that looks, and looks at resident memory, take: parts of one. */
#define LOOK_SHARE     20
#define RESIDENT_SHARE 1000

struct recorder {
  struct recorder_wishes wishes;
  struct kin kin;
  struct session_follower follower;
  struct recording_writer *writer; /* NULL: none, or no longer */
  const char *path;                /* of the recording */
  int error;
  struct entries entries;
  uint32_t program_pid;
  uint64_t program_start;
  struct process *program; /* NULL: it has not ended */
  uint32_t program_image;
  struct process *process; /* room for one */
  struct naming *naming;   /* NULL: not wished for */
  struct recorder_sums sums;
  bool is_finishing;          /* what is recorded is over */
  bool has_end;               /* since the last moment */
  bool has_new;               /* segments that were not looked at yet */
  uint64_t due_at, ticked_at; /* looks at all, CLOCK_MONOTONIC; 0: none yet */
};

static void appear(const struct place *place, void *context);
static void end(const struct place *place, bool is_last_image, void *context);
static bool is_searching(const struct recorder *recorder);
static uint64_t tick(uint64_t now, void *context);
static void look_at_all(struct recorder *recorder, uint64_t now);
static void look_at_each(struct recorder *recorder, uint64_t now, bool is_of_new);
static int open_image(struct recorder *recorder, struct entry *entry, bool is_over, struct fault *ret_fault);
static bool open_late(struct recorder *recorder, struct entry *entry, bool is_over);
static void count_image(struct recorder *recorder, struct place_name name);
static void note_fault(struct recorder *recorder, struct entry *entry, const struct fault *fault);
static void note_missed(struct recorder *recorder, int error);
static bool look(struct recorder *recorder, struct entry *entry, const struct followed_look *how);
static void look_last(struct recorder *recorder, struct entry *entry, bool is_over, bool is_last_image);
static bool is_dead(const struct entry *entry);
static int look_whole(struct recorder *recorder, struct entry *entry, bool is_at_rest);
static void note_frames(struct recorder *recorder, struct followed *followed);
static void end_image(struct recorder *recorder, struct entry *entry, bool is_last_image);
static int read_process(struct recorder *recorder, const struct entry *entry, struct fault *ret_fault);
static void presume_end(struct mirror *mirror, struct process *ret_process);
static void take_residents(struct recorder *recorder, uint64_t now);
static void take_resident(struct recorder *recorder, struct entry *entry);
static void end_moment(struct recorder *recorder, uint64_t now);
static void give_up(struct recorder *recorder);
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
  entries_free(&recorder->entries);
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
  recorder->is_finishing = true;
  end_moment(recorder, monotonic_ns());
  if (!recorder->writer || !recorder->naming) return 0;
  recorder->error = recording_flush(recorder->writer); /* naming may take minutes */
  if (recorder->error) {
    give_up(recorder);
    return 0;
  }
  int error = naming_record(recorder->naming, recorder->writer, visit, context);
  end_moment(recorder, monotonic_ns());
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
  if (!recorder->writer || entries_find(&recorder->entries, &place->name)) return;
  if (entries_has_past(&recorder->entries, &place->name)) return; /* its file stays, and a search found it */
  if (is_searching(recorder) && !process_is_there(place->name.pid, place->name.start_ticks)) {
    entries_remember(&recorder->entries, &place->name); /* it was over before the recording began */
  } else {
    struct entry *entry;
    int error = entries_add(&recorder->entries, place, &entry); /* the end of its process is another chance */
    recorder->has_new |= !error;
  }
}

static void end(const struct place *place, bool is_last_image, void *context) {
  struct recorder *recorder = context;
  if (!recorder->writer || entries_has_past(&recorder->entries, &place->name)) return;
  struct entry *entry = entries_find(&recorder->entries, &place->name);
  int error = entry ? 0 : entries_add(&recorder->entries, place, &entry);
  if (error) {
    if (is_last_image) note_missed(recorder, error);
    return;
  }
  bool was_over_before = is_searching(recorder) && !is_last_image;
  bool is_over = !is_last_image || is_dead(entry);
  bool is_wanted = entry->followed || (!was_over_before && open_late(recorder, entry, is_over));
  if (is_wanted) look_last(recorder, entry, is_over, is_last_image);
  entries_remember(&recorder->entries, &entry->name);
  entries_drop(&recorder->entries, entry);
}

/* For what is there already, where the session is another's. */
static bool is_searching(const struct recorder *recorder) {
  return recorder->follower.is_guest && !recorder->ticked_at;
}

/* Returns when the next one is due: what began or ended since the last waits no longer than a second for its moment. */
static uint64_t tick(uint64_t now, void *context) {
  struct recorder *recorder = context;
  if (!recorder->writer) return UINT64_MAX;
  if (now >= recorder->due_at) {
    look_at_all(recorder, now);
  } else if (recorder->has_new || recorder->has_end) {
    if (recorder->has_new) look_at_each(recorder, now, true);
    end_moment(recorder, now);
  }
  if (recorder->error) return UINT64_MAX;
  return recorder->due_at < now + SECOND_NS ? recorder->due_at : now + SECOND_NS;
}

static void look_at_all(struct recorder *recorder, uint64_t now) {
  uint64_t before = own_ns();
  look_at_each(recorder, now, false);
  take_residents(recorder, now);
  end_moment(recorder, now);
  uint64_t pause = (own_ns() - before) * LOOK_SHARE, interval = recorder->wishes.interval_ns;
  recorder->ticked_at = now;
  recorder->due_at = now + (pause > interval ? pause : interval);
}

/* Those that are just being made stay new; those that are not wanted are so for good. */
static void look_at_each(struct recorder *recorder, uint64_t now, bool is_of_new) {
  struct followed_look how = {.now = now,
                              .wants_largest = recorder->wishes.wants_largest,
                              .is_shown = recording_is_due(recorder->writer, now)};
  recorder->has_new = false;
  for (struct entry *entry = entries_first(&recorder->entries), *next; entry; entry = next) {
    next = entries_next(entry);
    if (is_of_new && entry->followed) continue;
    bool is_wanted = look(recorder, entry, &how);
    recorder->has_new |= is_wanted && !entry->followed;
    if (is_wanted) continue;
    entries_remember(&recorder->entries, &entry->name);
    entries_drop(&recorder->entries, entry);
  }
}

/* ---- images --------------------------------------------------------------------------------------------- */

/*
 * Returns 0; -EAGAIN: it is just being made; -ENOENT: it is not to be recorded; -EPROTO, -EBADMSG: it never can be; or
 * another -errno; with words but for the first two.
 */
static int open_image(struct recorder *recorder, struct entry *entry, bool is_over, struct fault *ret_fault) {
  struct layout layout;
  int error = segment_file_measure(&entry->file);
  if (error) return fault_set(ret_fault, error, "cannot be read: %s", strerror(-error));
  if (entry->file.bytes == 0) return -EAGAIN; /* it has a name before it has a size */
  error = layout_read(&entry->file, &layout, ret_fault);
  if (error == -EAGAIN) return error;
  if (error) return kin_may_have(&recorder->kin, &entry->name) ? error : -ENOENT;
  if (!kin_has(&recorder->kin, &layout.header)) return -ENOENT;
  struct followed *followed = malloc(sizeof *followed);
  error = followed ? followed_open(&entry->file, &layout, recorder->writer, is_over, followed) : -ENOMEM;
  if (error) {
    free(followed);
    return fault_set(ret_fault, error, "%s",
                     error == -EBADMSG ? "its header says a size that none has" : strerror(-error));
  }
  entry->followed = followed;
  count_image(recorder, entry->name);
  return 0;
}

/* At its end, if it has not been yet. Returns whether it is open. */
static bool open_late(struct recorder *recorder, struct entry *entry, bool is_over) {
  struct fault fault;
  int error = open_image(recorder, entry, is_over, &fault);
  if (error && error != -EAGAIN && error != -ENOENT) note_fault(recorder, entry, &fault);
  return !error;
}

/* A process is remembered as if it had one image more. */
static void count_image(struct recorder *recorder, struct place_name name) {
  recorder->sums.images++;
  name.image = UINT32_MAX;
  if (entries_has_past(&recorder->entries, &name)) return;
  recorder->sums.processes++;
  entries_remember(&recorder->entries, &name);
}

static void note_fault(struct recorder *recorder, struct entry *entry, const struct fault *fault) {
  recorder->sums.unreadable += !entry->is_unreadable;
  entry->is_unreadable = true;
  recorder->sums.fault = *fault;
}

/* One that is gone is another session's, if this is ours: of that nobody else removes any. So is one that may not be read. */
static void note_missed(struct recorder *recorder, int error) {
  bool is_gone = error == -ENOENT && recorder->follower.is_guest;
  if (!is_gone && error != -EMFILE && error != -ENFILE && error != -ENOMEM) return;
  recorder->sums.missed++;
  recorder->sums.missed_error = error;
}

/* ---- looks ---------------------------------------------------------------------------------------------- */

/*
 * Returns whether it is wanted. What cannot be read for a moment is: the next look may go well, and the last says so where
 * it does not.
 */
static bool look(struct recorder *recorder, struct entry *entry, const struct followed_look *how) {
  struct fault fault;
  int error = entry->followed ? 0 : open_image(recorder, entry, false, &fault);
  if (!error) followed_look(entry->followed, how);
  bool is_hopeless = error == -EPROTO || error == -EBADMSG;
  if (is_hopeless) note_fault(recorder, entry, &fault);
  return error != -ENOENT && !is_hopeless;
}

/* One that ends while it is looked at as if it went on is looked at once more; it was not opened as one that is over. */
static void look_last(struct recorder *recorder, struct entry *entry, bool is_over, bool is_last_image) {
  struct fault fault;
  int error = look_whole(recorder, entry, is_over);
  if (!is_over && is_dead(entry)) {
    is_over = true;
    error = look_whole(recorder, entry, true);
  }
  if (error) {
    fault_set(&fault, error, "cannot be read any more: %s", strerror(-error));
    note_fault(recorder, entry, &fault);
  }
  if (is_over) {
    end_image(recorder, entry, is_last_image);
  } else {
    take_resident(recorder, entry);
  }
  recorder->has_end = true;
  if (!error && recorder->naming) note_frames(recorder, entry->followed);
}

static bool is_dead(const struct entry *entry) {
  return !process_is_there(entry->name.pid, entry->name.start_ticks);
}

static int look_whole(struct recorder *recorder, struct entry *entry, bool is_at_rest) {
  struct followed_look how = {.now = monotonic_ns(),
                              .wants_largest = recorder->wishes.wants_largest,
                              .is_last = true,
                              .is_at_rest = is_at_rest};
  return followed_look(entry->followed, &how);
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
  struct fault fault;
  if (read_process(recorder, entry, &fault) != 0) {
    note_fault(recorder, entry, &fault);
    presume_end(&entry->followed->mirror, process);
  }
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
static int read_process(struct recorder *recorder, const struct entry *entry, struct fault *ret_fault) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", entry->followed->mirror.file.fd);
  return process_read(path, true, recorder->process, ret_fault);
}

/* What is known without further descriptors and memory: that it has ended, and what its header says of that. */
static void presume_end(struct mirror *mirror, struct process *ret_process) {
  struct ration_segment_header header;
  if (mirror_copy(mirror, 0, &header, sizeof header) != 0) header = mirror->layout.header;
  bool has_exited = header.state == RATION_STATE_EXITED && header.ended_at_ns > header.started_at_ns;
  *ret_process = (struct process){.snapshot.started_at_ns = header.started_at_ns,
                                  .state = has_exited ? PROCESS_EXITED : PROCESS_GONE,
                                  .exit_status = -1,
                                  .signal = -1,
                                  .uptime_seconds = -1};
  if (has_exited) ret_process->uptime_seconds = (double)(header.ended_at_ns - header.started_at_ns) / 1e9;
}

/* Of all whose figures are due, the largest; the others have to wait as long as those. */
static void take_residents(struct recorder *recorder, uint64_t now) {
  struct taking_choice choice = {.count = 0};
  for (struct entry *entry = entries_first(&recorder->entries); entry; entry = entries_next(entry)) {
    if (!entry->followed || entry->resident_due_at > now) continue;
    taking_offer(&choice, entry->name.pid, entry);
    entry->resident_due_at = now + TAKING_EVERY_NS;
  }
  for (size_t i = 0; i < choice.count; i++) take_resident(recorder, choice.largest[i].offered);
}

static void take_resident(struct recorder *recorder, struct entry *entry) {
  struct process *process = recorder->process;
  uint64_t before = own_ns(), now = monotonic_ns();
  struct fault fault;
  if (read_process(recorder, entry, &fault) != 0) return;
  process_take_resident(process);
  if (process->has_resident)
    recording_resident(recorder->writer, entry->followed->mirror.image, &process->resident);
  uint64_t pause = (own_ns() - before) * RESIDENT_SHARE;
  entry->resident_due_at = now + (pause > TAKING_EVERY_NS ? pause : TAKING_EVERY_NS);
}

static void end_moment(struct recorder *recorder, uint64_t now) {
  recorder->has_end = false;
  recorder->error = recording_moment(recorder->writer, now);
  if (recorder->error) give_up(recorder);
}

/* Where it cannot be written, nothing is recorded any more. */
static void give_up(struct recorder *recorder) {
  complain(recorder->path, "cannot be written: %s; the recording ends here%s", strerror(-recorder->error),
           recorder->is_finishing ? "" : ", and the program goes on");
  entries_drop_all(&recorder->entries);
  recorder->writer = NULL;
  recorder->follower.is_done = recorder->follower.is_guest;
}

/* CPU time of this thread: the recorder has one. */
static uint64_t own_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}
