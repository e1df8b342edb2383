/*
 * measure.h: by which figure two processes are compared: `diff --by`.
 */
#ifndef RATION_TOOL_DIFF_MEASURE_H
#define RATION_TOOL_DIFF_MEASURE_H

#include "reader/snapshot.h"
#include "sites/site_table.h"

enum measure {
  MEASURE_LIVE,
  MEASURE_TOTAL, /* bytes of all blocks so far */
  MEASURE_PEAK,
  MEASURE_COUNT, /* of all blocks so far */
};
#define MEASURES     "live, total, peak or count"
#define MEASURE_LIST "live|total|peak|count" /* as help has it */

/* Returns 0 or -1: the word is none of them. */
int measure_of(const char *word, enum measure *ret_measure);
const char *measure_word(enum measure measure);

uint64_t measure_value(enum measure measure, const struct figures *figures);

/* Whether samples say how far a site's figure may be off: without that nothing is known of its change. */
bool measure_is_of_sites(enum measure measure);
const struct estimate *measure_estimate(enum measure measure, const struct site_facts *facts);

#endif
