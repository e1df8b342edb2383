/*
 * load.c: checks the file, and makes its sections into a world.
 */
#include "save/load.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/limits.h"
#include "pressure/relief.h"
#include "save/format.h"
#include "save/load_creature.h"
#include "save/sound.h"
#include "save/stream.h"

struct load {
  int descriptor;
  const char *file;
  struct load_settings settings;
  struct save_header header;
  struct stream stream;
};

static int check_file(struct load *load);
static int check_header(const struct load *load);
static int check_length(const struct load *load, uint64_t size);
static int check_body(struct load *load);
static int begin_sections(struct load *load);
static int read_settings(struct load *load);
static int read_state(struct stream *stream, struct simulation *simulation);
static int read_plants(struct stream *stream, struct plants *plants);
static int read_paths(struct stream *stream, struct paths *paths);
static int read_events(struct stream *stream, struct events *events);
static int read_creatures(struct stream *stream, struct creatures *creatures);
static int read_places(struct stream *stream, struct creatures *creatures, uint64_t places);
static int enter(struct stream *stream, enum save_section section);
static int complain(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static char wrong[PATH_MAX + 128];

int load_open(struct load **ret_load, const char *file, const char **ret_wrong) {
  struct ration_memory *memory = ration_memory_system();
  struct load *load = NULL;
  *ret_wrong = wrong;
  RATION_SCOPE("temporary") {
    load = ration_memory_allocate(memory, sizeof *load, alignof(struct load));
  }
  if (!load) return complain(-ENOMEM, "%s: no memory to read it with", file);
  load->file = file;
  load->descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is no file: not waited for */
  int error = load->descriptor < 0 ? complain(-errno, "%s: cannot be read: %s", file, strerror(errno)) : 0;
  if (!error) error = check_file(load);
  if (error)
    load_close(load);
  else
    *ret_load = load;
  return error;
}

void load_close(struct load *load) {
  if (load->descriptor >= 0) close(load->descriptor);
  ration_memory_release(ration_memory_system(), load, sizeof *load, alignof(struct load));
}

const struct load_settings *load_settings(const struct load *load) {
  return &load->settings;
}

int load_into(struct load *load, struct simulation *simulation, const char **ret_wrong) {
  struct stream *stream = &load->stream;
  int error = begin_sections(load);
  if (!error) error = read_settings(load);
  if (!error) error = read_state(stream, simulation);
  if (!error) error = read_plants(stream, &simulation->plants);
  if (!error) error = read_paths(stream, &simulation->paths);
  if (!error) error = read_events(stream, &simulation->events);
  if (!error) error = read_creatures(stream, &simulation->creatures);
  if (!error) error = enter(stream, SECTION_END);
  if (!error && !stream_is_at_end(stream)) error = -EBADMSG;
  *ret_wrong = wrong;
  if (error == -ENOMEM || error == -ENOSPC)
    return complain(error, "%s: the --budget is too small for its creatures: give more", load->file);
  if (error) return complain(error, "%s: its sections do not fit together: save it anew", load->file);
  return 0;
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

static int check_file(struct load *load) {
  struct stat status;
  if (fstat(load->descriptor, &status)) return complain(-errno, "%s: %s", load->file, strerror(errno));
  if (!S_ISREG(status.st_mode)) return complain(-EINVAL, "%s: no file", load->file);
  memset(&load->header, 0, sizeof load->header);
  ssize_t got = read(load->descriptor, &load->header, sizeof load->header);
  if (got < 0) return complain(-errno, "%s: cannot be read: %s", load->file, strerror(errno));
  int error = check_header(load);
  if (!error) error = check_length(load, (uint64_t)status.st_size);
  if (!error) error = check_body(load);
  return error ? error : read_settings(load);
}

/* What is missing at its end is zero, which no header has. */
static int check_header(const struct load *load) {
  const struct save_header *header = &load->header;
  struct save_header own;
  save_header_init(&own);
  if (memcmp(header->magic, own.magic, sizeof own.magic) != 0)
    return complain(-EBADMSG, "%s: not a world that creatures has saved", load->file);
  if (header->order != own.order && header->order)
    return complain(-EBADMSG, "%s: saved on a machine with another order of bytes", load->file);
  if (header->version != own.version && header->version)
    return complain(-EBADMSG, "%s: of version %u, and this is version %u: save it anew", load->file,
                    header->version, own.version);
  if (header->header_checksum != save_header_sum(header))
    return complain(-EBADMSG, "%s: truncated or corrupted: its header does not add up", load->file);
  if (memcmp(header->sizes, own.sizes, sizeof own.sizes) != 0)
    return complain(-EBADMSG, "%s: its records have other sizes: save it anew", load->file);
  return 0;
}

static int check_length(const struct load *load, uint64_t size) {
  uint64_t length = sizeof load->header + load->header.length;
  if (size < length)
    return complain(-EBADMSG, "%s: truncated: %llu of %llu bytes are there", load->file,
                    (unsigned long long)size, (unsigned long long)length);
  if (size > length)
    return complain(-EBADMSG, "%s: corrupted: there are %llu bytes behind its end", load->file,
                    (unsigned long long)(size - length));
  return 0;
}

static int check_body(struct load *load) {
  uint64_t checksum = 0;
  int error = stream_sum(&load->stream, load->descriptor, load->header.length, &checksum);
  if (error) return complain(error, "%s: cannot be read: %s", load->file, strerror(-error));
  if (checksum != load->header.checksum)
    return complain(-EBADMSG, "%s: corrupted: its checksum is not what it was", load->file);
  return begin_sections(load);
}

/* From the first on, also once more. */
static int begin_sections(struct load *load) {
  if (lseek(load->descriptor, sizeof load->header, SEEK_SET) < 0)
    return complain(-errno, "%s: cannot be read: %s", load->file, strerror(errno));
  stream_begin_reading(&load->stream, load->descriptor, load->header.length);
  return 0;
}

static int read_settings(struct load *load) {
  struct load_settings *settings = &load->settings;
  int error = enter(&load->stream, SECTION_SETTINGS);
  settings->seed = stream_read_64(&load->stream);
  settings->creatures = stream_read_64(&load->stream);
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS; i++) settings->limits[i] = stream_read_64(&load->stream);
  if (!error) error = load->stream.error;
  if (!error && (!settings->creatures || settings->creatures > LIMITS_CREATURES_MOST)) error = -EBADMSG;
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS && !error; i++)
    if (!limits_may_be(i, settings->limits[i])) error = -EBADMSG;
  return error ? complain(error, "%s: its sections do not fit together: save it anew", load->file) : 0;
}

