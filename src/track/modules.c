/*
 * modules.c: rows are looked for from the newest on, which is the one that counts where several had the same place.
 *
 * A row that was looked at since the last dlclose needs no second look. Two threads that meet a module at once may give
 * it two rows: readers take equal ones for one.
 */
#include "track/modules.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "model/event_ring.h"
#include "os/clock.h"
#include "os/module.h"
#include "os/process.h"
#include "track/process.h"

#define PATH_BYTES sizeof((struct ration_segment_module *)0)->path

static char program[PATH_BYTES];
static char folder[PATH_BYTES]; /* that the program started in; "": not to be known */
static uint32_t
    looked_at[SEGMENT_MODULES_MOST]; /* look_of(the generation) in which the row was last compared */

static uint32_t look_of(uint64_t generation) {
  return (uint32_t)(generation + 1);
}

void modules_prepare(void) {
  size_t bytes = process_executable(program, sizeof program);
  if (bytes >= sizeof program - 1) program[0] = '\0'; /* it may go on */
  if (process_folder(folder, sizeof folder) == 0) folder[0] = '\0';
}

static uint32_t row_count(void) {
  uint64_t taken = load_relaxed(&segment.process->module_count),
           rows = segment_rows(&segment, RATION_TABLE_MODULES);
  return (uint32_t)(taken < rows ? taken : rows);
}

/* A path in two parts, so that it can be put together where it is to stand. */
struct path {
  const char *folder;
  const char *rest;
};

/*
 * The loader has a path as it was asked for it: dlopen("./x.so"), or a relative LD_LIBRARY_PATH. It was relative to a
 * folder that only the kernel knows by then; in a sample it is not asked, since programs lock themselves up. The one of
 * the start is it, where the program has not gone elsewhere; if it has, a reader finds nothing there, or another build.
 */
static struct path path_of(const struct module *module) {
  if (module->is_executable) return (struct path){"", program};
  if (!module_has_file(module)) return (struct path){"", "[vdso]"};
  const char *rest = module->path;
  if (rest[0] == '/' || !folder[0]) return (struct path){"", rest};
  while (rest[0] == '.' && rest[1] == '/') rest += 2;
  return (struct path){folder, rest};
}

static int is_path(const char *whole, struct path path) {
  size_t length = text_length(path.folder);
  if (length == 0) return text_is_equal(whole, path.rest);
  for (size_t i = 0; i < length; i++)
    if (whole[i] != path.folder[i]) return 0;
  return whole[length] == '/' && text_is_equal(whole + length + 1, path.rest);
}

static void write_path(struct path path, char ret_path[PATH_BYTES]) {
  struct text text = text_in(ret_path, PATH_BYTES);
  text_add(&text, path.folder);
  if (path.folder[0]) text_add(&text, "/");
  text_add(&text, path.rest);
  if (text.is_cut) ret_path[0] = '\0';
}

static int has_build_id(const struct ration_segment_module *row, const struct module *module) {
  unsigned char build_id[RATION_BUILD_ID_BYTES];
  size_t bytes = module_build_id(module, build_id, sizeof build_id);
  return row->build_id_bytes == bytes && memcmp(row->build_id, build_id, bytes) == 0;
}

static int is_row_of(uint32_t number, const struct module *module, uint64_t generation) {
  const struct ration_segment_module *row = &segment.modules[number];
  if (load_acquire(&row->start) != module->start) return 0; /* pairs with write_row */
  if (row->bytes != module->bytes || row->bias != module->bias) return 0;
  if (load_relaxed(&looked_at[number]) == look_of(generation)) return 1; /* the same whoever has looked */
  if ((row->path[0] && !is_path(row->path, path_of(module))) || !has_build_id(row, module)) return 0;
  store_relaxed(&looked_at[number], look_of(generation));
  return 1;
}

static void write_row(uint32_t number, const struct module *module, uint64_t generation) {
  struct ration_segment_module *row = &segment.modules[number];
  row->bytes = module->bytes;
  row->bias = module->bias;
  row->first_at = clock_ns(); /* of the event, too: in the order of all others */
  module_text(module, &row->text_start, &row->text_bytes);
  row->is_executable = (uint32_t)module->is_executable;
  row->build_id_bytes = (uint32_t)module_build_id(module, row->build_id, sizeof row->build_id);
  write_path(path_of(module), row->path);
  store_relaxed(&looked_at[number], look_of(generation));
  store_release(&row->start, module->start); /* pairs with is_row_of, and the reader's pread */
  event_ring_put(&segment, &(struct event){.at = row->first_at,
                                           .kind = RATION_EVENT_MODULE,
                                           .thread = thread_segment_id(),
                                           .detail = number});
}

/* 0: there is no room. */
static uint32_t add_row(const struct module *module, uint64_t generation) {
  uint64_t rows = segment_rows(&segment, RATION_TABLE_MODULES);
  uint64_t number = add_relaxed(&segment.process->module_count, 1); /* a number of one's own */
  struct ration_segment_module *row = &segment.modules[number];
  if (number >= rows || segment_make_present(&segment, row, sizeof *row) < 0) {
    store_relaxed(&segment.process->module_count, rows); /* no further one is tried */
    add_relaxed(&segment.process->modules_lost, 1);      /* a sum */
    return 0;
  }
  write_row((uint32_t)number, module, generation);
  return (uint32_t)number;
}

#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

/* The row of its module; 0: it is in none, or there is no room. */
static uint32_t number_of(uintptr_t pc, uint64_t generation, struct module_hint *ret_hint) {
  struct module module;
  if (module_find((const void *)pc, &module) < 0 && module_find((const void *)(pc - 1), &module) < 0)
    return 0;
  uint32_t number = row_count();
  while (--number > 0 && !(segment_is_present(&segment, &segment.modules[number], sizeof *segment.modules) &&
                           is_row_of(number, &module, generation))) {
  }
  if (!number) number = add_row(&module, generation);
  if (number) *ret_hint = (struct module_hint){module.start, module.bytes, module.bias, number};
  return number;
}

uint64_t modules_frame(uintptr_t pc, uint64_t generation, struct module_hint *hint) {
  if (pc - hint->start >= hint->bytes && !number_of(pc, generation, hint)) return pc & ADDRESS_MASK;
  return (uint64_t)hint->number << 48 | ((pc - hint->bias) & ADDRESS_MASK);
}

void modules_inherit(struct segment *child, const struct segment *parents) {
  uint64_t rows = segment_rows(child, RATION_TABLE_MODULES),
           count = load_relaxed(&parents->process->module_count);
  if (count > rows) count = rows;
  for (uint64_t i = 1; i < count; i++) {
    const struct ration_segment_module *from = &parents->modules[i];
    struct ration_segment_module *to = &child->modules[i];
    if (!segment_is_present(parents, from, sizeof *from) || !load_acquire(&from->start))
      continue; /* pairs with write_row */
    if (segment_make_present(child, to, sizeof *to) < 0) break;
    *to = *from;
  }
  child->process->module_count = count;
}
