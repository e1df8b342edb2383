/*
 * writer.c: records, put one behind the other into packets.
 *
 * A packet goes out behind a moment, so that a recording that is cut ends with one; only what is larger than a packet
 * should be goes out before it.
 */
#include "recording/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/whole.h"
#include "ration/ration.h"

#include "recording/format.h"
#include "recording/machine.h"
#include "recording/packets.h"
#include "recording/patch.h"
#include "recording/record.h"

/* Nothing is to be older than that in memory alone. */
#define PACKET_EVERY_NS UINT64_C(1000000000)
#define PACKET_ENOUGH   (UINT32_C(256) << 10)
#define PACKET_FULL     (RECORDING_PACKET_MOST / 2)
#define PATCH_WORDS     (UINT64_C(32) << 10) /* of the image, in a record */

struct recording_writer {
  struct packets *packets;
  struct bytes payload;
  uint32_t images;
  uint32_t flushed_images; /* of these, in packets that ended with a moment */
  uint64_t moment_at;      /* the last */
  uint64_t flushed_at;     /* the moment of the last packet */
  int error;               /* the first */
};

static int begin(int fd, const char *made, struct recording_writer **ret_writer, struct fault *ret_fault);
static int claim(int fd);
static int write_header(int fd);
static int put(struct recording_writer *writer, enum recording_type type);
static int keep(struct recording_writer *writer, int error);
static int cannot_make(const char *what, int error, struct fault *ret_fault);

int recording_create(const char *path, struct recording_writer **ret_writer, struct fault *ret_fault) {
  int error = recording_create_new(path, ret_writer, ret_fault);
  if (error != -EEXIST) return error;
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  return fd < 0 ? cannot_make("made", errno, ret_fault) : begin(fd, NULL, ret_writer, ret_fault);
}

int recording_create_new(const char *path, struct recording_writer **ret_writer, struct fault *ret_fault) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  return fd < 0 ? cannot_make("made", errno, ret_fault) : begin(fd, path, ret_writer, ret_fault);
}

int recording_close(struct recording_writer *writer) {
  if (!writer) return 0;
  writer->payload.count = 0;
  put(writer, RECORDING_FINISH);
  if (!writer->error) keep(writer, packets_flush(writer->packets));
  keep(writer, packets_free(writer->packets));
  int error = writer->error;
  bytes_free(&writer->payload);
  free(writer);
  return error;
}

int recording_add_image(struct recording_writer *writer, const struct place_name *name, uint64_t bytes,
                        uint32_t *ret_image) {
  struct image_record record = {*name, bytes};
  writer->payload.count = 0;
  image_record_put(&writer->payload, &record);
  *ret_image = writer->images++;
  return put(writer, RECORDING_IMAGE);
}

int recording_patch(struct recording_writer *writer, uint32_t image, uint64_t offset, const void *before,
                    const void *now, uint64_t bytes) {
  const uint64_t *old = before, *new = now;
  uint64_t first = offset / sizeof *new, words = bytes / sizeof *new;
  for (uint64_t done = 0, count; done < words && !writer->error; done += count) {
    count = words - done < PATCH_WORDS ? words - done : PATCH_WORDS;
    writer->payload.count = 0;
    bytes_put_varint(&writer->payload, image);
    bool has_changed = patch_put(&writer->payload, first + done, old ? old + done : NULL, new + done, count);
    if (has_changed) put(writer, RECORDING_PATCH);
  }
  return writer->error;
}

/* The first image is there as soon as anything of it is known: the program may end within a second. */
bool recording_is_due(const struct recording_writer *writer, uint64_t at) {
  uint64_t next = at + (at - writer->moment_at); /* if it is as far away as the last */
  bool is_first = writer->images > 0 && writer->flushed_images == 0;
  return is_first || next > writer->flushed_at + PACKET_EVERY_NS;
}

int recording_moment(struct recording_writer *writer, uint64_t at) {
  struct moment_record record = {.at = at, .epoch_ns = process_clock_ns()};
  writer->payload.count = 0;
  moment_record_put(&writer->payload, &record);
  int error = put(writer, RECORDING_MOMENT);
  if (error) return error;
  bool is_due = recording_is_due(writer, at);
  writer->moment_at = at;
  return is_due || packets_open(writer->packets)->count >= PACKET_ENOUGH ? recording_flush(writer) : 0;
}

int recording_flush(struct recording_writer *writer) {
  if (writer->error) return writer->error;
  writer->flushed_at = writer->moment_at;
  writer->flushed_images = writer->images;
  return keep(writer, packets_flush(writer->packets));
}

