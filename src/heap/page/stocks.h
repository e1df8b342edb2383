/*
 * stocks.h: between the files of stocks: what is done with a stock by others than its owner's calls in stock.h.
 */
#ifndef RATION_HEAP_PAGE_STOCKS_H
#define RATION_HEAP_PAGE_STOCKS_H

#include "heap/page/stock.h"

struct stock *stock_of(uint32_t number);

/* For the owner. */
void stock_flush(struct stock *stock);
void stock_open_inbox(struct stock *stock);
void stock_release_retired(struct stock *stock, uint64_t now_ms, uint64_t age_ms);
void stock_release_listed(struct stock *stock, struct heap_page *page);

/* For anybody: a page that its freer has found wanted; one that is in no list, and of which no block is used. */
void stock_put_in_inbox(struct stock *stock, struct heap_page *page);
void stock_release_page(struct stock *stock, struct heap_page *page);

#endif
