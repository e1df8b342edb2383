/*
 * writer.h: a recording as it is written: records go into a packet, which is packed and appended at least once a second.
 *
 * One thread. Errors of the file are kept: what comes behind one is dropped, and each call returns it.
 */
#ifndef RATION_TOOL_RECORDING_WRITER_H
#define RATION_TOOL_RECORDING_WRITER_H

#include "reader/place_name.h"
#include "reader/process.h"
#include "symbols/symbol_frame.h"

struct recording_writer;

/*
 * Makes the file, mode 0600, or empties it; but not one that another recording is written to: it is locked until
 * recording_close(). Returns 0 or -errno, with words: then no file is there that was not before.
 */
int recording_create(const char *path, struct recording_writer **ret_writer, struct fault *ret_fault);

/* The same of a name that must be free, a symbolic link's, too: else -EEXIST. */
int recording_create_new(const char *path, struct recording_writer **ret_writer, struct fault *ret_fault);

/* Writes what is left, with RECORDING_FINISH, and closes. NULL is nothing to close. Returns 0 or the first -errno. */
int recording_close(struct recording_writer *writer);

/* An image that begins with zeroes; its number goes to *ret_image. */
int recording_add_image(struct recording_writer *writer, const struct place_name *name, uint64_t bytes,
                        uint32_t *ret_image);

/*
 * What is at `offset` has become `now`; `before`: what was written of it last, NULL: zeroes. offset and bytes are
 * multiples of 8. Where nothing has changed nothing is written.
 */
int recording_patch(struct recording_writer *writer, uint32_t image, uint64_t offset, const void *before,
                    const void *now, uint64_t bytes);

/*
 * All images are as they were now (CLOCK_MONOTONIC, ns). A packet goes out where it is large, with the first image, or
 * where it would be more than a second behind the last if it went out at the next moment.
 */
int recording_moment(struct recording_writer *writer, uint64_t at);

/* Whether a packet will go out at a moment that is as late as that, however large it is. */
bool recording_is_due(const struct recording_writer *writer, uint64_t at);

/* What is there goes out, however little: a long time may pass until the next moment. */
int recording_flush(struct recording_writer *writer);

/* How the image's process ended; by process_read() and process_set_ended(). */
int recording_end_image(struct recording_writer *writer, uint32_t image, const struct process *process);

int recording_resident(struct recording_writer *writer, uint32_t image, const struct resident *resident);

/* What a frame (as in ration/segment.h: the module's row of that image, and the address) stands for. */
int recording_symbols(struct recording_writer *writer, uint32_t image, uint64_t frame,
                      const struct symbol_chain *chain);

struct recording_block {
  uint64_t bytes;
  uint64_t at; /* CLOCK_MONOTONIC */
  uint32_t category;
  uint32_t site; /* row in the segment */
};

#define RECORDING_LARGEST_BLOCKS 5

/* The largest blocks that live at the moment that follows. */
int recording_largest(struct recording_writer *writer, uint32_t image, const struct recording_block *blocks,
                      size_t count);

#endif
