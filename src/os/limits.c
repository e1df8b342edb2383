/*
 * limits.c: see limits.h.
 */
#include "os/limits.h"

#include <errno.h>
#include <stddef.h>
#include <sys/sysinfo.h>

#include "base/text.h"
#include "os/system.h"

#define PATH_MOST 640
#define LINE_MOST (PATH_MOST + 128)

static const char *root = "";

/* Where a group's files lie. */
struct group {
  char folder[PATH_MOST];
  size_t top; /* bytes of the part that stays on the way up */
  int is_v1;
};

void limits_set_root(const char *other) {
  root = other;
}

uint64_t limits_ram(void) {
  struct sysinfo info;
  if (SYSTEM(sysinfo, &info) < 0) return 0;
  return (uint64_t)info.totalram * info.mem_unit;
}

/* ---- files ----------------------------------------------------------------------------------------------- */

static long read_under_root(const char *folder, const char *name, char *ret_bytes, size_t room) {
  char path[PATH_MOST + 128];
  struct text text = text_in(path, sizeof path);
  text_add(&text, root);
  text_add(&text, folder);
  text_add(&text, name);
  return text.is_cut ? -ENAMETOOLONG : system_read_file(path, ret_bytes, room);
}

/* From so many bytes on. */
static long read_from(const char *name, uint64_t offset, char *ret_bytes, size_t room) {
  char path[PATH_MOST + 128];
  struct text text = text_in(path, sizeof path);
  text_add(&text, root);
  text_add(&text, name);
  return text.is_cut ? -ENAMETOOLONG : system_read_file_from(path, offset, ret_bytes, room);
}

/* A number; 0: no such file, "max", or one so large that it means none (version 1). */
static uint64_t read_bytes(const char *folder, const char *name) {
  char bytes[64];
  uint64_t number;
  if (read_under_root(folder, name, bytes, sizeof bytes) <= 0 || !text_read_decimal(bytes, &number)) return 0;
  return number >> 62 ? 0 : number;
}

/* ---- the process's group -------------------------------------------------------------------------------- */

/* In a line "N:CONTROLLERS:PATH": the path, if the line is that of the memory controller, or of version 2. */
static const char *path_in(const char *line, int *ret_is_v1) {
  const char *at = line;
  while (*at && *at != ':' && *at != '\n') at++;
  if (*at++ != ':') return NULL;
  int is_v2 = *at == ':' && line[0] == '0', is_memory = 0;
  while (*at && *at != ':' && *at != '\n') {
    size_t length = 0;
    while (at[length] && at[length] != ',' && at[length] != ':' && at[length] != '\n') length++;
    if (length == 6 && at[0] == 'm' && at[1] == 'e' && at[2] == 'm' && at[3] == 'o' && at[4] == 'r' &&
        at[5] == 'y')
      is_memory = 1;
    at += length + (at[length] == ',');
  }
  if (*at != ':' || (!is_v2 && !is_memory)) return NULL;
  *ret_is_v1 = is_memory;
  return at + 1;
}

static int has_memory(const char *folder, int is_v1) {
  char bytes[64];
  return read_under_root(folder, is_v1 ? "/memory.usage_in_bytes" : "/memory.current", bytes, sizeof bytes) >
         0;
}

/* To the group above. 0: this was the topmost. */
static int go_up(struct group *group) {
  size_t end = text_length(group->folder);
  if (end <= group->top) return 0;
  while (end > group->top && group->folder[end - 1] != '/') end--;
  group->folder[end > group->top ? end - 1 : group->top] = '\0';
  return 1;
}

/*
 * A group may be counted in one above it. Where the namespace shows another path than the mount has, the mount's own
 * root stands for the group.
 */
static int set_group(struct group *group, const char *path, int is_v1) {
  static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"};
  for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
    if (is_v1 != (i == 1)) continue;
    struct text text = text_in(group->folder, sizeof group->folder);
    text_add(&text, mounts[i]);
    group->top = text.used;
    group->is_v1 = is_v1;
    size_t length = 0;
    while (path[length] && path[length] != '\n') length++;
    if (length > 1) text_add_bytes(&text, path, length);
    if (text.is_cut) group->folder[group->top] = '\0';
    do {
      if (has_memory(group->folder, is_v1)) return 0;
    } while (go_up(group));
  }
  return -ENOENT;
}

