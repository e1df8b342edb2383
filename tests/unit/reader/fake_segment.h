/*
 * fake_segment.h: segments made by hand, for tests of the reader.
 *
 * A fake segment is bytes in memory, laid out as segment.h says, small: one page of header and index, a few
 * category rows, a few slabs. Tests bend the bytes as they like, then have them put into a file.
 */
#ifndef RATION_TESTS_READER_FAKE_SEGMENT_H
#define RATION_TESTS_READER_FAKE_SEGMENT_H

#include <limits.h>
#include <ration/segment.h>

#include "reader/process.h"
#include "reader/segment_file.h"

#define FAKE_ROWS  8 /* of the category table; row 0 is not used */
#define FAKE_SLABS 3

#define FAKE_RULES       4
#define FAKE_RANGES      4
#define FAKE_TEXT_BYTES  256
#define FAKE_FIRST_TABLE 2 /* of those that a segment need not have; they fill the directory up to the next */
#define FAKE_TABLES      8

/* The next ones; they follow in the directory. */
#define FAKE_REFUSALS 4
#define FAKE_HANDLERS 4
#define FAKE_EVENTS   8
#define FAKE_SITES    8
#define FAKE_FRAMES   16
#define FAKE_MODULES  4
#define FAKE_SAMPLES  1024

struct fake_segment {
  struct ration_segment_header header;
  char gap[3072 - sizeof(struct ration_segment_header)];
  struct ration_segment_category rows[FAKE_ROWS];
  struct ration_segment_slab slabs[FAKE_SLABS];
  struct ration_segment_process process;
  struct ration_segment_account accounts[RATION_CATEGORY_IDS];
  struct ration_segment_range ranges[FAKE_RANGES];
  struct ration_segment_rule rules[FAKE_RULES];
  char text[FAKE_TEXT_BYTES];
  struct ration_segment_control control;
  struct ration_segment_budget budgets[FAKE_ROWS];
  struct ration_segment_refusal refusals[FAKE_REFUSALS];
  struct ration_segment_handler handlers[FAKE_HANDLERS];
  struct ration_segment_event events[FAKE_EVENTS];
  struct ration_segment_site sites[FAKE_SITES];
  uint64_t frames[FAKE_FRAMES];
  struct ration_segment_module modules[FAKE_MODULES];
  struct ration_segment_sample samples[FAKE_SAMPLES];
};

/*
 * A running process of this test's own pid, program "victim", with categories total (1), other (2), lib (3) and
 * lib/a.so (4), and in slab 1 some tallies for lib/a.so and other: see FAKE_ below.
 */
void fake_segment_fill(struct fake_segment *ret_segment);

/*
 * Adds tables: two rules, of which FAKE_RULE has never matched, an account of lib/a.so, a range of the
 * shim's and a stack.
 */
void fake_segment_add_tables(struct fake_segment *segment);

/*
 * Adds tables to one with those: a budget of total that is not under pressure, one of lib/a.so at its limit, which
 * has refused; two handlers, of which that of total is gone; an asker, and two requests of such as found no row; and a
 * ring that has come round: in it are tickets 3 and 5 to 12, but 10, which is just being written, and 11, which was lost.
 */
void fake_segment_add_budgets(struct fake_segment *segment);

/*
 * Adds tables to one with budgets: modules /bin/victim (1, and once more as 2) and /lib/a.so (3); sites in these, one of
 * which stands there twice; and two samples that live. See the .c for the figures.
 */
void fake_segment_add_sites(struct fake_segment *segment);

#define FAKE_SECOND     UINT64_C(1000000000)
#define FAKE_STARTED_AT (1000 * FAKE_SECOND)
#define FAKE_ASKER      UINT64_C(0x401234)

#define FAKE_RULE_MATCHED "lib:a.so*"
#define FAKE_RULE         "fn:json_*"
#define FAKE_ACCOUNT_LIVE 4096
#define FAKE_ACCOUNT_PEAK 8192

#define FAKE_A_ALLOCATIONS 1000
#define FAKE_A_FREES       400
#define FAKE_A_LIVE        60000
#define FAKE_A_CREDIT      4096
#define FAKE_A_PEAK        90000
#define FAKE_OTHER_LIVE    500
#define FAKE_OTHER_BLOCKS  5

/* Puts `size` bytes into a memfd, opened as a reader would have it. */
struct segment_file fake_segment_file(const void *bytes, size_t size);

/* A process that has exited, and left such a segment, as fake_segment_fill has it. */
struct process fake_process(void);

/* Puts them into a file of this name in a folder; fills in the path. */
void fake_segment_save(const void *bytes, size_t size, const char *folder, const char *name,
                       char ret_path[PATH_MAX]);

/* A folder of the test's own, and its removal with all that lies in it. */
void fake_folder_make(char ret_folder[PATH_MAX]);
void fake_folder_remove(const char *folder);

#endif
