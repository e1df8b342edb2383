/*
 * debug_info.c: libdw's units, in a table of our own: its table of addresses needs .debug_aranges, which clang does not
 * write.
 */
#include "symbols/debug_info.h"

#include <dwarf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How many ranges all units together may say that they have. */
#define RANGES_MOST ((size_t)1 << 23)

/* One that has code. */
struct listed_unit {
  Dwarf_CU *cu;
  struct unit *unit; /* NULL: not needed yet */
};

struct debug_info {
  Dwarf *dwarf, *shared;
  struct object_file *shared_file; /* NULL: nothing is shared */
  const struct object_file *file;
  struct code_span code;
  struct listed_unit *units; /* by the map's values */
  size_t unit_count, unit_room;
  struct range_map map;
  struct unit *read; /* those that were needed, by their key */
};

static int open_shared(const struct debug_places *places, struct debug_info *info);
static int list_units(struct debug_info *info);
static bool has_ended_texts(Dwarf *dwarf);
static int open_listed(struct debug_info *info, struct listed_unit *listed);
static int make_unit(struct debug_info *info, const Dwarf_Die *entry, const Dwarf_Die *skeleton,
                     struct unit **ret_unit);
static bool may_split(const struct debug_info *info, Dwarf_Die *skeleton);

int debug_info_open(const struct debug_places *places, const struct object_file *file,
                    struct debug_info **ret_info) {
  struct debug_info *info = calloc(1, sizeof *info);
  if (!info) return -ENOMEM;
  info->file = file;
  info->code = (struct code_span){file->code_low, file->code_high};
  info->dwarf = dwarf_begin_elf(file->elf, DWARF_C_READ, NULL);
  int error = info->dwarf && has_ended_texts(info->dwarf) ? open_shared(places, info) : -EBADMSG;
  if (!error) error = list_units(info);
  if (error) {
    debug_info_close(info);
    return error;
  }
  *ret_info = info;
  return 0;
}

void debug_info_close(struct debug_info *info) {
  if (!info) return;
  struct unit *unit, *next;
  HASH_ITER(hh, info->read, unit, next) {
    HASH_DEL(info->read, unit);
    unit_free(unit);
  }
  range_map_free(&info->map);
  free(info->units);
  dwarf_end(info->dwarf);
  dwarf_end(info->shared);
  object_file_close(info->shared_file);
  free(info);
}

int debug_info_unit_at(struct debug_info *info, uint64_t address, struct unit **ret_unit) {
  uint32_t index;
  if (!range_map_find(&info->map, address, &index)) return -ENOENT;
  int error = info->units[index].unit ? 0 : open_listed(info, &info->units[index]);
  if (error) return error;
  *ret_unit = info->units[index].unit;
  return 0;
}

int debug_info_unit_of(struct debug_info *info, const Dwarf_Die *entry, struct unit **ret_unit) {
  Dwarf_Die root;
  if (!entry->cu || dwarf_cu_info(entry->cu, NULL, NULL, &root, NULL, NULL, NULL, NULL) != 0) return -EBADMSG;
  return make_unit(info, &root, &root, ret_unit);
}

static int open_listed(struct debug_info *info, struct listed_unit *listed) {
  Dwarf_Die skeleton, split = {0};
  uint8_t type = 0;
  if (dwarf_cu_info(listed->cu, NULL, &type, &skeleton, NULL, NULL, NULL, NULL) != 0) return -ENOENT;
  if (type == DW_UT_skeleton && may_split(info, &skeleton)) {
    dwarf_cu_info(listed->cu, NULL, NULL, NULL, &split, NULL, NULL, NULL);
  }
  if (split.addr && !has_ended_texts(dwarf_cu_getdwarf(split.cu))) return -ENOENT;
  return make_unit(info, split.addr ? &split : &skeleton, &skeleton, &listed->unit);
}

/* libdw would look for it by itself, wherever the file says, and wait there if that is a FIFO. */
static int open_shared(const struct debug_places *places, struct debug_info *info) {
  int error = debug_files_find_shared(places, info->file, info->dwarf, &info->shared_file);
  if (error || !info->shared_file) return error;
  if (!object_file_has_debug(info->shared_file)) return -EBADMSG;
  info->shared = dwarf_begin_elf(info->shared_file->elf, DWARF_C_READ, NULL);
  if (!info->shared || !has_ended_texts(info->shared)) return -EBADMSG;
  object_file_release(info->shared_file);
  dwarf_setalt(info->dwarf, info->shared);
  return 0;
}

