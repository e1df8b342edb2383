/*
 * resident.c: each mapping is cut into pieces by whose they are; where there are several, pagemap tells how much of
 * each is resident.
 */
#include "reader/resident.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/whole.h"
#include "reader/extents.h"
#include "reader/module_end.h"
#include "reader/page_rows.h"
#include "reader/procfs.h"
#include "reader/smaps.h"

/* PART_SPARE: of the page heap's region, what is nobody's. */
enum part { PART_REST, PART_HEAP, PART_SPARE, PART_SHIM, PART_STACK, PART_FILE, PARTS };

/* A stretch that is known to be somebody's. */
struct piece {
  uint64_t start;
  uint64_t end;
  enum part part;
};

/* The pages of one mapping, counted by part. */
struct pages {
  const struct piece *piece; /* the first that may hold the next page */
  const struct piece *last;  /* one past the last */
  enum part rest;            /* what lies in none */
  uint64_t all_present;
  uint64_t present[PARTS];
  uint64_t exclusive[PARTS]; /* of them, those that are this process's alone */
};

#define PAGES_AT_ONCE 512

struct survey {
  const struct snapshot *snapshot;
  struct smaps smaps;
  struct piece *ranges; /* that the process has named */
  size_t range_count;
  struct extents pages; /* of the page heap */
  size_t next_page;     /* the first of them that ends behind the mapping before */
  uint64_t end;         /* of the mapping before */
  uint64_t reach;       /* see struct extents */
  int pagemap;
  uint64_t page_bytes;
  uint64_t resident[PARTS];
  uint64_t rss;
  uint64_t heap_bytes; /* all extents, and pages */
};

static int survey_all(struct survey *survey);
static int take_ranges(struct survey *survey);
static int take_pages(struct survey *survey);
static bool is_stack_of_living(uint32_t pid, uint32_t owner);
static int survey_mapping(struct survey *survey, const struct mapping *mapping);
static int survey_pages(struct survey *survey, const struct mapping *mapping);
static int survey_pieces(struct survey *survey, const struct mapping *mapping, const struct extents *extents);
static bool is_of_pages(const struct survey *survey, const struct mapping *mapping);
static size_t cut(const struct survey *survey, const struct mapping *mapping, const struct extents *extents,
                  struct piece *ret_pieces);
static void add_zeroed_data(const struct survey *survey, const struct mapping *mapping, struct piece *pieces,
                            size_t *count);
static void add_piece(const struct mapping *mapping, struct piece piece, struct piece *pieces, size_t *count);
static int compare_starts(const void *a, const void *b);
static int count_pages(struct survey *survey, const struct mapping *mapping, const struct piece *pieces,
                       size_t count);
static void share_out(struct survey *survey, const struct mapping *mapping, const struct pages *pages);
static uint64_t part_of_pages(const struct survey *survey, uint64_t own, uint64_t left, uint64_t shared);
static int read_pages(const struct survey *survey, const struct mapping *mapping, struct pages *pages);
static void add_page(const struct survey *survey, uint64_t address, uint64_t word, struct pages *pages);
static enum part part_of(const struct survey *survey, const struct mapping *mapping);
static struct resident sum_up(const struct survey *survey);
static uint64_t now_ns(void);

int resident_read(const struct snapshot *snapshot, struct resident *ret_resident, struct fault *ret_fault) {
  struct survey survey = {.snapshot = snapshot, .pagemap = -1, .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE)};
  int error = survey_all(&survey);
  if (!error) *ret_resident = sum_up(&survey);
  if (survey.pagemap >= 0) close(survey.pagemap);
  smaps_free(&survey.smaps);
  free(survey.ranges);
  extents_free(&survey.pages);
  if (!error) return 0;
  if (error == -EACCES || error == -EPERM) {
    return fault_set(ret_fault, error,
                     "no memory figures: /proc/%" PRIu32 " may not be read; be the same user or root",
                     snapshot->name.pid);
  }
  return fault_set(ret_fault, error, "no memory figures: %s", strerror(-error));
}

