/*
 * category_set.c: paths of categories, checked and counted.
 */
#include "config/category_set.h"

#include <errno.h>
#include <stdlib.h>

#define DEPTH_MOST 8
#define PART_MOST  63
#define PATH_MOST  191

static int refuse(struct stretch path, const char *expected, struct fault *ret_fault);
static int add_one(struct category_set *set, struct stretch path, struct fault *ret_fault);

int category_check_ruled(struct stretch path, struct fault *ret_fault) {
  if (stretch_is(path, "total")) {
    return refuse(path, "is the sum of all categories, and takes no blocks by a rule; expected one below it",
                  ret_fault);
  }
  if (stretch_is(path, "other")) {
    return refuse(path, "is where blocks go whose category found no room; expected another name", ret_fault);
  }
  return category_check(path, ret_fault);
}

int category_check(struct stretch path, struct fault *ret_fault) {
  if (stretch_begins(path, "total/")) {
    return refuse(path, "is no category: all lie below `total`; expected the name without it", ret_fault);
  }
  size_t part = 0, depth = 1;
  for (size_t at = 0; at < path.count; at++) {
    char byte = path.bytes[at];
    bool is_right = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                    (byte >= '0' && byte <= '9') || (byte && strchr("_.+-~", byte));
    if (byte != '/' && !is_right) {
      return refuse(path, "is no category; expected letters, digits and _ . + - ~ parted by /", ret_fault);
    }
    if (byte == '/' && part == 0) break;
    depth += byte == '/';
    part = byte == '/' ? 0 : part + 1;
    if (part > PART_MOST)
      return refuse(path, "is no category; expected names of at most 63 bytes", ret_fault);
  }
  if (part == 0) return refuse(path, "is no category; expected a name before and behind each /", ret_fault);
  if (depth > DEPTH_MOST) return refuse(path, "is no category; expected at most 8 names", ret_fault);
  if (path.count > PATH_MOST) return refuse(path, "is no category; expected at most 191 bytes", ret_fault);
  return 0;
}

static int refuse(struct stretch path, const char *expected, struct fault *ret_fault) {
  return fault_set(ret_fault, -EINVAL, "`%.*s` %s", STRETCH_SHOWN(path), expected);
}

int category_set_add(struct category_set *set, struct stretch path, struct fault *ret_fault) {
  int error = 0;
  for (size_t end = 1; end <= path.count && !error; end++) {
    if (end < path.count && path.bytes[end] != '/') continue;
    error = add_one(set, (struct stretch){.bytes = path.bytes, .count = end}, ret_fault);
  }
  return error;
}

static int add_one(struct category_set *set, struct stretch path, struct fault *ret_fault) {
  for (size_t i = 0; i < set->count; i++) {
    if (stretch_is(path, set->path[i])) return 0;
  }
  if (stretch_is(path, "other") || stretch_is(path, "total")) return 0; /* there is always one */
  if (set->count == CATEGORY_SET_MOST) {
    return fault_set(ret_fault, -EINVAL,
                     "`%.*s` is one category too many; expected at most %d, with those above them",
                     STRETCH_SHOWN(path), CATEGORY_SET_MOST);
  }
  char *copy = strndup(path.bytes, path.count);
  if (!copy) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  set->path[set->count++] = copy;
  return 0;
}

void category_set_free(struct category_set *set) {
  for (size_t i = 0; i < set->count; i++) free(set->path[i]);
  set->count = 0;
}
