/*
 * unwind_table.c: the head of .eh_frame_hdr (Linux Standard Base Core 5.0, 10.6.2).
 */
#include "os/unwind_table.h"

#include <errno.h>
#include <string.h>

/* How numbers are written there: DW_EH_PE_... of the same document. */
enum { SIGNED_4_FROM_HERE = 0x1b, UNSIGNED_4 = 0x03, SIGNED_4_FROM_HEADER = 0x3b };

struct head {
  uint8_t version;
  uint8_t frames_form;
  uint8_t count_form;
  uint8_t entries_form;
  uint32_t frames;
  uint32_t count;
};

static int find_area(const struct module *module, uintptr_t address, struct module_area *ret_area) {
  struct module_area area;
  for (unsigned i = 0; module_area(module, i, &area) == 0; i++) {
    if (address - area.start >= area.bytes) continue;
    *ret_area = area;
    return 0;
  }
  return -ENOENT;
}

int unwind_table_find(uintptr_t address, struct unwind_table *ret_table) {
  struct module module;
  if (module_find((const void *)address, &module) < 0 || !module.frame_table) return -ENOENT;
  struct unwind_table table = {.module_start = module.start,
                               .module_end = module.start + module.bytes,
                               .header = (uintptr_t)module.frame_table,
                               .entries = (uintptr_t)module.frame_table + sizeof(struct head)};
  if (find_area(&module, table.header, &table.area) < 0) return -ENOENT;
  uintptr_t room = table.area.start + table.area.bytes - table.header;
  struct head head;
  if (room < sizeof head) return -ENOTSUP;
  memcpy(&head, module.frame_table, sizeof head);
  if (head.version != 1 || head.frames_form != SIGNED_4_FROM_HERE || head.count_form != UNSIGNED_4 ||
      head.entries_form != SIGNED_4_FROM_HEADER)
    return -ENOTSUP;
  if (head.count > (room - sizeof head) / (2 * sizeof(uint32_t))) return -ENOTSUP;
  table.count = head.count;
  *ret_table = table;
  return 0;
}
