/*
 * naming.c: one set of symbols for all images; of code that a runtime has compiled, one for each process.
 */
#include "record/naming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "reader/module_list.h"
#include "symbols/symbols.h"

#define VISIT_EVERY 64        /* frames */
#define FRAMES_MOST (4 << 20) /* of all images: of some ten thousand processes */

struct module_key {
  unsigned char build_id[RATION_BUILD_ID_BYTES];
  uint32_t build_id_bytes;
  char path[sizeof((struct ration_segment_module *)NULL)->path];
};

/* A module of any image. */
struct named_module {
  struct module_key key;
  UT_hash_handle hh;
};

/* An image, whose frames are to be named. */
struct named_image {
  struct named_image *next;
  uint32_t image;
  uint32_t pid;
  size_t count;
  uint64_t *frames;
  size_t module_count;
  const struct named_module **modules; /* by row; NULL: none there */
};

struct naming {
  struct named_module *modules;
  struct named_image *images;
  size_t frames; /* of all */
};

/* What is asked. */
struct asking {
  struct symbols *of_files;
  struct symbols *of_process; /* NULL: not asked yet */
};

static int note_modules(struct naming *naming, const struct mirror *mirror, struct named_image *image);
static int intern(struct naming *naming, const struct module_facts *facts,
                  const struct named_module **ret_module);
static void free_image(struct named_image *image);
static int record_frame(struct asking *asking, const struct named_image *image, uint64_t frame,
                        struct recording_writer *writer);
static int find(struct asking *asking, const struct named_image *image, uint64_t frame,
                struct symbol_chain *ret_chain);

struct naming *naming_new(void) {
  return calloc(1, sizeof(struct naming));
}

void naming_free(struct naming *naming) {
  if (!naming) return;
  struct named_module *module = naming->modules, *following;
  HASH_CLEAR(hh, naming->modules);
  for (; module; module = following) {
    following = module->hh.next;
    free(module);
  }
  for (struct named_image *image = naming->images, *next; image; image = next) {
    next = image->next;
    free(image->frames);
    free_image(image);
  }
  free(naming);
}

int naming_note(struct naming *naming, const struct mirror *mirror, uint64_t *frames, size_t count) {
  if (count > FRAMES_MOST - naming->frames) return -ENOSPC;
  struct named_image *image = calloc(1, sizeof *image);
  if (!image) return -ENOMEM;
  *image = (struct named_image){
      .image = mirror->image, .pid = mirror->layout.header.pid, .count = count, .frames = frames};
  int error = note_modules(naming, mirror, image);
  if (error) {
    free_image(image);
    return error;
  }
  image->next = naming->images;
  naming->images = image;
  naming->frames += count;
  return 0;
}

int naming_record(struct naming *naming, struct recording_writer *writer, naming_visitor visit,
                  void *context) {
  struct asking asking = {.of_files = symbols_open(&(struct symbol_places){.pid = 0})};
  int error = asking.of_files ? 0 : -ENOMEM;
  size_t done = 0;
  for (const struct named_image *image = naming->images; image && !error; image = image->next) {
    for (size_t i = 0; i < image->count && !error; i++, done++) {
      if (done % VISIT_EVERY == 0) visit(done, naming->frames, context);
      error = record_frame(&asking, image, image->frames[i], writer);
    }
    symbols_close(asking.of_process);
    asking.of_process = NULL;
  }
  symbols_close(asking.of_files);
  return error;
}

/* Frames are in order, so the last has the highest row. Frames of equal modules become equal, as in a list of sites. */
static int note_modules(struct naming *naming, const struct mirror *mirror, struct named_image *image) {
  struct module_list list;
  uint64_t rows = image->count ? (uint64_t)RATION_FRAME_MODULE(image->frames[image->count - 1]) + 1 : 1;
  int error = module_list_read(&mirror->file, &mirror->layout, rows, &list);
  if (error) return error;
  image->modules = calloc(list.count + 1, sizeof(struct named_module *));
  image->module_count = image->modules ? list.count : 0;
  if (!image->modules) error = -ENOMEM;
  for (size_t row = 1; row < list.count && !error; row++)
    if (list.module[row].start) error = intern(naming, &list.module[row], &image->modules[row]);
  for (size_t i = 0; i < image->count && !error; i++) {
    uint64_t frame = image->frames[i];
    uint32_t row = RATION_FRAME_MODULE(frame), same = row && row < list.count ? list.module[row].same : 0;
    image->frames[i] = (uint64_t)same << 48 | RATION_FRAME_ADDRESS(frame);
  }
  module_list_free(&list);
  return error;
}

static int intern(struct naming *naming, const struct module_facts *facts,
                  const struct named_module **ret_module) {
  struct named_module *module, *made = calloc(1, sizeof *made);
  if (!made) return -ENOMEM;
  made->key.build_id_bytes = facts->build_id_bytes;
  memcpy(made->key.build_id, facts->build_id, facts->build_id_bytes);
  memcpy(made->key.path, facts->path, strnlen(facts->path, sizeof made->key.path - 1));
  HASH_FIND(hh, naming->modules, &made->key, sizeof made->key, module);
  if (module) {
    free(made);
  } else {
    HASH_ADD(hh, naming->modules, key, sizeof made->key, made);
    if (!made->hh.tbl) { /* so uthash says that it has no memory */
      free(made);
      return -ENOMEM;
    }
    module = made;
  }
  *ret_module = module;
  return 0;
}

static void free_image(struct named_image *image) {
  free(image->modules);
  free(image);
}

static int record_frame(struct asking *asking, const struct named_image *image, uint64_t frame,
                        struct recording_writer *writer) {
  struct symbol_chain chain = {.count = 0};
  int error = find(asking, image, frame, &chain);
  if (!error && chain.count)
    recording_symbols(writer, image->image, frame, &chain); /* its errors stay in the writer */
  return error;
}

static int find(struct asking *asking, const struct named_image *image, uint64_t frame,
                struct symbol_chain *ret_chain) {
  uint32_t row = RATION_FRAME_MODULE(frame);
  if (row == 0) {
    if (!asking->of_process) asking->of_process = symbols_open(&(struct symbol_places){.pid = image->pid});
    if (!asking->of_process) return -ENOMEM;
    return symbols_find(asking->of_process, NULL, RATION_FRAME_ADDRESS(frame), ret_chain);
  }
  if (row >= image->module_count || !image->modules[row]) return 0;
  const struct module_key *key = &image->modules[row]->key;
  struct symbol_module module = {
      .path = key->path, .build_id = key->build_id, .build_id_bytes = key->build_id_bytes};
  return symbols_find(asking->of_files, &module, RATION_FRAME_ADDRESS(frame), ret_chain);
}
