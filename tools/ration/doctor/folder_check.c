/*
 * folder_check.c: in which folder a segment would lie, and how much room it would find there.
 *
 * The shim tries them one after the other: the first in which a file can be made, with the pages that it needs at
 * once. What else it needs it takes when it needs it, as long as there is some.
 */
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor/checks.h"
#include "reader/places.h"
#include "view/units.h"

#define ROOM_AT_ONCE UINT64_C(12288)     /* without these pages a folder is passed over */
#define ROOM_ENOUGH  (UINT64_C(4) << 20) /* for most programs */

static const char *find_fault(const char *folder, struct statfs *ret_volume);
static uint64_t room_of(const struct statfs *volume);
static void check_taken(const char *folder, const struct statfs *volume, struct findings *findings);

void check_folders(struct findings *findings) {
  struct folders folders;
  struct statfs volume;
  folders_find(&folders);
  const char *wanted = getenv("RATION_DIR"), *fault = NULL;
  if (wanted && *wanted) fault = wanted[0] == '/' ? find_fault(wanted, &volume) : "it is no absolute path";
  if (fault) finding_add(findings, FINDING_PASSED_OVER_FOLDER, fault);
  for (size_t i = 0; i < folders.count; i++) {
    if (find_fault(folders.paths[i], &volume)) continue;
    check_taken(folders.paths[i], &volume, findings);
    return;
  }
  finding_add(findings, FINDING_NO_FOLDER, NULL);
}

/* It grows there, whatever other folders there are. */
void check_segment_room(const char *segment, struct findings *findings) {
  struct statfs volume;
  const char *name = text_file_name(segment);
  char folder[PATH_MAX];
  if (name == segment || statfs(segment, &volume) != 0) return;
  snprintf(folder, sizeof folder, "%.*s", (int)(name - segment - 1), segment);
  check_taken(folder, &volume, findings);
}

/* NULL: a file can be made there. */
static const char *find_fault(const char *folder, struct statfs *ret_volume) {
  struct stat status;
  if (stat(folder, &status) != 0) return strerror(errno);
  if (!S_ISDIR(status.st_mode)) return strerror(ENOTDIR);
  if (access(folder, W_OK | X_OK) != 0 || statfs(folder, ret_volume) != 0) return strerror(errno);
  return room_of(ret_volume) < ROOM_AT_ONCE ? strerror(ENOSPC) : NULL;
}

/* A tmpfs without a limit has no blocks, and says that none of them is free. */
static uint64_t room_of(const struct statfs *volume) {
  if (volume->f_blocks == 0 && volume->f_type == TMPFS_MAGIC) return UINT64_MAX;
  return (uint64_t)volume->f_bavail * (uint64_t)volume->f_bsize;
}

static void check_taken(const char *folder, const struct statfs *volume, struct findings *findings) {
  char what[256];
  uint64_t room = room_of(volume);
  snprintf(what, sizeof what, "%s in %.200s", units_bytes(room).chars, folder);
  if (room < ROOM_ENOUGH) finding_add(findings, FINDING_FULL_FOLDER, what);
  bool is_in_memory = volume->f_type == TMPFS_MAGIC || volume->f_type == RAMFS_MAGIC;
  if (!is_in_memory) finding_add(findings, FINDING_FOLDER_ON_DISK, folder);
}
