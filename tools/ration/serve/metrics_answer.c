/*
 * metrics_answer.c: /metrics, in the format that the scraper prefers.
 */
#include "serve/answer.h"
#include "serve/scrape.h"

#define TYPE_OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define TYPE_TEXT "text/plain; version=0.0.4; charset=utf-8"

void metrics_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  struct answer_body body;
  struct fault fault;
  int error = answer_begin(&body, &fault);
  if (!error) error = scrape_write(body.to, serving, question->dialect, &fault);
  answer_end(&body, error, &fault, question->dialect == METRIC_OPEN ? TYPE_OPEN : TYPE_TEXT, ret_answer);
}
