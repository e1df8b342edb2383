/*
 * site_table.h: the sites of a process as they are shown: estimates, scaled where they may be, in order.
 *
 * The books of a category are exact. Where at least 20 samples speak for what it holds (or has held), and what they say
 * is compatible with the books, its sites are scaled so that they add up to them: that takes away the error that all have
 * in common, at the price of a bias that is small against it. Where that is not so, estimates stand as they are, and what
 * the sites of the category lack of the books is unattributed.
 */
#ifndef RATION_TOOL_SITES_SITE_TABLE_H
#define RATION_TOOL_SITES_SITE_TABLE_H

#include "reader/selection.h"
#include "reader/site_list.h"
#include "reader/snapshot.h"
#include "sites/interval.h"

#define SITE_TABLE_SAMPLES 20 /* that it takes to scale a category */

enum site_order {
  SITES_BY_LIVE,
  SITES_BY_TOTAL,
  SITES_BY_PEAK,      /* by what was live when the process was at its peak */
  SITES_BY_TEMPORARY, /* by blocks that were freed at once */
  SITES_BY_COUNT,     /* by blocks, all so far */
  SITES_BY_LIFETIME,  /* by how long blocks lived, on average */
};

/* "live", "total" ... Returns 0 or -1: none of them. */
int site_order_of(const char *word, enum site_order *ret_order);
#define SITE_ORDERS     "live, total, peak, temporary, count or lifetime"
#define SITE_ORDER_LIST "live|total|peak|temporary|count|lifetime" /* as help has it */

struct site_row {
  const struct site_facts *facts;
  double live_bytes; /* these scaled, if they may be */
  double live_blocks;
  double total_bytes;
  double total_blocks;
  struct interval live;  /* of live_bytes */
  struct interval total; /* of total_bytes */
  bool is_scaled;        /* live figures are */
  double rank;           /* by which it stands where it does */
};

struct site_table {
  size_t count;
  struct site_row *row; /* allocated; the first in order first */
  enum site_order order;
  double rank_sum;
  uint64_t live_bytes; /* exact, of the selected categories */
  uint64_t total_bytes;
  double estimated_live_bytes; /* unscaled, by all samples of theirs */
  double estimated_total_bytes;
  double unattributed_bytes; /* live ones that no site stands for */
  uint64_t samples;          /* all so far */
};

struct site_wishes {
  enum site_order order;
  bool is_raw; /* nothing is scaled */
  const struct selection *selection;
};

/* How long its blocks lived on average, in seconds, by the middle of the classes of lifetimes; 0: none has ended. */
double site_row_lifetime(const struct site_row *row);

/* `sites` must outlive the table. Returns 0, with a table that is to be freed, or -ENOMEM. */
int site_table_make(const struct site_list *sites, const struct snapshot *snapshot,
                    const struct site_wishes *wishes, struct site_table *ret_table);
void site_table_free(struct site_table *table);

#endif
