/*
 * account_view.c: the fields of an account, the largest peak first.
 */
#include "view/account_view.h"

#include <stdlib.h>

struct account_record {
  const char *name;
  struct account_figures figures;
};

#define ACCOUNT(member) offsetof(struct account_record, member)

static const struct field account_fields[] = {
    {.name = "name", .kind = FIELD_NAME, .offset = ACCOUNT(name), .heading = "ACCOUNT"},
    {.name = "live_bytes", .kind = FIELD_BYTES, .offset = ACCOUNT(figures.live_bytes), .heading = "LIVE"},
    {.name = "peak_bytes",
     .kind = FIELD_BYTES,
     .offset = ACCOUNT(figures.peak_bytes),
     .heading = "PEAK",
     .has_bar = true},
};

static size_t select_accounts(const struct snapshot *snapshot, const struct selection *selection,
                              struct account_record ret_records[]);
static int compare_peaks(const void *a, const void *b);

void account_view_table(struct emitter *emitter, const struct snapshot *snapshot,
                        const struct selection *selection) {
  struct account_record records[RATION_CATEGORY_IDS];
  size_t count = select_accounts(snapshot, selection, records);
  if (count > 0) emitter_end_line(emitter);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "accounts");
  for (size_t i = 0; i < count; i++) {
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(account_fields), &records[i]);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(account_fields), &records[i]);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
}

static size_t select_accounts(const struct snapshot *snapshot, const struct selection *selection,
                              struct account_record ret_records[]) {
  size_t count = 0;
  uint32_t root = selection_root(selection, snapshot);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    if (snapshot->accounts[id].peak_bytes == 0 || !selection_is_below(snapshot, id, root)) continue;
    ret_records[count++] =
        (struct account_record){.name = snapshot->categories[id].name, .figures = snapshot->accounts[id]};
  }
  qsort(ret_records, count, sizeof *ret_records, compare_peaks);
  return count;
}

static int compare_peaks(const void *a, const void *b) {
  const struct account_record *left = a, *right = b;
  uint64_t left_peak = left->figures.peak_bytes, right_peak = right->figures.peak_bytes;
  return left_peak < right_peak ? 1 : left_peak > right_peak ? -1 : 0;
}
