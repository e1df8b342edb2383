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
#include "os/next.h"
#include "os/stream.h"
#include "shim/surface.h"
#include "track/thread.h"

EXPORT int malloc_trim(size_t pad);
EXPORT struct mallinfo2 mallinfo2(void);
EXPORT int malloc_info(int options, FILE *stream);

/* The next definition in link order. */
static void *find(const char *name) {
  struct record *record = thread_go_inside();
  void *found = next_find(name);
  next_forget_error();
  thread_come_out(record);
  return found;
}

EXPORT int malloc_trim(size_t pad) {
  int (*below)(size_t) = (int (*)(size_t))find("malloc_trim");
  int has_given = heap_trim(thread.stock);
  return (below && below(pad)) || has_given;
}

/* The next allocator's: all zero, where it has none. */
static struct mallinfo2 info_below(void) {
  struct mallinfo2 (*below)(void) = (struct mallinfo2(*)(void))find("mallinfo2");
  return below ? below() : (struct mallinfo2){0};
}

EXPORT struct mallinfo2 mallinfo2(void) {
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
  int (*below)(int, FILE *) = (int (*)(int, FILE *))find("malloc_info");
  if (heap_is_paged()) return options ? EINVAL : write_both(stream); /* as glibc */
  if (below) return below(options, stream);
  errno = ENOSYS;
  return -1;
}
