/*
 * unit_lines.c: libdw's table of lines, which it has sorted by address.
 */
#include "symbols/unit_lines.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>

static Dwarf_Line *line_at(const struct unit_lines *lines, uint64_t address);
static const char *path_of(const struct unit_lines *lines, struct unit_files *files, size_t number);

void unit_lines_read(Dwarf_Die *entry, Dwarf_Die *skeleton, struct unit_lines *ret_lines) {
  Dwarf_Attribute attribute;
  struct unit_lines lines = {.folder = dwarf_formstring(dwarf_attr(skeleton, DW_AT_comp_dir, &attribute))};
  if (dwarf_getsrclines(skeleton, &lines.lines, &lines.count) != 0) lines.count = 0;
  if (dwarf_getsrcfiles(skeleton, &lines.of_lines.files, &lines.of_lines.count) != 0)
    lines.of_lines.count = 0;
  if (dwarf_getsrcfiles(entry, &lines.of_calls.files, &lines.of_calls.count) != 0) lines.of_calls.count = 0;
  *ret_lines = lines;
}

void unit_lines_find(struct unit_lines *lines, uint64_t address, const char **ret_file, uint32_t *ret_line) {
  *ret_file = NULL;
  *ret_line = 0;
  Dwarf_Line *line = line_at(lines, address);
  Dwarf_Files *files;
  size_t file;
  bool is_end = true;
  int number = 0;
  if (!line || dwarf_lineendsequence(line, &is_end) != 0 || is_end) return;
  if (dwarf_line_file(line, &files, &file) == 0) *ret_file = path_of(lines, &lines->of_lines, file);
  if (dwarf_lineno(line, &number) == 0 && number > 0) *ret_line = (uint32_t)number;
}

const char *unit_lines_file(struct unit_lines *lines, uint64_t number) {
  return path_of(lines, &lines->of_calls, number);
}

static void free_files(struct unit_files *files) {
  for (size_t i = 0; files->paths && i < files->count; i++) free(files->paths[i]);
  free(files->paths);
}

void unit_lines_free(struct unit_lines *lines) {
  free_files(&lines->of_lines);
  free_files(&lines->of_calls);
  *lines = (struct unit_lines){0};
}

/* The last one that starts there or before. */
static Dwarf_Line *line_at(const struct unit_lines *lines, uint64_t address) {
  size_t from = 0, to = lines->count;
  while (from < to) {
    size_t middle = from + (to - from) / 2;
    Dwarf_Addr start = 0;
    dwarf_lineaddr(dwarf_onesrcline(lines->lines, middle), &start);
    if (start <= address) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from > 0 ? dwarf_onesrcline(lines->lines, from - 1) : NULL;
}

/* From where the compiler ran, unless it begins at the root. NULL: no such file, or no memory. */
static const char *path_of(const struct unit_lines *lines, struct unit_files *files, size_t number) {
  const char *name = number < files->count ? dwarf_filesrc(files->files, number, NULL, NULL) : NULL;
  if (!name || name[0] == '/' || !lines->folder) return name;
  if (!files->paths) files->paths = calloc(files->count, sizeof *files->paths);
  if (!files->paths) return NULL;
  if (!files->paths[number] && asprintf(&files->paths[number], "%s/%s", lines->folder, name) < 0) {
    files->paths[number] = NULL;
  }
  return files->paths[number];
}
