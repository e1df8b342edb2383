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

#include "heap/heap.h"
#include "heap/page/census.h"
#include "heap/page/spans.h"
#include "os/next.h"
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

static void write_class(FILE *stream, uint32_t class, struct holding holding) {
  fprintf(stream, "  <size from=\"%u\" to=\"%u\" total=\"%lu\" count=\"%lu\"/>\n",
          class > 1 ? size_class_bytes(class - 1) + 1 : 1, size_class_bytes(class),
          (unsigned long)holding.used, (unsigned long)holding.blocks);
}

static void write_pages(FILE *stream, const struct census *census) {
  struct holding all = census_total(census);
  struct span_figures spans = spans_figures();
  fputs("<heap nr=\"0\" kind=\"page\">\n<sizes>\n", stream);
  for (uint32_t class = 1; class < SIZE_CLASSES; class ++)
    if (census->by_class[class].blocks) write_class(stream, class, census->by_class[class]);
  fprintf(stream, "</sizes>\n<total type=\"used\" count=\"%lu\" size=\"%lu\"/>\n", (unsigned long)all.blocks,
          (unsigned long)all.used);
  fprintf(stream, "<total type=\"mmap\" count=\"%lu\" size=\"%lu\"/>\n",
          (unsigned long)census->by_class[0].blocks, (unsigned long)census->by_class[0].held);
  fprintf(stream, "<system type=\"current\" size=\"%lu\"/>\n<system type=\"free\" size=\"%lu\"/>\n</heap>\n",
          (unsigned long)(all.held + spans.free), (unsigned long)spans.free);
}

static void write_below(FILE *stream) {
  struct mallinfo2 info = info_below();
  fprintf(stream, "<heap nr=\"1\" kind=\"system\">\n<total type=\"used\" size=\"%zu\"/>\n", info.uordblks);
  fprintf(stream, "<total type=\"rest\" size=\"%zu\"/>\n<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n",
          info.fordblks, info.hblks, info.hblkhd);
  fprintf(stream, "<system type=\"current\" size=\"%zu\"/>\n</heap>\n", info.arena);
}

EXPORT int malloc_info(int options, FILE *stream) {
  int (*below)(int, FILE *) = (int (*)(int, FILE *))find("malloc_info");
  struct census census;
  if (!heap_is_paged()) {
    if (below) return below(options, stream);
    errno = ENOSYS;
    return -1;
  }
  if (options != 0) return EINVAL; /* as glibc */
  census_take(&census);
  fputs("<malloc version=\"1\">\n", stream);
  write_pages(stream, &census);
  write_below(stream);
  fputs("</malloc>\n", stream);
  return 0;
}
