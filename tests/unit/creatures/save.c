/*
 * save.c: tests of save/.
 */
#include "save/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "creatures/world.h"
#include "save/load.h"
#include "save/stream.h"

static struct simulation world;

/* ---- the stream ------------------------------------------------------------------------------------------------ */

static int open_unnamed(void) {
  char name[] = "/tmp/creatures-stream-XXXXXX";
  int descriptor = mkstemp(name);
  cr_assert_geq(descriptor, 0);
  unlink(name);
  return descriptor;
}

Test(save, a_stream_yields_what_was_written) {
  static struct stream stream;
  enum { WORDS = 3 * STREAM_BUFFER / 4 + 7 };
  int descriptor = open_unnamed();
  stream_begin_writing(&stream, descriptor);
  for (uint32_t i = 0; i < WORDS; i++) stream_write_32(&stream, i * 2654435761u);
  cr_assert_eq(stream_end_writing(&stream), 0);
  uint64_t checksum = stream.checksum, length = stream.length, sum = 0;
  cr_assert_eq(length, WORDS * 4);
  cr_assert_eq(lseek(descriptor, 0, SEEK_SET), 0);
  cr_assert_eq(stream_sum(&stream, descriptor, length, &sum), 0);
  cr_expect_eq(sum, checksum);
  cr_assert_eq(lseek(descriptor, 0, SEEK_SET), 0);
  stream_begin_reading(&stream, descriptor, length);
  for (uint32_t i = 0; i < WORDS; i++) cr_assert_eq(stream_read_32(&stream), i * 2654435761u);
  cr_expect(stream_is_at_end(&stream));
  cr_expect_eq(stream_read_64(&stream), 0);
  cr_expect_eq(stream.error, -EBADMSG);
  cr_expect(!stream_is_at_end(&stream));
  (void)close(descriptor);
}

Test(save, a_checksum_changes_with_each_bit) {
  unsigned char bytes[41] = {1, 2, 3};
  uint64_t sum = stream_hash(STREAM_SEED, bytes, sizeof bytes);
  for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
    bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    cr_expect_neq(stream_hash(STREAM_SEED, bytes, sizeof bytes), sum, "%zu", bit);
    bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
}

Test(save, a_stream_keeps_the_first_error) {
  static struct stream stream;
  int descriptor = open("/dev/null", O_RDONLY);
  stream_begin_writing(&stream, descriptor);
  for (uint32_t i = 0; i < STREAM_BUFFER; i++) stream_write_32(&stream, i);
  cr_expect_eq(stream_end_writing(&stream), -EBADF);
  (void)close(descriptor);
}

/* ---- whole worlds ---------------------------------------------------------------------------------------------- */

static void save(const struct simulation *simulation, const char *file) {
  const char *wrong = "";
  cr_assert_eq(save_write(simulation, file, &wrong), 0, "%s", wrong);
}

/* What is known of a world. */
struct known {
  uint64_t checksum, deaths, born, paths, archived, promotions;
  uint32_t frame;
};

static struct known know(const struct simulation *simulation) {
  return (struct known){.checksum = simulation_checksum(simulation),
                        .deaths = simulation->counters.deaths,
                        .born = simulation->creatures.born,
                        .paths = simulation->paths.found,
                        .archived = simulation->creatures.archived,
                        .promotions = simulation->creatures.promotions,
                        .frame = simulation->frame};
}

static void expect_same(const struct known *one, const struct known *other) {
  cr_expect_eq(one->frame, other->frame);
  cr_expect_eq(one->checksum, other->checksum);
  cr_expect_eq(one->deaths, other->deaths);
  cr_expect_eq(one->born, other->born);
  cr_expect_eq(one->paths, other->paths);
  cr_expect_eq(one->archived, other->archived);
  cr_expect_eq(one->promotions, other->promotions);
}

/* Once in one go, and once saved and loaded in between. */
static void expect_goes_on(const char *script, size_t creatures, uint32_t before, uint32_t after) {
  char file[64];
  world_file(file, "saved");
  world_begin(&world, creatures, script, NULL);
  world_run(&world, before);
  save(&world, file);
  struct known saved = know(&world);
  cr_expect_eq(saved.archived > 0, script != NULL);
  world_run(&world, after);
  struct known ended = know(&world);
  simulation_done(&world);
  world_begin(&world, 1, script, file);
  unlink(file);
  cr_expect(creatures_is_valid(&world.creatures));
  struct known loaded = know(&world);
  expect_same(&loaded, &saved);
  world_run(&world, after);
  struct known again = know(&world);
  expect_same(&again, &ended);
  simulation_done(&world);
}

Test(save, a_world_goes_on_as_if_it_had_never_ended) {
  expect_goes_on(NULL, 150, 400, 300);
}

Test(save, a_world_under_pressure_goes_on_likewise) {
  char script[64];
  world_file(script, "script");
  FILE *stream = fopen(script, "w");
  cr_assert_geq(fputs("20 medium\n60 critical\n150 low\n", stream), 0);
  (void)fclose(stream);
  expect_goes_on(script, 1000, 100, 150);
  unlink(script);
}

/* A saved world, in memory. */
static unsigned char *read_whole(const char *file, size_t *ret_size) {
  struct stat status;
  int descriptor = open(file, O_RDONLY);
  cr_assert(descriptor >= 0 && !fstat(descriptor, &status));
  unsigned char *bytes = malloc((size_t)status.st_size + 1);
  cr_assert_eq(read(descriptor, bytes, (size_t)status.st_size), status.st_size);
  (void)close(descriptor);
  *ret_size = (size_t)status.st_size;
  return bytes;
}

