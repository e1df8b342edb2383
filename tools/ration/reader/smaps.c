/*
 * smaps.c: a line with addresses begins a mapping, one with "Rss:" says how much of it is there.
 */
#include "reader/smaps.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reader/place_name.h"

/* What the mappings before say of the one that is being read. */
struct reading {
  struct smaps smaps;
  size_t room;
  uint64_t inode;    /* of the file that has last been mapped from its start */
  uint64_t module;   /* where that was */
  bool is_in_module; /* the mapping before is of that file */
};

static int take_line(struct reading *reading, const char *line);
static int take_mapping(struct reading *reading, struct mapping mapping);
static enum mapping_kind kind_of(const char *path);
static void follow_module(struct reading *reading, uint64_t inode, uint64_t offset, struct mapping *mapping);

int smaps_read(uint32_t pid, struct smaps *ret_smaps) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/smaps", pid);
  FILE *from = fopen(path, "re");
  if (!from) return -errno;
  int error = smaps_parse(from, ret_smaps);
  fclose(from);
  return error;
}

int smaps_parse(FILE *from, struct smaps *ret_smaps) {
  struct reading reading = {.module = 0};
  char *line = NULL;
  size_t size = 0;
  int error = 0;
  errno = 0;
  while (!error && getline(&line, &size, from) >= 0) error = take_line(&reading, line);
  if (!error && ferror(from)) error = errno ? -errno : -EIO;
  if (!error && reading.smaps.count == 0) error = -ESRCH; /* it ended: an empty file */
  free(line);
  if (error) {
    smaps_free(&reading.smaps);
    return error;
  }
  *ret_smaps = reading.smaps;
  return 0;
}

void smaps_free(struct smaps *smaps) {
  free(smaps->mappings);
  *smaps = (struct smaps){0};
}

static int take_line(struct reading *reading, const char *line) {
  uint64_t kilobytes, inode, offset;
  struct mapping mapping = {0};
  int path_at = 0;
  if (sscanf(line, "Rss: %" SCNu64 " kB", &kilobytes) == 1) {
    if (reading->smaps.count == 0 || kilobytes > UINT64_MAX / 1024) return -EBADMSG;
    reading->smaps.mappings[reading->smaps.count - 1].resident_bytes = kilobytes * 1024;
    return 0;
  }
  if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64 " %*x:%*x %" SCNu64 " %n", &mapping.start,
             &mapping.end, &offset, &inode, &path_at) != 4) {
    return 0; /* one of the many others */
  }
  if (path_at == 0 || mapping.end <= mapping.start) return -EBADMSG;
  mapping.kind = kind_of(line + path_at);
  follow_module(reading, inode, offset, &mapping);
  return take_mapping(reading, mapping);
}

static int take_mapping(struct reading *reading, struct mapping mapping) {
  struct smaps *smaps = &reading->smaps;
  if (smaps->count == reading->room) {
    size_t room = reading->room ? reading->room * 2 : 128;
    struct mapping *mappings = realloc(smaps->mappings, room * sizeof *mappings);
    if (!mappings) return -ENOMEM;
    smaps->mappings = mappings;
    reading->room = room;
  }
  smaps->mappings[smaps->count++] = mapping;
  return 0;
}

/* Shared anonymous pages bear the name of the device that they might have come from. */
static enum mapping_kind kind_of(const char *path) {
  static const char library[] = "libration.so";
  char name[512];
  snprintf(name, sizeof name, "%s", path);
  name[strcspn(name, "\n")] = 0;
  if (strcmp(name, "[heap]") == 0) return MAPPING_HEAP;
  if (strcmp(name, "[stack]") == 0) return MAPPING_STACK;
  if (name[0] == 0 || strncmp(name, "[anon", 5) == 0 || strncmp(name, "/dev/zero", 9) == 0)
    return MAPPING_ANONYMOUS;
  if (name[0] != '/') return MAPPING_FILE; /* [vdso] and its like */
  char *deleted = strstr(name, " (deleted)");
  if (deleted) *deleted = 0;
  const char *slash = strrchr(name, '/');
  const char *file = strncmp(name, "/memfd:", 7) == 0 ? name + 7 : slash + 1;
  struct place_name segment;
  bool is_shim = strncmp(file, library, sizeof library - 1) == 0 || place_name_parse(file, &segment) == 0;
  return is_shim ? MAPPING_SHIM : MAPPING_FILE;
}

static void follow_module(struct reading *reading, uint64_t inode, uint64_t offset, struct mapping *mapping) {
  const struct smaps *smaps = &reading->smaps;
  const struct mapping *before = smaps->count > 0 ? &smaps->mappings[smaps->count - 1] : NULL;
  bool is_next = inode == 0 && before && before->end == mapping->start;
  if (is_next && reading->is_in_module) {
    mapping->module = reading->module;
    mapping->is_after_shim = before->kind == MAPPING_SHIM;
  } else if (is_next) { /* where it has been given other permissions, .bss is several mappings */
    mapping->module = before->module;
    mapping->is_after_shim = before->is_after_shim;
  }
  if (inode != 0 && offset == 0) {
    reading->inode = inode;
    reading->module = mapping->start;
  }
  reading->is_in_module = inode != 0 && inode == reading->inode;
}

/* ---- pagemap ----------------------------------------------------------------------------------------------- */

int pagemap_open(uint32_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/pagemap", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}