static int survey_all(struct survey *survey) {
  uint32_t pid = survey->snapshot->name.pid;
  int error = take_ranges(survey);
  if (!error) error = smaps_read(pid, &survey->smaps);
  if (!error) error = take_pages(survey);
  if (error) return error;
  survey->pagemap = pagemap_open(pid);
  if (survey->pagemap < 0) return survey->pagemap;
  for (size_t i = 0; i < survey->smaps.count && !error; i++) {
    error = survey_mapping(survey, &survey->smaps.mappings[i]);
  }
  return error;
}

/* The stack of a thread that ended without a word may be anything by now. */
static int take_ranges(struct survey *survey) {
  const struct ranges *ranges = &survey->snapshot->ranges;
  survey->ranges = calloc(ranges->count + 1, sizeof *survey->ranges);
  if (!survey->ranges) return -ENOMEM;
  for (uint32_t i = 0; i < ranges->count; i++) {
    const struct range *range = &ranges->range[i];
    bool is_stack = range->kind == RATION_RANGE_STACK;
    if (range->kind == RATION_RANGE_HEAP) continue;
    if (is_stack && !is_stack_of_living(survey->snapshot->name.pid, range->owner)) continue;
    survey->ranges[survey->range_count++] =
        (struct piece){.start = range->start, .end = range->end, .part = is_stack ? PART_STACK : PART_SHIM};
  }
  return 0;
}

/* Whose they are, the page heap's table says. */
static int take_pages(struct survey *survey) {
  int error = page_rows_add_extents(survey->snapshot, &survey->pages);
  for (size_t i = 0; i < survey->pages.count; i++)
    survey->heap_bytes += survey->pages.extents[i].end - survey->pages.extents[i].start;
  return error;
}

static bool is_stack_of_living(uint32_t pid, uint32_t owner) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/task/%" PRIu32, pid, owner);
  return access(path, F_OK) == 0;
}

/* Only anonymous pages may be of several parts. */
static int survey_mapping(struct survey *survey, const struct mapping *mapping) {
  survey->rss += mapping->resident_bytes;
  if (mapping->start != survey->end) survey->reach = 0;
  survey->end = mapping->end;
  if (mapping->kind != MAPPING_ANONYMOUS && mapping->kind != MAPPING_HEAP) {
    survey->resident[part_of(survey, mapping)] += mapping->resident_bytes;
    return 0;
  }
  if (is_of_pages(survey, mapping)) return survey_pages(survey, mapping);
  struct extents extents = {.reach = survey->reach};
  bool is_libc = survey->snapshot->tags.has_chunk_sizes;
  int error = is_libc ? extents_add(survey->snapshot, mapping, &extents) : 0;
  if (!error) error = survey_pieces(survey, mapping, &extents);
  for (size_t i = 0; i < extents.count && !error; i++) {
    survey->heap_bytes += extents.extents[i].end - extents.extents[i].start;
  }
  survey->reach = extents.reach;
  extents_free(&extents);
  return error;
}

/* No tags are looked for: samples alone have some there, and no chunk begins before them. */
static int survey_pages(struct survey *survey, const struct mapping *mapping) {
  const struct extents *pages = &survey->pages;
  while (survey->next_page < pages->count && pages->extents[survey->next_page].end <= mapping->start)
    survey->next_page++;
  size_t end = survey->next_page;
  while (end < pages->count && pages->extents[end].start < mapping->end) end++;
  struct extents within = {.extents = pages->extents + survey->next_page, .count = end - survey->next_page};
  return survey_pieces(survey, mapping, &within);
}

static int survey_pieces(struct survey *survey, const struct mapping *mapping,
                         const struct extents *extents) {
  struct piece *pieces = calloc(survey->range_count + extents->count + 2, sizeof *pieces);
  if (!pieces) return -ENOMEM;
  size_t count = cut(survey, mapping, extents, pieces);
  int error = count_pages(survey, mapping, pieces, count);
  free(pieces);
  return error;
}

