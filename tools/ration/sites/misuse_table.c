/*
 * misuse_table.c: a row for each event; those that are alike, brought together by their order, become one.
 */
#include "sites/misuse_table.h"

#include <errno.h>
#include <stdlib.h>

static struct misuse_row row_of(const struct event_facts *event, const struct site_list *sites);
static int compare_kinds(const struct misuse_row *left, const struct misuse_row *right);
static int compare_events(const void *a, const void *b);
static int compare_rows(const void *a, const void *b);

size_t misuse_table_events(const struct event_list *events) {
  size_t count = 0;
  for (size_t i = 0; i < events->count; i++) count += events->event[i].kind == RATION_EVENT_MISUSE;
  return count;
}

int misuse_table_make(const struct event_list *events, const struct site_list *sites,
                      struct misuse_table *ret_table) {
  size_t count = misuse_table_events(events), taken = 0;
  struct misuse_table table = {.row = calloc(count + 1, sizeof *table.row), .events = count};
  if (!table.row) return -ENOMEM;
  for (size_t i = 0; i < events->count; i++)
    if (events->event[i].kind == RATION_EVENT_MISUSE) table.row[taken++] = row_of(&events->event[i], sites);
  qsort(table.row, taken, sizeof *table.row, compare_events);
  for (size_t i = 0; i < taken; i++) {
    struct misuse_row *before = table.count > 0 ? &table.row[table.count - 1] : NULL;
    if (before && compare_kinds(before, &table.row[i]) == 0) {
      before->times++;
      before->last = table.row[i].last;
    } else {
      table.row[table.count++] = table.row[i];
    }
  }
  qsort(table.row, table.count, sizeof *table.row, compare_rows);
  *ret_table = table;
  return 0;
}

void misuse_table_free(struct misuse_table *table) {
  free(table->row);
  *table = (struct misuse_table){0};
}

static struct misuse_row row_of(const struct event_facts *event, const struct site_list *sites) {
  bool has_site = sites && event->detail > 0 && event->detail <= UINT32_MAX;
  return (struct misuse_row){.misuse = event->limit,
                             .category = event->category,
                             .site = has_site ? site_list_of_row(sites, (uint32_t)event->detail) : NULL,
                             .times = 1,
                             .last = event};
}

/* Rows of the segment that are of one site count as one, as everywhere. */
static int compare_kinds(const struct misuse_row *left, const struct misuse_row *right) {
  uint32_t left_site = left->site ? left->site->row : 0, right_site = right->site ? right->site->row : 0;
  if (left->misuse != right->misuse) return left->misuse < right->misuse ? -1 : 1;
  if (left->category != right->category) return left->category < right->category ? -1 : 1;
  return left_site < right_site ? -1 : left_site > right_site;
}

static int compare_events(const void *a, const void *b) {
  const struct misuse_row *left = a, *right = b;
  int order = compare_kinds(left, right);
  if (order) return order;
  return left->last->ticket < right->last->ticket ? -1 : left->last->ticket > right->last->ticket;
}

/* Of those as frequent, the one that happened last. */
static int compare_rows(const void *a, const void *b) {
  const struct misuse_row *left = a, *right = b;
  if (left->times != right->times) return left->times > right->times ? -1 : 1;
  return left->last->ticket > right->last->ticket ? -1 : left->last->ticket < right->last->ticket;
}