static void expect_refused(const unsigned char *bytes, size_t size, const char *says) {
  char file[64];
  struct load *load = NULL;
  const char *wrong = "";
  world_file(file, "broken");
  int descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  cr_assert_eq(write(descriptor, bytes, size), (ssize_t)size);
  (void)close(descriptor);
  cr_expect_neq(load_open(&load, file, &wrong), 0, "%zu bytes, %s", size, says);
  cr_expect_null(load);
  cr_expect_eq(strncmp(wrong, file, strlen(file)), 0, "%s", wrong);
  cr_expect_not_null(strstr(wrong, says), "%s: %s", says, wrong);
  cr_expect_null(strchr(wrong, '\n'));
  unlink(file);
}

Test(save, a_broken_file_is_refused_before_anything_is_made_of_it) {
  char file[64];
  size_t size;
  world_file(file, "whole");
  world_begin(&world, 20, NULL, NULL);
  save(&world, file);
  simulation_done(&world);
  unsigned char *bytes = read_whole(file, &size);
  unlink(file);
  for (size_t cut = 0; cut < 96; cut += 7) expect_refused(bytes, cut, "");
  expect_refused(bytes, 96, "truncated");
  expect_refused(bytes, size / 2, "truncated");
  expect_refused(bytes, size - 1, "truncated");
  bytes[size] = 0;
  expect_refused(bytes, size + 1, "behind its end");
  for (size_t at = 0; at < size; at += at < 96 ? 1 : size / 50) {
    bytes[at] ^= 0x10;
    expect_refused(bytes, size,
                   at < 16   ? "not a world"
                   : at < 20 ? "version"
                   : at < 24 ? "order"
                             : "corrupted");
    bytes[at] ^= 0x10;
  }
  free(bytes);
}

Test(save, what_is_no_file_is_refused) {
  struct load *load = NULL;
  const char *wrong = "";
  cr_expect_eq(load_open(&load, "/nowhere/at/all", &wrong), -ENOENT);
  cr_expect_not_null(strstr(wrong, "/nowhere/at/all"), "%s", wrong);
  cr_expect_eq(load_open(&load, "/tmp", &wrong), -EINVAL);
  char pipe[64];
  world_file(pipe, "pipe");
  cr_assert_eq(mkfifo(pipe, 0600), 0);
  cr_expect_eq(load_open(&load, pipe, &wrong), -EINVAL, "and nobody is waited for");
  unlink(pipe);
  expect_refused((const unsigned char *)"", 0, "not a world");
}

Test(save, leaves_nothing_behind_where_it_fails) {
  const char *wrong = "";
  char folder[64], file[80];
  world_file(folder, "folder");
  cr_assert_eq(mkdir(folder, 0700), 0);
  snprintf(file, sizeof file, "%s/there", folder);
  cr_assert_eq(mkdir(file, 0700), 0);
  world_begin(&world, 5, NULL, NULL);
  cr_expect_neq(save_write(&world, file, &wrong), 0, "a folder is there");
  cr_expect_not_null(strstr(wrong, "cannot be written"), "%s", wrong);
  cr_expect_eq(save_write(&world, "/nowhere/at/all", &wrong), -ENOENT);
  simulation_done(&world);
  cr_expect_eq(rmdir(file), 0);
  cr_expect_eq(rmdir(folder), 0, "it is empty");
}

Test(save, says_beforehand_where_no_file_can_be) {
  const char *wrong = "";
  cr_expect_eq(save_check("/tmp/some", &wrong), 0);
  cr_expect_eq(save_check("some", &wrong), 0);
  cr_expect_eq(save_check("/nowhere/at/all", &wrong), -ENOENT);
  cr_expect_not_null(strstr(wrong, "/nowhere/at/all"), "%s", wrong);
  cr_expect_eq(save_check("/tmp/", &wrong), -EINVAL);
  cr_expect_eq(save_check("", &wrong), -EINVAL);
}

Test(save, replaces_nothing_but_a_file) {
  const char *wrong = "";
  struct stat status;
  char pipe[64], link[64], target[64];
  world_file(pipe, "pipe");
  world_file(link, "link");
  world_file(target, "target");
  cr_assert(mkfifo(pipe, 0600) == 0 && symlink(target, link) == 0);
  world_begin(&world, 5, NULL, NULL);
  cr_expect_eq(save_check("/dev/null", &wrong), -EINVAL);
  cr_expect_eq(save_check("/tmp", &wrong), -EINVAL);
  cr_expect_eq(save_check(pipe, &wrong), -EINVAL);
  cr_expect_eq(save_write(&world, pipe, &wrong), -EINVAL);
  cr_expect_not_null(strstr(wrong, "it is no file"), "%s", wrong);
  cr_expect(lstat(pipe, &status) == 0 && S_ISFIFO(status.st_mode));
  cr_expect_eq(save_check(link, &wrong), -ENOENT, "it leads nowhere");
  cr_assert_eq(close(open(target, O_CREAT | O_WRONLY, 0600)), 0);
  cr_expect_eq(save_check(link, &wrong), 0);
  cr_expect_eq(save_write(&world, link, &wrong), 0, "%s", wrong);
  cr_expect(lstat(link, &status) == 0 && S_ISLNK(status.st_mode));
  cr_expect(lstat(target, &status) == 0 && status.st_size > 0);
  simulation_done(&world);
  unlink(pipe);
  unlink(link);
  unlink(target);
}
