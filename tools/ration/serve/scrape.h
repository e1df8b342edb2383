/*
 * scrape.h: the metrics of all processes of this host that live, and those of the serving itself.
 */
#ifndef RATION_TOOL_SERVE_SCRAPE_H
#define RATION_TOOL_SERVE_SCRAPE_H

#include <stdio.h>

#include "export/metric.h"
#include "reader/fault.h"
#include "serve/serving.h"

/* Returns 0 or -ENOMEM, with words. A process that ends while it is read is left out. */
int scrape_write(FILE *to, struct serving *serving, enum metric_dialect dialect, struct fault *ret_fault);

#endif