/* The region has borders that nobody may touch: what is in memory lies in it, or does not. */
static bool is_of_pages(const struct survey *survey, const struct mapping *mapping) {
  return page_rows_cover(survey->snapshot, mapping->start, mapping->end);
}

/* Sorted, and none overlaps another: a stack that lies in a block is heap. */
static size_t cut(const struct survey *survey, const struct mapping *mapping, const struct extents *extents,
                  struct piece *ret_pieces) {
  size_t count = 0, kept = 0;
  for (size_t i = 0; i < survey->range_count; i++) add_piece(mapping, survey->ranges[i], ret_pieces, &count);
  for (size_t i = 0; i < extents->count; i++) {
    struct piece heap = {extents->extents[i].start, extents->extents[i].end, PART_HEAP};
    add_piece(mapping, heap, ret_pieces, &count);
  }
  if (mapping->module != 0) add_zeroed_data(survey, mapping, ret_pieces, &count);
  qsort(ret_pieces, count, sizeof *ret_pieces, compare_starts);
  for (size_t i = 0; i < count; i++) {
    struct piece piece = ret_pieces[i];
    if (kept > 0 && piece.start < ret_pieces[kept - 1].end) piece.start = ret_pieces[kept - 1].end;
    if (piece.start < piece.end) ret_pieces[kept++] = piece;
  }
  return kept;
}

/* Up to where the module ends; what lies behind has only come to lie there. */
static void add_zeroed_data(const struct survey *survey, const struct mapping *mapping, struct piece *pieces,
                            size_t *count) {
  uint64_t end = module_end(survey->snapshot->name.pid, mapping->module), page = survey->page_bytes;
  enum part part = mapping->is_after_shim ? PART_SHIM : PART_FILE;
  add_piece(mapping, (struct piece){mapping->start, (end + page - 1) / page * page, part}, pieces, count);
}

static void add_piece(const struct mapping *mapping, struct piece piece, struct piece *pieces,
                      size_t *count) {
  if (piece.start < mapping->start) piece.start = mapping->start;
  if (piece.end > mapping->end) piece.end = mapping->end;
  if (piece.start < piece.end) pieces[(*count)++] = piece;
}

static int compare_starts(const void *a, const void *b) {
  const struct piece *left = a, *right = b;
  return left->start < right->start ? -1 : left->start > right->start;
}

/* Without pieces, or with one that is all of it, smaps has said it. */
static int count_pages(struct survey *survey, const struct mapping *mapping, const struct piece *pieces,
                       size_t count) {
  bool is_one = count == 1 && pieces[0].start == mapping->start && pieces[0].end == mapping->end;
  if (count == 0 || is_one || mapping->resident_bytes == 0) {
    survey->resident[is_one ? pieces[0].part : part_of(survey, mapping)] += mapping->resident_bytes;
    return 0;
  }
  struct pages pages = {.piece = pieces, .last = pieces + count, .rest = part_of(survey, mapping)};
  int error = read_pages(survey, mapping, &pages);
  share_out(survey, mapping, &pages);
  return error;
}

/*
 * The kernel's page of zeroes, which stands where a page was read but never written, is present, not resident. So many
 * pages are present in excess, and they are among those that are not the process's alone. Which of these they are is not
 * told: those that a forked process has as well look the same. Where several parts have such, each is taken to have its
 * share of both.
 */
static void share_out(struct survey *survey, const struct mapping *mapping, const struct pages *pages) {
  uint64_t exclusive = 0;
  for (int part = 0; part < PARTS; part++) exclusive += pages->exclusive[part];
  uint64_t shared = pages->all_present - exclusive, resident = mapping->resident_bytes;
  uint64_t left = resident > exclusive ? resident - exclusive : 0; /* of the shared ones, what is resident */
  for (int part = 0; part < PARTS; part++) {
    uint64_t own = pages->present[part] - pages->exclusive[part];
    uint64_t got = left < shared ? part_of_pages(survey, own, left, shared) : own;
    survey->resident[part] += pages->exclusive[part] + got;
    shared -= own;
    left -= got < left ? got : left;
  }
}