/* Line by line, since it is a thread of any kind that looks, and its stack may be small. A path that is cut leads nowhere. */
static int find_group(struct group *ret_group) {
  char line[LINE_MOST];
  for (uint64_t at = 0;;) {
    long bytes = read_from("/proc/self/cgroup", at, line, sizeof line);
    if (bytes <= 0) return -ENOENT;
    int is_v1;
    const char *path = path_in(line, &is_v1);
    if (path && set_group(ret_group, path, is_v1) == 0) return 0;
    long length = 0;
    while (length < bytes && line[length] != '\n') length++;
    at += (uint64_t)length + 1;
  }
}

static struct limits_cgroup read_group(const struct group *group) {
  if (group->is_v1)
    return (struct limits_cgroup){.current = read_bytes(group->folder, "/memory.usage_in_bytes"),
                                  .high = read_bytes(group->folder, "/memory.soft_limit_in_bytes"),
                                  .limit = read_bytes(group->folder, "/memory.limit_in_bytes")};
  return (struct limits_cgroup){.current = read_bytes(group->folder, "/memory.current"),
                                .high = read_bytes(group->folder, "/memory.high"),
                                .limit = read_bytes(group->folder, "/memory.max")};
}

uint64_t limits_cgroup(void) {
  struct group group;
  uint64_t least = 0;
  if (find_group(&group) < 0) return 0;
  do {
    uint64_t limit = read_group(&group).limit;
    if (limit && (!least || limit < least)) least = limit;
  } while (go_up(&group));
  return least;
}

static uint64_t bound_of(const struct limits_cgroup *cgroup) {
  return cgroup->high ? cgroup->high : cgroup->limit;
}

/* a is fuller than b, as shares of what holds them. */
static int is_fuller(const struct limits_cgroup *a, const struct limits_cgroup *b) {
  if (!bound_of(a)) return 0;
  if (!bound_of(b)) return 1;
  return (unsigned __int128)a->current * bound_of(b) > (unsigned __int128)b->current * bound_of(a);
}

int limits_read_cgroup(struct limits_cgroup *ret_cgroup) {
  struct group group;
  if (find_group(&group) < 0) return -ENOENT;
  *ret_cgroup = read_group(&group);
  while (go_up(&group)) {
    struct limits_cgroup above = read_group(&group);
    if (is_fuller(&above, ret_cgroup)) *ret_cgroup = above;
  }
  return 0;
}

/* ---- stalls ---------------------------------------------------------------------------------------------- */

/* "some avg10=1.23 avg60=...": 123. */
static uint32_t read_average(const char *lines, const char *word) {
  for (const char *line = lines; *line;) {
    size_t at = 0;
    while (word[at] && line[at] == word[at]) at++;
    uint64_t whole, part = 0;
    size_t digits = word[at] ? 0 : text_read_decimal(line + at, &whole);
    if (digits) {
      if (line[at + digits] == '.') text_read_decimal(line + at + digits + 1, &part);
      return (uint32_t)(whole * 100 + part % 100);
    }
    while (*line && *line != '\n') line++;
    if (*line) line++;
  }
  return 0;
}

int limits_read_stalls(struct limits_stalls *ret_stalls) {
  char lines[512];
  struct group group;
  long bytes = find_group(&group) == 0 && !group.is_v1
                   ? read_under_root(group.folder, "/memory.pressure", lines, sizeof lines)
                   : -ENOENT;
  if (bytes <= 0) bytes = read_under_root("", "/proc/pressure/memory", lines, sizeof lines);
  if (bytes <= 0) return -ENOENT;
  *ret_stalls = (struct limits_stalls){.some = read_average(lines, "some avg10="),
                                       .full = read_average(lines, "full avg10=")};
  return 0;
}
