/*
 * unit_lines.h: the lines of one unit, and its source files by number.
 */
#ifndef RATION_TOOL_SYMBOLS_UNIT_LINES_H
#define RATION_TOOL_SYMBOLS_UNIT_LINES_H

#include <elfutils/libdw.h>
#include <stdint.h>

/* Paths are made when they are first needed; NULL: not yet. */
struct unit_files {
  Dwarf_Files *files;
  char **paths;
  size_t count;
};

struct unit_lines {
  Dwarf_Lines *lines;
  size_t count;
  const char *folder; /* in which the compiler ran; NULL: not known */
  struct unit_files of_lines, of_calls;
};

/* `entry` and `skeleton` are the root of a unit, and of that which has its lines; most often the same. */
void unit_lines_read(Dwarf_Die *entry, Dwarf_Die *skeleton, struct unit_lines *ret_lines);

/* The line of an address; *ret_file is NULL, and *ret_line 0, where it is not known. */
void unit_lines_find(struct unit_lines *lines, uint64_t address, const char **ret_file, uint32_t *ret_line);

/* The file that has this number where entries refer to it; NULL: there is none. */
const char *unit_lines_file(struct unit_lines *lines, uint64_t number);

void unit_lines_free(struct unit_lines *lines);

#endif
