/*
 * history.c: the events of a recorded process: where the ring has lost some of them by its end, it is followed from moment
 * to moment, as one that is live would be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/event_cursor.h"
#include "recording/replay.h"
#include "subject/subject.h"

struct history {
  uint32_t image; /* in the recording */
  struct event_cursor cursor;
  struct event_list list;
  size_t room;
};

static int replay_events(const struct recorded *recorded, struct event_list *ret_list,
                         struct fault *ret_fault);
static int read_moment(void *context, const struct replay *replay, struct fault *ret_fault);
static int read_rest(struct history *history, const struct replay *replay, struct fault *ret_fault);
static int read_ring(struct history *history, const struct segment_file *file, struct fault *ret_fault);
static int open_image(const struct history *history, const struct replay *replay,
                      struct segment_file *ret_file, struct fault *ret_fault);
static int add(struct history *history, const struct event_batch *batch, struct fault *ret_fault);

int subject_events(const struct process *process, struct event_list *ret_list, struct fault *ret_fault) {
  int error = event_list_read_path(process->path, process->is_memfd, ret_list, ret_fault);
  bool is_whole = error || (ret_list->overwritten == 0 && ret_list->lost == 0);
  if (is_whole || !process->recorded) return error;
  event_list_free(ret_list);
  return replay_events(process->recorded, ret_list, ret_fault);
}

static int replay_events(const struct recorded *recorded, struct event_list *ret_list,
                         struct fault *ret_fault) {
  struct history history = {.image = recorded->image, .cursor = event_cursor_at_start(RATION_TABLE_EVENTS)};
  struct replay_visitor visitor = {.moment = read_moment, .context = &history};
  struct replay *replay;
  int error = replay_read(recorded->path, recorded->image, &visitor, &replay, ret_fault);
  if (!error) {
    error = read_rest(&history, replay, ret_fault);
    replay_close(replay);
  }
  if (error) {
    event_list_free(&history.list);
    return error;
  }
  history.list.lost = history.cursor.lost;
  history.list.overwritten = history.cursor.missed - history.cursor.lost;
  *ret_list = history.list;
  return 0;
}

/* Before its first patch an image is no segment yet. */
static int read_moment(void *context, const struct replay *replay, struct fault *ret_fault) {
  struct history *history = context;
  if (history->image >= replay->count || !replay->images[history->image].has_changed) return 0;
  struct segment_file file;
  int error = open_image(history, replay, &file, ret_fault);
  if (error) return error;
  error = read_ring(history, &file, ret_fault);
  segment_file_close(&file);
  return error == -EAGAIN ? 0 : error;
}

/* What came behind the last moment; what is not there by now is waited for no longer. Modules are the last ones. */
static int read_rest(struct history *history, const struct replay *replay, struct fault *ret_fault) {
  struct segment_file file;
  struct event_list last;
  if (history->image >= replay->count || !replay->images[history->image].image.start)
    return fault_set(ret_fault, -EBADMSG, "it has become another recording");
  history->cursor.patience_ns = 0;
  int error = open_image(history, replay, &file, ret_fault);
  if (error) return error;
  error = read_ring(history, &file, ret_fault);
  if (!error) error = event_list_read(&file, &last, ret_fault);
  segment_file_close(&file);
  if (error) return error;
  history->list.modules = last.modules;
  last.modules = (struct module_list){0};
  event_list_free(&last);
  return 0;
}

static int open_image(const struct history *history, const struct replay *replay,
                      struct segment_file *ret_file, struct fault *ret_fault) {
  char path[SEGMENT_WINDOW_PATH_BYTES];
  image_path(&replay->images[history->image].image, path);
  return segment_file_open(path, true, ret_file, ret_fault);
}

static int read_ring(struct history *history, const struct segment_file *file, struct fault *ret_fault) {
  struct event_batch batch;
  int error = event_cursor_read(&history->cursor, file, &batch, ret_fault);
  if (error) return error;
  error = add(history, &batch, ret_fault);
  event_batch_free(&batch);
  return error;
}

/* Samples have a ring of their own, and no place here. */
static int add(struct history *history, const struct event_batch *batch, struct fault *ret_fault) {
  struct event_list *list = &history->list;
  if (list->count + batch->count > history->room) {
    size_t room = 2 * (list->count + batch->count);
    struct event_facts *events = realloc(list->event, room * sizeof *events);
    if (!events) return fault_set(ret_fault, -ENOMEM, "not enough memory to read its events");
    list->event = events;
    history->room = room;
  }
  for (size_t i = 0; i < batch->count; i++) {
    uint8_t kind = batch->event[i].kind;
    bool is_sample = kind == RATION_EVENT_SAMPLE || kind == RATION_EVENT_SAMPLE_FREED;
    if (!is_sample) list->event[list->count++] = batch->event[i];
  }
  return 0;
}
