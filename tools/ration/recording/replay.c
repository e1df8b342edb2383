/*
 * replay.c: one function for each type of record.
 */
#include "recording/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording/unpacker.h"

/* A replay in progress. */
struct replaying {
  struct replay *replay;
  struct unpacker *unpacker;
  uint32_t only;
  const struct replay_visitor *visitor;
  struct fault *fault;
  bool is_said;           /* what went wrong */
  uint32_t first_changed; /* of the images that have changed since the last moment; REPLAY_NONE: none has */
};

static int go_through(struct replaying *replaying);
static int take_packet(struct replaying *replaying, struct varint_source *plain);
static int say(struct replaying *replaying, int error);

typedef int record_taker(struct replaying *replaying, struct varint_source *payload);
static record_taker take_image, take_patch, take_moment, take_end, take_resident, take_symbols, take_largest,
    take_finish;

static record_taker *const takers[] = {
    [RECORDING_IMAGE] = take_image,       [RECORDING_PATCH] = take_patch,
    [RECORDING_MOMENT] = take_moment,     [RECORDING_END] = take_end,
    [RECORDING_RESIDENT] = take_resident, [RECORDING_SYMBOLS] = take_symbols,
    [RECORDING_LARGEST] = take_largest,   [RECORDING_FINISH] = take_finish,
};

int replay_read(const char *path, uint32_t only, const struct replay_visitor *visitor,
                struct replay **ret_replay, struct fault *ret_fault) {
  static const struct replay_visitor nobody;
  struct replaying replaying = {
      .only = only, .visitor = visitor ? visitor : &nobody, .fault = ret_fault, .first_changed = REPLAY_NONE};
  int error = unpacker_open(path, &replaying.unpacker, ret_fault);
  if (error) return error;
  struct replay *replay = replaying.replay = calloc(1, sizeof *replay);
  if (!replay) {
    unpacker_close(replaying.unpacker);
    return fault_set(ret_fault, -ENOMEM, "not enough memory to read it");
  }
  replay->header = *unpacker_header(replaying.unpacker);
  replay->pages = image_pages_of_machine();
  error = go_through(&replaying);
  replay->cut_bytes = unpacker_cut_bytes(replaying.unpacker);
  replay->damaged_at = unpacker_damaged_at(replaying.unpacker);
  unpacker_close(replaying.unpacker);
  if (error) {
    replay_close(replay);
    return error;
  }
  *ret_replay = replay;
  return 0;
}

void replay_close(struct replay *replay) {
  if (!replay) return;
  for (uint32_t i = 0; i < replay->count; i++) image_close(&replay->images[i].image);
  image_pages_close(&replay->pages);
  free(replay->images);
  symbol_book_free(&replay->symbols);
  free(replay);
}

static int go_through(struct replaying *replaying) {
  struct replay *replay = replaying->replay;
  struct varint_source plain;
  int got, error = 0;
  while (!error && (got = unpacker_next(replaying->unpacker, &plain, replaying->fault)) != 0) {
    if (got < 0) return got;
    error = replay->has_finished ? say(replaying, -EBADMSG) : take_packet(replaying, &plain);
  }
  symbol_book_settle(&replay->symbols);
  for (uint32_t i = 0; i < replay->count && !error; i++) {
    image_close(&replay->images[i].image);
    if (!replay->images[i].has_ended) replay->images[i].last = replay->last;
  }
  return error;
}

static int take_packet(struct replaying *replaying, struct varint_source *plain) {
  while (plain->at < plain->end) {
    uint64_t type, bytes;
    if (!varint_take(plain, &type) || !varint_take(plain, &bytes) || bytes > (size_t)(plain->end - plain->at))
      return say(replaying, -EBADMSG);
    struct varint_source payload = {plain->at, plain->at + bytes};
    plain->at += bytes;
    bool is_known = type < sizeof takers / sizeof *takers && takers[type];
    int error = is_known ? takers[type](replaying, &payload) : 0;
    if (error) return say(replaying, error);
  }
  return 0;
}

static int say(struct replaying *replaying, int error) {
  unsigned long long at = unpacker_at(replaying->unpacker);
  if (replaying->is_said) return error;
  replaying->is_said = true;
  if (error == -EBADMSG)
    return fault_set(
        replaying->fault, error,
        "damaged at byte %llu of the recording: it says what makes no sense; nothing can be read", at);
  if (error == -E2BIG)
    return fault_set(replaying->fault, error,
                     "needs more than half of this machine's memory; read it on a larger one");
  if (error == -EFBIG)
    return fault_set(replaying->fault, error,
                     "needs larger files in memory than may be made here; raise the limit (ulimit -f)");
  return fault_set(replaying->fault, error, "cannot be replayed from byte %llu on: %s", at, strerror(-error));
}

/* The visitor has words of its own. */
static int told(struct replaying *replaying, int error) {
  if (error) replaying->is_said = true;
  return error;
}

