/*
 * metrics_answer.c: /metrics, in the format that the scraper prefers.
 */
#include "serve/answer.h"
#include "serve/scrape.h"

#define TYPE_OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define TYPE_TEXT "text/plain; version=0.0.4; charset=utf-8"

void metrics_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  struct metric_text text = {.bytes = NULL};
  struct fault fault;
  if (scrape_write(serving, question->dialect, &text, &fault) != 0) {
    metric_text_free(&text);
    answer_words(ret_answer, 503, fault.words);
    return;
  }
  *ret_answer = (struct answer){.status = 200,
                                .type = question->dialect == METRIC_OPEN ? TYPE_OPEN : TYPE_TEXT,
                                .bytes = text.bytes,
                                .size = text.used};
}
