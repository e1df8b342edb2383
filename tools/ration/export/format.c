/*
 * format.c: the table of formats.
 */
#include "export/format.h"

#include <string.h>

#include "base/text.h"

#define STACKS EXPORT_TAKES_STACKS

const struct export_format export_formats[] = {
    {"pprof", export_pprof, STACKS, true, true, "profile.proto, as `go tool pprof` reads it"},
    {"folded", export_folded, STACKS | EXPORT_TAKES_ORDER, false, true, "a line a stack, for flame graphs"},
    {"speedscope", export_speedscope, STACKS, false, true, "for speedscope, a profile for each figure"},
    {"json", export_json, STACKS | EXPORT_TAKES_BLOCKS, false, false,
     "the page with all looks: sites, largest, leaks, timeline, sizes, threads, events, pools"},
    {"csv", export_csv, STACKS | EXPORT_TAKES_ROWS, false, false, "a table (RFC 4180); see --rows"},
    {"massif", export_massif, STACKS, false, false, "snapshots and two trees, for ms_print"},
    {"openmetrics", export_openmetrics, 0, false, false, "metrics by category, for Prometheus"},
    {0},
};

const struct export_format *export_format_find(const char *name) {
  for (const struct export_format *format = export_formats; format->name; format++)
    if (strcmp(format->name, name) == 0) return format;
  return NULL;
}

void export_format_list(unsigned takes, char ret_list[EXPORT_FORMAT_LIST_BYTES]) {
  struct text list = text_in(ret_list, EXPORT_FORMAT_LIST_BYTES);
  ret_list[0] = 0;
  for (const struct export_format *format = export_formats; format->name; format++) {
    if ((format->takes & takes) != takes) continue;
    if (list.used > 0) text_add(&list, ", ");
    text_add(&list, format->name);
  }
}
