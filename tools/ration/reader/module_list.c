/*
 * module_list.c: rows of modules. Two threads that met a module at the same moment have left two of it.
 */
#include "reader/module_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void take_module(const struct ration_segment_module *row, struct module_facts *ret_module);
static bool is_same(const struct module_facts *a, const struct module_facts *b);

int module_list_read(const struct segment_file *file, const struct layout *layout, uint64_t taken,
                     struct module_list *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_MODULES];
  size_t count = taken < table->rows ? (size_t)taken : (size_t)table->rows;
  if (count > MODULE_LIST_MOST) count = MODULE_LIST_MOST;
  struct module_list list = {.count = count, .module = calloc(count + 1, sizeof *list.module)};
  if (!list.module) return -ENOMEM;
  for (size_t i = 1; i < count; i++) {
    struct ration_segment_module row;
    int error = layout_copy_row(file, table, i, &row, sizeof row);
    if (error) {
      module_list_free(&list);
      return error;
    }
    take_module(&row, &list.module[i]);
    uint32_t first = 1;
    while (first < i && !is_same(&list.module[first], &list.module[i])) first++;
    list.module[i].same = first;
  }
  *ret_list = list;
  return 0;
}

void module_list_free(struct module_list *list) {
  free(list->module);
  *list = (struct module_list){0};
}

static void take_module(const struct ration_segment_module *row, struct module_facts *ret_module) {
  *ret_module = (struct module_facts){
      .start = row->start,
      .bytes = row->bytes,
      .bias = row->bias,
      .is_executable = row->is_executable != 0,
      .build_id_bytes = row->build_id_bytes <= RATION_BUILD_ID_BYTES ? row->build_id_bytes : 0};
  memcpy(ret_module->build_id, row->build_id, ret_module->build_id_bytes);
  memcpy(ret_module->path, row->path, sizeof ret_module->path);
  ret_module->path[sizeof ret_module->path - 1] = '\0';
}

static bool is_same(const struct module_facts *a, const struct module_facts *b) {
  return a->start == b->start && a->bytes == b->bytes && a->bias == b->bias &&
         a->build_id_bytes == b->build_id_bytes && memcmp(a->build_id, b->build_id, a->build_id_bytes) == 0 &&
         strcmp(a->path, b->path) == 0;
}

const char *module_list_name(const struct module_list *list, uint32_t number) {
  if (number == 0 || number >= list->count || !list->module[number].path[0]) return "?";
  const char *path = list->module[number].path, *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}
