/*
 * module_list.h: the modules that the call stacks of a process lie in.
 */
#ifndef RATION_TOOL_READER_MODULE_LIST_H
#define RATION_TOOL_READER_MODULE_LIST_H

#include "reader/layout.h"

#define MODULE_LIST_MOST 65536 /* a frame has no room for a larger number */

struct module_facts {
  uint64_t start; /* in memory; 0: no such module */
  uint64_t bytes;
  uint64_t bias; /* address in memory - address in the file */
  uint32_t same; /* number of the first module that is the same file at the same place: itself, as a rule */
  bool is_executable;
  uint32_t build_id_bytes; /* 0: it has none */
  unsigned char build_id[RATION_BUILD_ID_BYTES];
  char path[sizeof((struct ration_segment_module *)0)->path]; /* NUL-terminated; any byte; "": not known */
};

struct module_list {
  size_t count;                /* 1 .. count-1 may be modules */
  struct module_facts *module; /* by number; allocated */
};

/* `taken` rows, as facts say. Returns 0, with a list that is to be freed; -ENOMEM or another -errno. */
int module_list_read(const struct segment_file *file, const struct layout *layout, uint64_t taken,
                     struct module_list *ret_list);
void module_list_free(struct module_list *list);

/* What its path ends in; "?" where that is not known. */
const char *module_list_name(const struct module_list *list, uint32_t number);

#endif