/* libdw reads texts up to their end even beyond that of their section; as it has unpacked it. */
static bool has_ended_texts(Dwarf *dwarf) {
  static const char *const sections[] = {".debug_str", ".debug_line_str", ".zdebug_str", ".debug_str.dwo"};
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
    Elf_Scn *section = elf_section_named(dwarf_getelf(dwarf), sections[i]);
    const Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
    const char *bytes = data ? data->d_buf : NULL;
    if (bytes && data->d_size > 0 && bytes[data->d_size - 1] != 0) return false;
  }
  return true;
}

static int add_unit(struct debug_info *info, Dwarf_CU *cu) {
  if (info->unit_count == info->unit_room) {
    size_t room = info->unit_room ? info->unit_room * 2 : 64;
    struct listed_unit *units = reallocarray(info->units, room, sizeof *units);
    if (!units) return -ENOMEM;
    info->units = units;
    info->unit_room = room;
  }
  info->units[info->unit_count++] = (struct listed_unit){.cu = cu};
  return 0;
}

static int list_units(struct debug_info *info) {
  size_t most = RANGES_MOST;
  Dwarf_CU *cu = NULL;
  Dwarf_Die root;
  uint8_t type;
  while (dwarf_get_units(info->dwarf, cu, &cu, NULL, &type, &root, NULL) == 0) {
    if (!root.addr || (type != DW_UT_compile && type != DW_UT_skeleton)) continue;
    uint32_t index = (uint32_t)info->unit_count;
    int error = unit_add_ranges(&root, info->code, 0, index, &most, &info->map);
    if (!error) error = add_unit(info, cu);
    if (error) return error;
  }
  return range_map_settle(&info->map);
}

static int make_unit(struct debug_info *info, const Dwarf_Die *entry, const Dwarf_Die *skeleton,
                     struct unit **ret_unit) {
  struct unit *unit;
  HASH_FIND_PTR(info->read, &entry->cu, unit);
  if (!unit) {
    unit = calloc(1, sizeof *unit);
    if (!unit) return -ENOMEM;
    unit->cu = entry->cu;
    unit->entry = *entry;
    unit->skeleton = *skeleton;
    HASH_ADD_PTR(info->read, cu, unit);
    if (!unit->hh.tbl) {
      free(unit); /* so uthash says that it has no memory */
      return -ENOMEM;
    }
  }
  int error = unit_read(unit, info->code);
  if (error) return error;
  *ret_unit = unit;
  return 0;
}

static const char *text_of(Dwarf_Die *die, unsigned name) {
  Dwarf_Attribute attribute;
  return dwarf_formstring(dwarf_attr(die, name, &attribute));
}

/* Is it a regular file, or not there? What else it may be is nothing to open. */
static bool is_harmless(const char *folder, const char *inner, const char *name) {
  char path[PATH_MAX];
  struct stat stat_buffer;
  if (name[0] == '/') {
    folder = inner = "";
  } else if (inner[0] == '/') {
    folder = "";
  }
  int length = snprintf(path, sizeof path, "%s/%s/%s", folder, inner, name);
  return length < (int)sizeof path && (stat(path, &stat_buffer) != 0 || S_ISREG(stat_buffer.st_mode));
}

/*
 * libdw opens the split file by what the unit says of it, beside the module and in the folder of the compiler's; and it
 * takes for granted that there is that folder.
 */
static bool may_split(const struct debug_info *info, Dwarf_Die *skeleton) {
  const char *name = text_of(skeleton, DW_AT_dwo_name), *inner = text_of(skeleton, DW_AT_comp_dir);
  if (!name) name = text_of(skeleton, DW_AT_GNU_dwo_name);
  char folder[PATH_MAX];
  if (!name || !inner || !info->file->path || !realpath(info->file->path, folder)) return false;
  char *end = strrchr(folder, '/');
  if (end) *end = 0;
  return is_harmless(folder, "", name) && is_harmless(folder, inner, name);
}