/* ---- sections -------------------------------------------------------------------------------------------------- */

static int enter(struct stream *stream, enum save_section section) {
  uint32_t tag = stream_read_32(stream);
  if (stream->error) return stream->error;
  return tag == (uint32_t)section ? 0 : -EBADMSG;
}

static int read_state(struct stream *stream, struct simulation *simulation) {
  struct relief_state relief;
  int error = enter(stream, SECTION_STATE);
  if (error) return error;
  simulation->frame = stream_read_32(stream);
  stream_read(stream, &simulation->counters, SAVE_COUNTERS * sizeof(uint64_t));
  stream_read(stream, &relief, sizeof relief);
  if (!stream->error) relief_set_state(simulation, &relief);
  return stream->error;
}

static int read_plants(struct stream *stream, struct plants *plants) {
  int error = enter(stream, SECTION_PLANTS);
  if (error) return error;
  if (stream_read_64(stream) != plants->count) return -EBADMSG;
  plants->bites = stream_read_64(stream);
  for (uint32_t i = 0; i < plants->count && !stream->error; i++) {
    float food = 0;
    stream_read(stream, &food, sizeof food);
    if (!(food >= 0 && food <= 1)) return -EBADMSG;
    plants_set_food(plants, i, food);
  }
  return stream->error;
}

static int read_paths(struct stream *stream, struct paths *paths) {
  uint64_t counts[4];
  int error = enter(stream, SECTION_PATHS);
  if (error) return error;
  if (stream_read_32(stream) != paths->capacity) return -EBADMSG;
  paths->count = stream_read_32(stream);
  paths->next = stream_read_32(stream);
  paths->serial = stream_read_32(stream);
  if (stream_read_64(stream) != paths->table_size) return -EBADMSG;
  stream_read(stream, counts, sizeof counts);
  paths->found = counts[0];
  paths->reused = counts[1];
  paths->dropped = counts[2];
  paths->hopeless = counts[3];
  stream_read(stream, paths->slots, paths->capacity * sizeof *paths->slots);
  stream_read(stream, paths->table, paths->table_size * sizeof *paths->table);
  if (stream->error) return stream->error;
  return paths_are_valid(paths) ? 0 : -EBADMSG;
}

/* They are no new ones: counted they are already. */
static int read_events(struct stream *stream, struct events *events) {
  uint64_t counts[EVENT_KINDS];
  int error = enter(stream, SECTION_EVENTS);
  if (error) return error;
  stream_read(stream, counts, sizeof counts);
  uint64_t count = stream_read_64(stream);
  for (; count && !stream->error; count--) {
    struct event event;
    stream_read(stream, &event, sizeof event);
    if (!stream->error && !sound_event(&event)) stream->error = -EBADMSG;
    if (!stream->error) events_push(events, &event);
  }
  memcpy(events->counts, counts, sizeof counts);
  return stream->error;
}

static int read_creatures(struct stream *stream, struct creatures *creatures) {
  int error = enter(stream, SECTION_CREATURES);
  if (error) return error;
  uint64_t count = stream_read_64(stream), places = stream_read_64(stream);
  size_t most = limits_maximum(creatures->limits, RATION_LIMIT_ACTIVE_CREATURES);
  if (stream->error || count > places || count > most) return -EBADMSG;
  if (places > stream_left(stream) / sizeof(struct ration_records_place)) return -EBADMSG;
  error = read_places(stream, creatures, places);
  for (uint64_t i = 0; i < count && !error; i++) error = load_creature(stream, creatures);
  return error ? error : load_counts(stream, creatures);
}

static int read_places(struct stream *stream, struct creatures *creatures, uint64_t places) {
  struct ration_memory *memory = ration_memory_system();
  size_t bytes = (size_t)places * sizeof(struct ration_records_place);
  struct ration_records_place *read = NULL;
  if (!places) return 0;
  RATION_SCOPE("temporary") {
    read = ration_memory_allocate(memory, bytes, alignof(struct ration_records_place));
  }
  if (!read) return -errno;
  stream_read(stream, read, bytes);
  int error = stream->error;
  if (!error) error = ration_records_set_places(&creatures->records.records, read, (size_t)places);
  ration_memory_release(memory, read, bytes, alignof(struct ration_records_place));
  return error == -EINVAL ? -EBADMSG : error;
}

static int complain(int error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(wrong, sizeof wrong, format, arguments);
  va_end(arguments);
  return error;
}
