/*
 * replay.h: a recording, gone through from its start: what its images have become by its last whole packet, and on the
 * way there, for whoever wants to know, what they were at each of its moments.
 */
#ifndef RATION_TOOL_RECORDING_REPLAY_H
#define RATION_TOOL_RECORDING_REPLAY_H

#include "recording/format.h"
#include "recording/image.h"
#include "recording/record.h"
#include "recording/symbol_book.h"

#define REPLAY_IMAGES_MOST (UINT32_C(1) << 30) /* memory ends earlier */
#define REPLAY_ALL         UINT32_MAX
#define REPLAY_NONE        (UINT32_MAX - 1)

struct replay_image {
  struct image_record is; /* whose */
  struct image image;
  bool is_left_out;      /* with it images take too much memory */
  bool has_changed;      /* since the moment before */
  uint32_t next_changed; /* while it is replayed: of those, in no order */
  bool has_largest;      /* its largest blocks were recorded */
  bool has_ended;
  struct end_record end;
  bool has_resident;
  struct resident resident;
  struct moment_record last; /* of all moments before its end, the last */
};

struct replay {
  struct recording_header header;
  struct replay_image *images;
  uint32_t count;
  uint32_t room;
  struct image_pages pages;
  struct symbol_book symbols;
  uint64_t moments; /* so far */
  struct moment_record first;
  struct moment_record last;
  uint64_t cut_bytes;  /* of a packet that is not whole, or of what is damaged, at the end */
  uint64_t damaged_at; /* where these begin; 0: they are cut, and no more */
  bool has_finished;   /* whoever recorded has ended in order */
};

/* Whom to tell what; any of them may be NULL. Each returns 0, or what replay_read() is to return, with words. */
struct replay_visitor {
  int (*moment)(void *context, const struct replay *replay, struct fault *ret_fault);
  int (*largest)(void *context, const struct replay *replay, const struct largest_record *largest,
                 struct fault *ret_fault);
  void *context;
};

/*
 * Reads it to the end. `only`: REPLAY_ALL; or the number of one image, or REPLAY_NONE: patches of the others are left out,
 * and symbols are, too. Of REPLAY_ALL an image for which there is not enough memory is left out; and so is, always, one of
 * which the size makes no sense. Returns 0, with a replay to be closed; what unpacker_open() and unpacker_next() return;
 * -EBADMSG: a record makes no sense; -E2BIG: it needs more memory than there is; -EFBIG: larger files in memory
 * than may be made; with words.
 */
int replay_read(const char *path, uint32_t only, const struct replay_visitor *visitor,
                struct replay **ret_replay, struct fault *ret_fault);

/* NULL is nothing to close. */
void replay_close(struct replay *replay);

#endif