/* own * left / shared, in whole pages. */
static uint64_t part_of_pages(const struct survey *survey, uint64_t own, uint64_t left, uint64_t shared) {
  double pages = (double)own * (double)left / (double)shared / (double)survey->page_bytes;
  return whole_of(pages) * survey->page_bytes;
}

static int read_pages(const struct survey *survey, const struct mapping *mapping, struct pages *pages) {
  uint64_t words[PAGES_AT_ONCE];
  uint64_t page = mapping->start / survey->page_bytes, end = mapping->end / survey->page_bytes;
  while (page < end) {
    size_t wanted = end - page < PAGES_AT_ONCE ? (size_t)(end - page) : PAGES_AT_ONCE;
    ssize_t got = pread(survey->pagemap, words, wanted * sizeof *words, (off_t)(page * sizeof *words));
    if (got < 0) return -errno;
    size_t count = (size_t)got / sizeof *words;
    if (count == 0) break; /* it has ended */
    for (size_t i = 0; i < count; i++, page++) {
      if (words[i] & PAGEMAP_IS_PRESENT) add_page(survey, page * survey->page_bytes, words[i], pages);
    }
  }
  return 0;
}

/* Pages come in ascending order, as pieces do. */
static void add_page(const struct survey *survey, uint64_t address, uint64_t word, struct pages *pages) {
  while (pages->piece < pages->last && pages->piece->end <= address) pages->piece++;
  bool is_within = pages->piece < pages->last && pages->piece->start <= address;
  enum part part = is_within ? pages->piece->part : pages->rest;
  pages->all_present += survey->page_bytes;
  pages->present[part] += survey->page_bytes;
  if (word & PAGEMAP_IS_EXCLUSIVE) pages->exclusive[part] += survey->page_bytes;
}

static enum part part_of(const struct survey *survey, const struct mapping *mapping) {
  static const enum part parts[] = {[MAPPING_ANONYMOUS] = PART_REST,
                                    [MAPPING_HEAP] = PART_REST,
                                    [MAPPING_STACK] = PART_STACK,
                                    [MAPPING_FILE] = PART_FILE,
                                    [MAPPING_SHIM] = PART_SHIM};
  return is_of_pages(survey, mapping) ? PART_SPARE : parts[mapping->kind];
}

static struct resident sum_up(const struct survey *survey) {
  const uint64_t *parts = survey->resident;
  struct resident sum = {.live_bytes = survey->snapshot->total.live_bytes,
                         .shim_bytes = parts[PART_SHIM],
                         .stack_bytes = parts[PART_STACK],
                         .file_bytes = parts[PART_FILE],
                         .rss_bytes = survey->rss,
                         .is_joined = !survey->snapshot->tags.has_chunk_sizes,
                         .at_ns = now_ns()};
  if (sum.is_joined) {
    uint64_t resident = parts[PART_REST] + parts[PART_HEAP] + parts[PART_SPARE];
    sum.untouched_bytes = sum.live_bytes > resident ? sum.live_bytes - resident : 0;
    sum.mapping_bytes = resident + sum.untouched_bytes - sum.live_bytes;
  } else {
    /* Blocks may have been freed or allocated between the books and the mappings. */
    uint64_t heap = survey->heap_bytes > sum.live_bytes ? survey->heap_bytes : sum.live_bytes;
    sum.untouched_bytes = heap > parts[PART_HEAP] ? heap - parts[PART_HEAP] : 0;
    sum.slack_bytes = heap - sum.live_bytes + parts[PART_SPARE];
    sum.mapping_bytes = parts[PART_REST];
  }
  int64_t explained = (int64_t)(sum.live_bytes - sum.untouched_bytes + sum.slack_bytes + sum.shim_bytes +
                                sum.mapping_bytes + sum.stack_bytes + sum.file_bytes);
  sum.unexplained_bytes = (int64_t)sum.rss_bytes - explained;
  return sum;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
