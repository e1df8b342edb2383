/*
 * scrape.h: the metrics of all processes of this host that live, and those of the serving itself.
 */
#ifndef RATION_TOOL_SERVE_SCRAPE_H
#define RATION_TOOL_SERVE_SCRAPE_H

#include "export/metric.h"
#include "reader/fault.h"
#include "serve/serving.h"

/* What is kept from one scrape to the next; for serving->scraper. NULL: no memory. */
struct scraper *scraper_new(void);
void scraper_free(struct scraper *scraper);

/*
 * Adds them to the text; one scrape after another, whoever asks. Returns 0 or -ENOMEM, with words. A process that ends while it is
 * read is left out.
 */
int scrape_write(struct serving *serving, enum metric_dialect dialect, struct metric_text *to,
                 struct fault *ret_fault);

#endif
