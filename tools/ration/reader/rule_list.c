/*
 * rule_list.c: rows and their texts are written before a segment can be read, but for is_matched.
 */
#include "reader/rule_list.h"

#include <errno.h>
#include <string.h>

static int take_rule(const struct segment_file *file, const struct layout *layout,
                     const struct ration_segment_rule *row, size_t *text_at, struct rule_list *list);

int rule_list_read(const struct segment_file *file, const struct layout *layout, uint64_t count,
                   uint32_t categories, struct rule_list *ret_list, struct fault *ret_fault) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_RULES];
  if (count > table->rows || count > RULE_LIST_MOST) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: says that it has %llu rules; nothing can be read",
                     (unsigned long long)count);
  }
  size_t text_at = 0;
  ret_list->count = 0;
  for (uint32_t i = 0; i < count; i++) {
    struct ration_segment_rule row;
    int error = layout_copy_row(file, table, i, &row, sizeof row);
    bool has_category = row.category > 0 && row.category <= categories;
    if (!error && has_category) error = take_rule(file, layout, &row, &text_at, ret_list);
    if (error == -ERANGE || (!error && !has_category)) {
      return fault_set(ret_fault, -EBADMSG, "corrupted: rule %u makes no sense; nothing can be read", i);
    }
    if (error) return error;
  }
  return 0;
}

/* -ERANGE: its text lies outside the table, or is one too many. Texts hold no NUL but where somebody put one. */
static int take_rule(const struct segment_file *file, const struct layout *layout,
                     const struct ration_segment_rule *row, size_t *text_at, struct rule_list *list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_TEXT];
  uint64_t table_bytes = table->rows * table->stride; /* both lie in the file: see check_table */
  if (row->text_at > table_bytes || row->text_bytes > table_bytes - row->text_at) return -ERANGE;
  if (row->text_bytes >= sizeof list->text - *text_at) return -ERANGE;
  char *text = list->text + *text_at;
  int error = segment_file_copy(file, table->offset + row->text_at, text, row->text_bytes);
  if (error) return error;
  text[row->text_bytes] = 0;
  list->rule[list->count++] = (struct rule_facts){.category = row->category,
                                                  .kind = row->kind,
                                                  .text_at = (uint32_t)*text_at,
                                                  .is_matched = row->is_matched != 0};
  *text_at += row->text_bytes + 1;
  return 0;
}