int recording_end_image(struct recording_writer *writer, uint32_t image, const struct process *process) {
  struct end_record record = {.image = image, .state = process->state};
  if (process->signal > 0) record.wait_status = 1 + (uint32_t)process->signal;
  if (process->exit_status >= 0) record.wait_status = 1 + ((uint32_t)process->exit_status << 8);
  if (process->uptime_seconds >= 0) {
    record.ended_at_ns = process->snapshot.started_at_ns + whole_of(process->uptime_seconds * 1e9);
  }
  writer->payload.count = 0;
  end_record_put(&writer->payload, &record);
  return put(writer, RECORDING_END);
}

int recording_resident(struct recording_writer *writer, uint32_t image, const struct resident *resident) {
  writer->payload.count = 0;
  resident_record_put(&writer->payload, image, resident);
  return put(writer, RECORDING_RESIDENT);
}

int recording_symbols(struct recording_writer *writer, uint32_t image, uint64_t frame,
                      const struct symbol_chain *chain) {
  writer->payload.count = 0;
  symbol_record_put(&writer->payload, image, frame, chain);
  return put(writer, RECORDING_SYMBOLS);
}

int recording_largest(struct recording_writer *writer, uint32_t image, const struct recording_block *blocks,
                      size_t count) {
  struct largest_record record = {.image = image};
  record.count = count < RECORDING_LARGEST_BLOCKS ? (uint32_t)count : RECORDING_LARGEST_BLOCKS;
  for (size_t i = 0; i < record.count; i++) record.blocks[i] = blocks[i];
  writer->payload.count = 0;
  largest_record_put(&writer->payload, &record);
  return put(writer, RECORDING_LARGEST);
}

/* The descriptor is its from now on. Where it fails, nothing stays there of a recording, nor the file that was `made`. */
static int begin(int fd, const char *made, struct recording_writer **ret_writer, struct fault *ret_fault) {
  struct recording_writer *writer = calloc(1, sizeof *writer);
  int error = writer ? claim(fd) : -ENOMEM;
  if (!error) error = write_header(fd);
  if (!error) error = packets_new(fd, &writer->packets);
  if (!error) {
    *ret_writer = writer;
    return 0;
  }
  bool is_ours = error != -EBUSY;
  if (is_ours && made) unlink(made);
  if (is_ours && !made) claim(fd); /* it is emptied once more */
  close(fd);
  free(writer);
  if (is_ours) return cannot_make("written", -error, ret_fault);
  return fault_set(ret_fault, error, "another recording is being made there; name another file with -o");
}

/* Empties it, unless another recording is made there. What is no file takes all; some file systems have no locks. */
static int claim(int fd) {
  struct stat stat;
  if (fstat(fd, &stat) != 0) return -errno;
  if (!S_ISREG(stat.st_mode)) return 0;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return -EBUSY;
  return ftruncate(fd, 0) == 0 ? 0 : -errno;
}

static int write_header(int fd) {
  struct recording_header header = {
      .magic = RECORDING_MAGIC,
      .version_major = RECORDING_MAJOR,
      .version_minor = RECORDING_MINOR,
      .header_bytes = sizeof header,
      .made_at_ns = process_clock_ns(),
      .boot = machine_boot(),
      .ration_version = RATION_VERSION,
  };
  struct utsname machine;
  if (uname(&machine) == 0) snprintf(header.host, sizeof header.host, "%.63s", machine.nodename);
  return bytes_write(&header, sizeof header, fd);
}

/* The payload goes into the packet. */
static int put(struct recording_writer *writer, enum recording_type type) {
  if (writer->error) return writer->error;
  struct bytes *plain = packets_open(writer->packets);
  bytes_put_varint(plain, type);
  bytes_put_varint(plain, writer->payload.count);
  bytes_put(plain, writer->payload.first, writer->payload.count);
  if (writer->payload.is_out_of_memory || plain->is_out_of_memory) return keep(writer, -ENOMEM);
  return plain->count < PACKET_FULL ? 0 : keep(writer, packets_flush(writer->packets));
}

static int keep(struct recording_writer *writer, int error) {
  if (!writer->error) writer->error = error;
  return writer->error;
}

static int cannot_make(const char *what, int error, struct fault *ret_fault) {
  return fault_set(ret_fault, -error, "cannot be %s: %s; name another file with -o", what, strerror(error));
}
