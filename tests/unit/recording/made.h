/*
 * made.h: recordings made for tests: of fake segments, by the writer; and packets of any bytes, by hand.
 */
#ifndef RATION_TESTS_RECORDING_MADE_H
#define RATION_TESTS_RECORDING_MADE_H

#include "reader/fake_segment.h"
#include "recording/replay.h"
#include "recording/writer.h"

#define MADE_STARTED_NS (UINT64_C(1700000000) * FAKE_SECOND) /* since the epoch */

/* A folder of the test's own, and in it `path`, for a recording. */
extern char made_path[PATH_MAX];
void made_set_up(void);
void made_tear_down(void);

/* A fake segment with sites, of this pid and image, running since `seconds` after MADE_STARTED_NS. */
void made_fill(struct fake_segment *ret_segment, uint32_t pid, uint32_t image, uint64_t seconds);

/* Adds it to a recording, as it is. Returns its number. */
uint32_t made_add(struct recording_writer *writer, const struct fake_segment *segment);

struct recording_writer *made_begin(void);

/* What the file holds, and with what to replace it. */
size_t made_read(unsigned char *ret_bytes, size_t room);
void made_write(const void *bytes, size_t count);

/* A recording of a header, and one packet of these plain bytes, behind what stands there already if `is_more`. */
void made_packet(const void *plain, size_t count, bool is_more);

/* Puts the checksum into a packet's head. */
void made_head(struct recording_packet *head);

/* Replays it and closes that again. Returns what replay_read() does, and its words. */
int made_replay(struct fault *ret_fault);

#endif
