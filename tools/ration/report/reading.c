/*
 * reading.c: see reading.h.
 */
#include "report/reading.h"

#include <errno.h>

#include "select.h"
#include "subject/subject.h"

int reading_open(const struct process *process, const struct wishes *wishes, struct reading *ret_reading,
                 struct fault *ret_fault) {
  struct reading *reading = ret_reading;
  const struct snapshot *snapshot = &process->snapshot;
  *reading = (struct reading){0};
  int error = site_list_read_path(process->path, process->is_memfd, snapshot->category_count, &reading->sites,
                                  ret_fault);
  if (error) return error;
  struct site_wishes of_table = {.order = wishes->order, .is_raw = wishes->is_raw, .selection = &selected};
  struct symbol_places places = {.sysroot = wishes->sysroot, .debug_dir = wishes->debug_dir};
  reading->symbols = subject_symbols(process, &places);
  if (reading->symbols) error = site_table_make(&reading->sites, snapshot, &of_table, &reading->table);
  if (!reading->symbols || error) {
    reading_close(reading);
    return fault_set(ret_fault, -ENOMEM, "not enough memory to read its sites");
  }
  reading->report = (struct site_report){.sites = &reading->sites,
                                         .table = &reading->table,
                                         .symbols = reading->symbols,
                                         .filter = &wishes->filter,
                                         .shape = wishes->shape,
                                         .most = wishes->most,
                                         .most_frames = wishes->most_frames,
                                         .is_raw = wishes->is_raw};
  return 0;
}

void reading_close(struct reading *reading) {
  symbols_close(reading->symbols);
  site_table_free(&reading->table);
  site_list_free(&reading->sites);
}
