/*
 * save.c: the sections, and how the file comes to be there as a whole or not at all.
 */
#include "save/save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/limits.h"
#include "pressure/relief.h"
#include "save/format.h"
#include "save/stream.h"
#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"

/* Of the file that is to be, and of what it is called until it is whole. */
struct names {
  char file[PATH_MAX], unfinished[PATH_MAX];
};

static int find_names(const char *file, struct names *ret_names);
static int write_file(const struct simulation *simulation, int descriptor);
static int write_world(struct stream *stream, const struct simulation *simulation);
static void write_settings(struct stream *stream, const struct simulation *simulation);
static void write_state(struct stream *stream, const struct simulation *simulation);
static void write_plants(struct stream *stream, const struct plants *plants);
static void write_paths(struct stream *stream, const struct paths *paths);
static void write_events(struct stream *stream, const struct events *events);
static int write_places(struct stream *stream, const struct creatures *creatures);
static void write_creature(struct stream *stream, const struct creatures *creatures, size_t position);
static void write_cold(struct stream *stream, const struct cold *cold);
static void folder_of(const char *file, char *ret_folder);
static int sync_folder(const char *file);
static int complain(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static char wrong[PATH_MAX + 128];

int save_write(const struct simulation *simulation, const char *file, const char **ret_wrong) {
  struct names names;
  *ret_wrong = wrong;
  int error = find_names(file, &names);
  if (error) return error;
  int descriptor = open(names.unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  error = descriptor < 0 ? -errno : write_file(simulation, descriptor);
  if (descriptor >= 0 && close(descriptor) && !error) error = -errno;
  if (!error && rename(names.unfinished, names.file)) error = -errno;
  if (error && descriptor >= 0) (void)unlink(names.unfinished);
  if (!error) error = sync_folder(names.file);
  return error ? complain(error, "%s: cannot be written: %s", file, strerror(-error)) : 0;
}

int save_check(const char *file, const char **ret_wrong) {
  struct names names;
  struct stat status;
  char folder[PATH_MAX];
  *ret_wrong = wrong;
  int error = find_names(file, &names);
  if (error) return error;
  folder_of(names.file, folder);
  if (access(folder, W_OK | X_OK)) error = -errno;
  if (!error && stat(names.unfinished, &status) && errno != ENOENT) error = -errno; /* too long a name */
  return error ? complain(error, "%s: cannot be written: %s", file, strerror(-error)) : 0;
}

/* What a link leads to is written, not the link. A device, a pipe or a folder is no file, and stays. */
static int find_names(const char *file, struct names *ret_names) {
  struct stat status;
  const char *end = strrchr(file, '/');
  size_t bytes = strlen(file) + 1;
  if (!*file || (end && !end[1]) || bytes > sizeof ret_names->file)
    return complain(-EINVAL, "%s: cannot be written: no name of a file", file);
  memcpy(ret_names->file, file, bytes);
  int error = lstat(file, &status) ? -errno : 0;
  if (!error && S_ISLNK(status.st_mode))
    error = realpath(file, ret_names->file) && !stat(ret_names->file, &status) ? 0 : -errno;
  else if (error == -ENOENT)
    error = 0, status.st_mode = S_IFREG;
  if (error) return complain(error, "%s: cannot be written: %s", file, strerror(-error));
  if (!S_ISREG(status.st_mode)) return complain(-EINVAL, "%s: cannot be written: it is no file", file);
  int length = snprintf(ret_names->unfinished, sizeof ret_names->unfinished, "%s.%ld.tmp", ret_names->file,
                        (long)getpid());
  if (length >= 0 && (size_t)length < sizeof ret_names->unfinished) return 0;
  return complain(-ENAMETOOLONG, "%s: the name is too long", file);
}

/* The header last: only then is it known what it says. */
static int write_file(const struct simulation *simulation, int descriptor) {
  struct ration_memory *memory = ration_memory_system();
  struct save_header header;
  struct stream *stream = NULL;
  save_header_init(&header);
  RATION_SCOPE("temporary") {
    stream = ration_memory_allocate(memory, sizeof *stream, alignof(struct stream));
  }
  if (!stream) return -errno;
  int error = lseek(descriptor, sizeof header, SEEK_SET) < 0 ? -errno : 0;
  if (!error) {
    stream_begin_writing(stream, descriptor);
    error = write_world(stream, simulation);
  }
  if (!error) {
    header.length = stream->length;
    header.checksum = stream->checksum;
    header.header_checksum = save_header_sum(&header);
    ssize_t written = pwrite(descriptor, &header, sizeof header, 0);
    if (written != sizeof header) error = written < 0 ? -errno : -ENOSPC;
  }
  if (!error && fsync(descriptor)) error = -errno;
  ration_memory_release(memory, stream, sizeof *stream, alignof(struct stream));
  return error;
}

static int write_world(struct stream *stream, const struct simulation *simulation) {
  const struct creatures *creatures = &simulation->creatures;
  write_settings(stream, simulation);
  write_state(stream, simulation);
  write_plants(stream, &simulation->plants);
  write_paths(stream, &simulation->paths);
  write_events(stream, &simulation->events);
  int error = write_places(stream, creatures);
  if (error) return error;
  for (size_t i = 0; i < creatures_count(creatures); i++) write_creature(stream, creatures, i);
  const uint64_t counts[SAVE_STORE_COUNTS] = {
      creatures->born,     creatures->died,   creatures->demotions, creatures->promotions,
      creatures->archived, creatures->opened, creatures->simplified};
  stream_write(stream, counts, sizeof counts);
  stream_write_32(stream, SECTION_END);
  return stream_end_writing(stream);
}

/* ---- sections -------------------------------------------------------------------------------------------------- */

static void write_settings(struct stream *stream, const struct simulation *simulation) {
  stream_write_32(stream, SECTION_SETTINGS);
  stream_write_64(stream, simulation->seed);
  stream_write_64(stream, simulation->expected);
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS; i++)
    stream_write_64(stream, limits_maximum(&simulation->limits, i));
}

static void write_state(struct stream *stream, const struct simulation *simulation) {
  struct relief_state relief;
  relief_get_state(simulation, &relief);
  stream_write_32(stream, SECTION_STATE);
  stream_write_32(stream, simulation->frame);
  stream_write(stream, &simulation->counters, SAVE_COUNTERS * sizeof(uint64_t));
  stream_write(stream, &relief, sizeof relief);
}

static void write_plants(struct stream *stream, const struct plants *plants) {
  stream_write_32(stream, SECTION_PLANTS);
  stream_write_64(stream, plants->count);
  stream_write_64(stream, plants->bites);
  for (size_t i = 0; i < plants->count; i++)
    stream_write(stream, &plants->places[i].food, sizeof plants->places[i].food);
}

static void write_paths(struct stream *stream, const struct paths *paths) {
  const uint64_t counts[] = {paths->found, paths->reused, paths->dropped, paths->hopeless};
  stream_write_32(stream, SECTION_PATHS);
  stream_write_32(stream, paths->capacity);
  stream_write_32(stream, paths->count);
  stream_write_32(stream, paths->next);
  stream_write_32(stream, paths->serial);
  stream_write_64(stream, paths->table_size);
  stream_write(stream, counts, sizeof counts);
  stream_write(stream, paths->slots, paths->capacity * sizeof *paths->slots);
  stream_write(stream, paths->table, paths->table_size * sizeof *paths->table);
}

static void write_events(struct stream *stream, const struct events *events) {
  size_t count = event_ring_count(&events->ring);
  stream_write_32(stream, SECTION_EVENTS);
  stream_write(stream, events->counts, sizeof events->counts);
  stream_write_64(stream, count);
  while (count) stream_write(stream, event_ring_at(&events->ring, --count), sizeof(struct event));
}

static int write_places(struct stream *stream, const struct creatures *creatures) {
  const struct ration_records *records = &creatures->records.records;
  struct ration_memory *memory = ration_memory_system();
  size_t count = ration_records_places(records), bytes = count * sizeof(struct ration_records_place);
  struct ration_records_place *places = NULL;
  stream_write_32(stream, SECTION_CREATURES);
  stream_write_64(stream, creatures_count(creatures));
  stream_write_64(stream, count);
  if (!count) return 0;
  RATION_SCOPE("temporary") {
    places = ration_memory_allocate(memory, bytes, alignof(struct ration_records_place));
  }
  if (!places) return -errno;
  int error = ration_records_get_places(records, places);
  stream_write(stream, places, bytes);
  ration_memory_release(memory, places, bytes, alignof(struct ration_records_place));
  return error;
}

/* ---- a creature ------------------------------------------------------------------------------------------------ */

static void write_creature(struct stream *stream, const struct creatures *creatures, size_t position) {
  const struct hot *hot = &creatures_hot(creatures)[position];
  struct positions_entry entry = {.x = 0};
  struct warm warm;
  (void)positions_get(&creatures->positions, position, &entry);
  int has_warm = !creatures_read_warm(creatures, position, &warm);
  uint32_t is = creatures_warm(creatures)[position] ? WARM_THERE : has_warm ? WARM_DEMOTED : WARM_SIMPLIFIED;
  stream_write(stream, hot, sizeof *hot);
  stream_write(stream, &entry, sizeof entry);
  stream_write(stream, &creatures_looks(creatures)[position], sizeof(struct look));
  stream_write_32(stream, is);
  if (has_warm) stream_write(stream, &warm, sizeof warm);
  write_cold(stream, creatures_cold(creatures, position));
}

static void write_cold(struct stream *stream, const struct cold *cold) {
  const struct memory_page *page = NULL;
  const struct memory *memories;
  uint32_t count = 0;
  stream_write(stream, &cold->genetics, sizeof cold->genetics);
  stream_write(stream, &cold->biography, sizeof cold->biography);
  stream_write_32(stream, cold->used_at);
  stream_write_32(stream, cold->memories.count);
  while ((memories = memories_next(cold, &page, &count)))
    stream_write(stream, memories, count * sizeof *memories);
  count = cold->relations ? cold->relations->count : 0;
  stream_write_32(stream, count);
  if (count) stream_write(stream, cold->relations->relations, count * sizeof(struct relation));
  count = cold->behaviours ? cold->behaviours->count : 0;
  stream_write_32(stream, count);
  if (count) stream_write(stream, cold->behaviours->behaviours, count * sizeof(struct behaviour));
  count = cold->archive ? cold->archive->bytes : 0;
  stream_write_32(stream, count);
  if (count) stream_write(stream, cold->archive, sizeof(struct archive) + count);
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

/* With its last slash; the one that we are in where there is none. */
static void folder_of(const char *file, char *ret_folder) {
  const char *end = strrchr(file, '/');
  size_t length = end ? (size_t)(end - file) + 1 : 0;
  if (!length) file = "./", length = 2;
  memcpy(ret_folder, file, length);
  ret_folder[length] = 0;
}

/* So that the new name lasts. A folder that cannot be synced is none of ours. */
static int sync_folder(const char *file) {
  char folder[PATH_MAX];
  folder_of(file, folder);
  int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  int error = fsync(descriptor) && errno != EINVAL ? -errno : 0;
  close(descriptor);
  return error;
}

static int complain(int error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(wrong, sizeof wrong, format, arguments);
  va_end(arguments);
  return error;
}
