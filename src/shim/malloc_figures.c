/*
 * malloc_figures.c: what glibc has for its own heap besides the malloc family. Where blocks come from the page heap these
 * answer for both; else for the next allocator alone, as if the shim were not there.
 *
 * malloc_info(3) writes one document of its own form; of the page heap a <heap> more, with a <size> for each class.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "heap/heap.h"
#include "heap/page/census.h"
#include "heap/page/spans.h"
#include "heap/page/stocks.h"
#include "os/next.h"
#include "os/stream.h"
#include "shim/malloc_figures.h"
#include "shim/surface.h"
#include "track/thread.h"

EXPORT int malloc_trim(size_t pad);
EXPORT struct mallinfo2 mallinfo2(void);
EXPORT int malloc_info(int options, FILE *stream);

/* The next definitions in link order; NULL: there is none. */
static struct {
  int (*trim)(size_t);
  struct mallinfo2 (*info)(void);
  int (*write)(int, FILE *);
} below;
static uint32_t is_found;

/* By the constructor, as a rule: a look-up takes the loader's lock. */
void malloc_figures_find(void) {
  if (load_acquire(&is_found)) return; /* pairs with malloc_figures_find */
  struct record *record = thread_go_inside();
  *(void **)&below.trim = next_find("malloc_trim"); /* the same for whoever looks */
  *(void **)&below.info = next_find("mallinfo2");
  *(void **)&below.write = next_find("malloc_info");
  next_forget_error();
  thread_come_out(record);
  store_release(&is_found, 1); /* pairs with malloc_figures_find */
}

/* What waits for other threads' pages is free. */
static void settle(void) {
  malloc_figures_find();
  if (thread.stock) stock_flush(thread.stock);
}

EXPORT int malloc_trim(size_t pad) {
  malloc_figures_find();
  int has_given = heap_trim(thread.stock);
  return (below.trim && below.trim(pad)) || has_given;
}

/* The next allocator's: all zero, where it has none. */
static struct mallinfo2 info_below(void) {
  return below.info ? below.info() : (struct mallinfo2){0};
}

EXPORT struct mallinfo2 mallinfo2(void) {
  settle();
  struct mallinfo2 info = info_below();
  struct census census;
  if (!heap_is_paged()) return info;
  census_take(&census);
  struct holding all = census_total(&census), large = census.by_class[0];
  struct span_figures spans = spans_figures();
  info.arena += all.held - large.held + spans.free;
  info.hblks += large.blocks;
  info.hblkhd += large.held;
  info.uordblks += all.used - large.used;
  info.fordblks += all.held - large.held - (all.used - large.used) + spans.free;
  info.keepcost += spans.dirty;
  return info;
}

/* <NAME type="..." count="..." size="..."/>, as glibc has them. */
static void add_number(struct text *text, const char *before, uint64_t number) {
  text_add(text, before);
  text_add_decimal(text, number);
}

static void add_total(struct text *text, const char *name, uint64_t count, uint64_t bytes) {
  text_add(text, name);
  add_number(text, "\" count=\"", count);
  add_number(text, "\" size=\"", bytes);
  text_add(text, "\"/>\n");
}

static void add_class(struct text *text, uint32_t class, struct holding holding) {
  add_number(text, "  <size from=\"", class > 1 ? size_class_bytes(class - 1) + 1 : 1);
  add_number(text, "\" to=\"", size_class_bytes(class));
  add_number(text, "\" total=\"", holding.used);
  add_number(text, "\" count=\"", holding.blocks);
  text_add(text, "\"/>\n");
}

static void add_pages(struct text *text, const struct census *census) {
  struct holding all = census_total(census), large = census->by_class[0];
  struct span_figures spans = spans_figures();
  text_add(text, "<heap nr=\"0\" kind=\"page\">\n<sizes>\n");
  for (uint32_t class = 1; class < SIZE_CLASSES; class ++)
    if (census->by_class[class].blocks) add_class(text, class, census->by_class[class]);
  text_add(text, "</sizes>\n");
  add_total(text, "<total type=\"used", all.blocks, all.used);
  add_total(text, "<total type=\"mmap", large.blocks, large.held);
  add_number(text, "<system type=\"current\" size=\"", all.held + spans.free);
  add_number(text, "\"/>\n<system type=\"free\" size=\"", spans.free);
  text_add(text, "\"/>\n</heap>\n");
}

static void add_below(struct text *text) {
  struct mallinfo2 info = info_below();
  add_number(text, "<heap nr=\"1\" kind=\"system\">\n<total type=\"used\" size=\"", info.uordblks);
  text_add(text, "\"/>\n");
  add_total(text, "<total type=\"rest", info.ordblks, info.fordblks);
  add_total(text, "<total type=\"mmap", info.hblks, info.hblkhd);
  add_number(text, "<system type=\"current\" size=\"", info.arena);
  text_add(text, "\"/>\n</heap>\n");
}

#define DOCUMENT_BYTES ((SIZE_CLASSES + 16) * 112)

static int write_both(FILE *stream) {
  char document[DOCUMENT_BYTES];
  struct text text = text_in(document, sizeof document);
  struct census census;
  census_take(&census);
  text_add(&text, "<malloc version=\"1\">\n");
  add_pages(&text, &census);
  add_below(&text);
  text_add(&text, "</malloc>\n");
  return stream_put(stream, document, text.used);
}

EXPORT int malloc_info(int options, FILE *stream) {
  settle();
  if (heap_is_paged()) return options ? EINVAL : write_both(stream); /* as glibc */
  if (below.write) return below.write(options, stream);
  errno = ENOSYS;
  return -1;
}
