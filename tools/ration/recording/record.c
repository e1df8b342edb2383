/*
 * record.c: see record.h. What is put and what takes it stand one below the other.
 */
#include "recording/record.h"

#include <string.h>

#include "reader/process.h"

/* States have these numbers in recordings, too. */
_Static_assert(PROCESS_RUNNING == 0 && PROCESS_STOPPED == 1 && PROCESS_EXITED == 2 && PROCESS_KILLED == 3 &&
                   PROCESS_GONE == 4 && PROCESS_REPLACED == 5 && PROCESS_ELSEWHERE == 6,
               "recordings are kept for longer than this program");

static void put_step(struct bytes *payload, const struct symbol_frame *frame, size_t most_text);
static void put_text(struct bytes *payload, const char *text, size_t most);
static bool take_text(struct varint_source *payload, const char **ret_text, size_t *ret_bytes);

void image_record_put(struct bytes *payload, const struct image_record *record) {
  bytes_put_varint(payload, record->name.pid_namespace);
  bytes_put_varint(payload, record->name.pid);
  bytes_put_varint(payload, record->name.start_ticks);
  bytes_put_varint(payload, record->name.image);
  bytes_put_varint(payload, record->bytes);
}

bool image_record_take(struct varint_source *payload, struct image_record *ret_record) {
  struct place_name *name = &ret_record->name;
  return varint_take(payload, &name->pid_namespace) && varint_take_32(payload, &name->pid) &&
         varint_take(payload, &name->start_ticks) && varint_take_32(payload, &name->image) &&
         varint_take(payload, &ret_record->bytes);
}

void moment_record_put(struct bytes *payload, const struct moment_record *record) {
  bytes_put_varint(payload, record->at);
  bytes_put_varint(payload, record->epoch_ns);
}

bool moment_record_take(struct varint_source *payload, struct moment_record *ret_record) {
  return varint_take(payload, &ret_record->at) && varint_take(payload, &ret_record->epoch_ns);
}

void end_record_put(struct bytes *payload, const struct end_record *record) {
  bytes_put_varint(payload, record->image);
  bytes_put_varint(payload, record->state);
  bytes_put_varint(payload, record->wait_status);
  bytes_put_varint(payload, record->ended_at_ns);
}

bool end_record_take(struct varint_source *payload, struct end_record *ret_record) {
  return varint_take_32(payload, &ret_record->image) && varint_take_32(payload, &ret_record->state) &&
         ret_record->state <= PROCESS_ELSEWHERE && varint_take_32(payload, &ret_record->wait_status) &&
         varint_take(payload, &ret_record->ended_at_ns);
}

void resident_record_put(struct bytes *payload, uint32_t image, const struct resident *resident) {
  const uint64_t figures[] = {image,
                              resident->live_bytes,
                              resident->untouched_bytes,
                              resident->slack_bytes,
                              resident->shim_bytes,
                              resident->mapping_bytes,
                              resident->stack_bytes,
                              resident->file_bytes,
                              varint_zigzag((uint64_t)resident->unexplained_bytes),
                              resident->rss_bytes,
                              resident->is_joined,
                              resident->at_ns};
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) bytes_put_varint(payload, figures[i]);
}

bool resident_record_take(struct varint_source *payload, uint32_t *ret_image, struct resident *ret_resident) {
  uint64_t unexplained, is_joined;
  struct resident *to = ret_resident;
  uint64_t *const figures[] = {&to->live_bytes,    &to->untouched_bytes, &to->slack_bytes, &to->shim_bytes,
                               &to->mapping_bytes, &to->stack_bytes,     &to->file_bytes,  &unexplained,
                               &to->rss_bytes,     &is_joined,           &to->at_ns};
  if (!varint_take_32(payload, ret_image)) return false;
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    if (!varint_take(payload, figures[i])) return false;
  to->unexplained_bytes = (int64_t)varint_unzigzag(unexplained);
  to->is_joined = is_joined != 0;
  return true;
}

void symbol_record_put(struct bytes *payload, uint32_t image, uint64_t frame,
                       const struct symbol_chain *chain) {
  size_t steps = chain->count < SYMBOL_RECORD_STEPS ? chain->count : SYMBOL_RECORD_STEPS;
  bytes_put_varint(payload, image);
  bytes_put_varint(payload, frame);
  bytes_put_varint(payload, steps);
  for (size_t i = 0; i < steps; i++) put_step(payload, &chain->frames[i], SYMBOL_RECORD_TEXT / steps / 2);
}

bool symbol_record_take(struct varint_source *payload, struct symbol_record *ret_record) {
  return varint_take_32(payload, &ret_record->image) && varint_take(payload, &ret_record->frame) &&
         varint_take_32(payload, &ret_record->steps) && ret_record->steps <= SYMBOL_RECORD_STEPS;
}

static void put_step(struct bytes *payload, const struct symbol_frame *frame, size_t most_text) {
  bytes_put_varint(payload, (frame->is_inlined ? SYMBOL_RECORD_INLINED : 0) |
                                (frame->function ? SYMBOL_RECORD_FUNCTION : 0) |
                                (frame->file ? SYMBOL_RECORD_FILE : 0));
  bytes_put_varint(payload, frame->line);
  if (frame->function) put_text(payload, frame->function, most_text);
  if (frame->file) put_text(payload, frame->file, most_text);
}

bool symbol_step_take(struct varint_source *payload, struct symbol_step *ret_step) {
  uint32_t flags;
  *ret_step = (struct symbol_step){0};
  if (!varint_take_32(payload, &flags) || !varint_take_32(payload, &ret_step->line)) return false;
  if (flags & ~(uint32_t)SYMBOL_RECORD_FLAGS) return false;
  ret_step->is_inlined = flags & SYMBOL_RECORD_INLINED;
  return (!(flags & SYMBOL_RECORD_FUNCTION) ||
          take_text(payload, &ret_step->function, &ret_step->function_bytes)) &&
         (!(flags & SYMBOL_RECORD_FILE) || take_text(payload, &ret_step->file, &ret_step->file_bytes));
}

void largest_record_put(struct bytes *payload, const struct largest_record *record) {
  bytes_put_varint(payload, record->image);
  bytes_put_varint(payload, record->count);
  for (size_t i = 0; i < record->count; i++) {
    const struct recording_block *block = &record->blocks[i];
    bytes_put_varint(payload, block->bytes);
    bytes_put_varint(payload, block->category);
    bytes_put_varint(payload, block->site);
    bytes_put_varint(payload, block->at);
  }
}

bool largest_record_take(struct varint_source *payload, struct largest_record *ret_record) {
  if (!varint_take_32(payload, &ret_record->image) || !varint_take_32(payload, &ret_record->count) ||
      ret_record->count > RECORDING_LARGEST_BLOCKS)
    return false;
  for (size_t i = 0; i < ret_record->count; i++) {
    struct recording_block *block = &ret_record->blocks[i];
    if (!varint_take(payload, &block->bytes) || !varint_take_32(payload, &block->category) ||
        !varint_take_32(payload, &block->site) || !varint_take(payload, &block->at))
      return false;
  }
  return true;
}

static void put_text(struct bytes *payload, const char *text, size_t most) {
  size_t count = strnlen(text, most);
  bytes_put_varint(payload, count);
  bytes_put(payload, text, count);
}

static bool take_text(struct varint_source *payload, const char **ret_text, size_t *ret_bytes) {
  uint64_t count;
  if (!varint_take(payload, &count) || count > (size_t)(payload->end - payload->at)) return false;
  *ret_text = (const char *)payload->at;
  *ret_bytes = count;
  payload->at += count;
  return true;
}
