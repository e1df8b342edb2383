/*
 * clean.c: `ration clean`: removes the segments of dead processes: the caller's own, of the caller's own pid
 * namespace, whose owner is gone; and the copies that it made of them.
 *
 * A segment of a session whose `ration run` still lives is left: that one reads it and removes it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "complain.h"
#include "reader/places.h"
#include "reader/process.h"
#include "reader/procfs.h"
#include "view/emitter.h"

struct cleaning {
  uint64_t removed;
  uint64_t removed_copies; /* of them */
  uint64_t removed_bytes;  /* what the file system held of them */
  uint64_t pid_namespace;
  int failures;
  struct snapshot *snapshot; /* for looking into one */
};

#define CLEANING(member) .offset = offsetof(struct cleaning, member), .name = #member

static const struct field cleaning_fields[] = {
    {CLEANING(removed), .kind = FIELD_COUNT, .phrase = "removed %s segment{s}",
     .zero_phrase = "nothing to remove"},
    {CLEANING(removed_copies), .kind = FIELD_COUNT, .phrase = " (copies: %s)", .zero_phrase = ""},
    {CLEANING(removed_bytes), .kind = FIELD_BYTES, .phrase = ", %s", .zero_phrase = ""},
};

extern const struct argp clean_argp;
int clean_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static void clean_place(const struct place *place, void *context);
static bool may_remove(const struct cleaning *cleaning, const struct place *place, const struct stat *stat);

const struct argp clean_argp = {.parser = parse};

int clean_command(struct emitter *emitter) {
  struct cleaning cleaning = {0};
  int error = procfs_own_pid_namespace(&cleaning.pid_namespace);
  if (error) {
    complain("/proc/self/ns/pid", "%s; without it nothing can be told to be dead", strerror(-error));
    return STATUS_MISSING;
  }
  cleaning.snapshot = malloc(sizeof *cleaning.snapshot);
  if (!cleaning.snapshot) {
    complain("clean", "not enough memory");
    return STATUS_MISSING;
  }
  struct folders folders;
  folders_find(&folders);
  places_visit_files(&folders, clean_place, &cleaning);
  places_visit_copies(&folders, clean_place, &cleaning);
  free(cleaning.snapshot);
  emitter_part(emitter, FIELDS(cleaning_fields), &cleaning);
  emitter_end_line(emitter);
  return cleaning.failures ? STATUS_MISSING : STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)key;
  (void)argument;
  (void)state;
  return ARGP_ERR_UNKNOWN;
}

static void clean_place(const struct place *place, void *context) {
  struct cleaning *cleaning = context;
  struct stat stat;
  if (lstat(place->path, &stat) != 0 || !may_remove(cleaning, place, &stat)) return;
  if (unlink(place->path) == 0) {
    cleaning->removed++;
    cleaning->removed_copies += place->copy > 0;
    cleaning->removed_bytes += (uint64_t)stat.st_blocks * 512;
  } else if (errno != ENOENT) {
    complain(place->path, "cannot be removed: %s", strerror(errno));
    cleaning->failures++;
  }
}

/* The name alone says whose it was: one that cannot be read (any more) goes too. */
static bool may_remove(const struct cleaning *cleaning, const struct place *place, const struct stat *stat) {
  const struct place_name *name = &place->name;
  if (!S_ISREG(stat->st_mode) || stat->st_uid != geteuid()) return false;
  if (name->pid_namespace != cleaning->pid_namespace || process_is_there(name->pid, name->start_ticks))
    return false;
  struct fault fault;
  if (snapshot_read_path(place->path, false, cleaning->snapshot, &fault) != 0) return true;
  const struct snapshot *snapshot = cleaning->snapshot;
  return snapshot->session_start == 0 || !process_is_there(snapshot->session_pid, snapshot->session_start);
}
