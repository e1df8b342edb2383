/*
 * record.h: the payloads of records, as they are put and taken; numbers are varints, in the order in which they stand
 * here. What stands behind a payload that is known is passed over: a later minor version may add to it.
 *
 * Text: varint bytes, then these, without an end.
 */
#ifndef RATION_TOOL_RECORDING_RECORD_H
#define RATION_TOOL_RECORDING_RECORD_H

#include "reader/place_name.h"
#include "reader/resident.h"
#include "recording/bytes.h"
#include "recording/varint.h"
#include "recording/writer.h"
#include "symbols/symbol_frame.h"

/* RECORDING_IMAGE */
struct image_record {
  struct place_name name; /* pid namespace, pid, start ticks, N */
  uint64_t bytes;
};

/* RECORDING_MOMENT */
struct moment_record {
  uint64_t at;       /* CLOCK_MONOTONIC, ns */
  uint64_t epoch_ns; /* the same moment */
};

/* RECORDING_END */
struct end_record {
  uint32_t image;
  uint32_t state;       /* enum process_state */
  uint32_t wait_status; /* 1 + that of wait(2); 0: nobody waited */
  uint64_t ended_at_ns; /* since the epoch; 0: not known */
};

/*
 * RECORDING_RESIDENT: image, then the members of struct resident from live_bytes to file_bytes, unexplained_bytes signed,
 * rss_bytes, is_joined, at_ns.
 *
 * RECORDING_SYMBOLS: image; the frame as in ration/segment.h; number of steps, innermost first; of each flags, line,
 * and what of function and file (texts) the flags say is there. No steps: nothing is known of it.
 */
#define SYMBOL_RECORD_INLINED  1
#define SYMBOL_RECORD_FUNCTION 2
#define SYMBOL_RECORD_FILE     4
#define SYMBOL_RECORD_FLAGS    7
#define SYMBOL_RECORD_STEPS    1024      /* more are left out */
#define SYMBOL_RECORD_TEXT     (1 << 19) /* bytes of all texts of a frame: longer ones are cut */

struct symbol_record {
  uint32_t image;
  uint64_t frame;
  uint32_t steps;
};

/* RECORDING_LARGEST: image; number of blocks, of each bytes, category, site, at. */
struct largest_record {
  uint32_t image;
  uint32_t count;
  struct recording_block blocks[RECORDING_LARGEST_BLOCKS];
};

void image_record_put(struct bytes *payload, const struct image_record *record);
void moment_record_put(struct bytes *payload, const struct moment_record *record);
void end_record_put(struct bytes *payload, const struct end_record *record);
void resident_record_put(struct bytes *payload, uint32_t image, const struct resident *resident);
void symbol_record_put(struct bytes *payload, uint32_t image, uint64_t frame,
                       const struct symbol_chain *chain);
void largest_record_put(struct bytes *payload, const struct largest_record *record);

/* False: it makes no sense. */
bool image_record_take(struct varint_source *payload, struct image_record *ret_record);
bool moment_record_take(struct varint_source *payload, struct moment_record *ret_record);
bool end_record_take(struct varint_source *payload, struct end_record *ret_record);
bool resident_record_take(struct varint_source *payload, uint32_t *ret_image, struct resident *ret_resident);
bool largest_record_take(struct varint_source *payload, struct largest_record *ret_record);

/* The head; then each step, whose texts stand in the payload, and have no end. */
struct symbol_step {
  const char *function, *file; /* NULL: not known */
  size_t function_bytes, file_bytes;
  uint32_t line;
  bool is_inlined;
};
bool symbol_record_take(struct varint_source *payload, struct symbol_record *ret_record);
bool symbol_step_take(struct varint_source *payload, struct symbol_step *ret_step);

#endif