static struct replay_image *image_at(struct replaying *replaying, uint64_t number) {
  return number < replaying->replay->count ? &replaying->replay->images[number] : NULL;
}

static bool make_room(struct replay *replay) {
  if (replay->count < replay->room) return true;
  uint32_t room = replay->room ? 2 * replay->room : 16;
  struct replay_image *images = realloc(replay->images, room * sizeof *images);
  if (!images) return false;
  /* Images point to the pages that all of them share, and nothing points to them. */
  replay->images = images;
  replay->room = room;
  return true;
}

static int take_image(struct replaying *replaying, struct varint_source *payload) {
  struct replay *replay = replaying->replay;
  struct replay_image image = {0};
  if (!image_record_take(payload, &image.is)) return -EBADMSG;
  if (replay->count == REPLAY_IMAGES_MOST || image_pages_take(&replay->pages, sizeof image) != 0)
    return -E2BIG;
  if (!make_room(replay)) return -ENOMEM;
  bool is_wanted =
      (replaying->only == REPLAY_ALL || replaying->only == replay->count) && image_may_have(image.is.bytes);
  image_open(&image.image, image.is.bytes, is_wanted ? &replay->pages : NULL);
  replay->images[replay->count++] = image;
  return 0;
}

/* There may be fewer mappings than images that have not ended, or whose end was not recorded. */
static void rest_all(struct replay *replay) {
  for (uint32_t i = 0; i < replay->count; i++) image_rest(&replay->images[i].image);
}

static int take_patch(struct replaying *replaying, struct varint_source *payload) {
  uint64_t number;
  struct replay_image *image = varint_take(payload, &number) ? image_at(replaying, number) : NULL;
  if (!image) return -EBADMSG;
  if (!image->image.pages) return 0;
  if (!image->has_changed) {
    image->next_changed = replaying->first_changed;
    replaying->first_changed = (uint32_t)number;
  }
  image->has_changed = true;
  int error = image_patch(&image->image, payload);
  if (error == -ENOMEM) {
    rest_all(replaying->replay);
    error = image_patch(&image->image, payload); /* it had not begun */
  }
  if (error != -E2BIG || replaying->only != REPLAY_ALL) return error;
  image->is_left_out = true;
  image->has_changed = false;
  image_leave_out(&image->image);
  return 0;
}

static int take_moment(struct replaying *replaying, struct varint_source *payload) {
  struct replay *replay = replaying->replay;
  if (!moment_record_take(payload, &replay->last)) return -EBADMSG;
  if (replay->moments++ == 0) replay->first = replay->last;
  const struct replay_visitor *visitor = replaying->visitor;
  if (!visitor->moment) return 0;
  int error = visitor->moment(visitor->context, replay, replaying->fault);
  /* Of very many images few change in a moment, and one alone is wanted, mostly. */
  for (uint32_t i = replaying->first_changed; i != REPLAY_NONE; i = replay->images[i].next_changed)
    replay->images[i].has_changed = false;
  replaying->first_changed = REPLAY_NONE;
  return told(replaying, error);
}

/* What is patched once more afterwards is opened anew. */
static int take_end(struct replaying *replaying, struct varint_source *payload) {
  struct end_record end;
  struct replay_image *image = end_record_take(payload, &end) ? image_at(replaying, end.image) : NULL;
  if (!image) return -EBADMSG;
  image->end = end;
  image->has_ended = true;
  image->last = replaying->replay->last;
  image_close(&image->image);
  return 0;
}

static int take_resident(struct replaying *replaying, struct varint_source *payload) {
  uint32_t number;
  struct resident resident;
  struct replay_image *image =
      resident_record_take(payload, &number, &resident) ? image_at(replaying, number) : NULL;
  if (!image) return -EBADMSG;
  image->resident = resident;
  image->has_resident = true;
  return 0;
}

/* Whoever goes through a recording once more has them from the first time. */
static int take_symbols(struct replaying *replaying, struct varint_source *payload) {
  if (replaying->only != REPLAY_ALL) return 0;
  struct replay *replay = replaying->replay;
  return symbol_book_take(&replay->symbols, payload, replay->count, &replay->pages);
}

static int take_largest(struct replaying *replaying, struct varint_source *payload) {
  struct largest_record largest;
  const struct replay_visitor *visitor = replaying->visitor;
  struct replay_image *image =
      largest_record_take(payload, &largest) ? image_at(replaying, largest.image) : NULL;
  if (!image) return -EBADMSG;
  image->has_largest = true;
  if (!visitor->largest) return 0;
  return told(replaying, visitor->largest(visitor->context, replaying->replay, &largest, replaying->fault));
}

static int take_finish(struct replaying *replaying, struct varint_source *payload) {
  (void)payload;
  replaying->replay->has_finished = true;
  return 0;
}
