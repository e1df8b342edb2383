/*
 * frame_numbers.c: keys of frames, each numbered as it is first met.
 */
#include "diff/frame_numbers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where memory runs out an entry is not added, and uthash does not end the program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define KEY_BYTES (RATION_BUILD_ID_BYTES + 16)

/* The first byte of a key: keys of one kind are not taken for those of another. */
enum key_kind {
  KEY_TEXT = 't',
  KEY_FUNCTION = 'f',
  KEY_SHARED = 's',
  KEY_PLACE = 'p',
  KEY_BUILD = 'b', /* a build-id by itself */
};

enum side_bit { SIDE_BEFORE = 1, SIDE_AFTER = 2, SIDE_BOTH = 3 };

struct entry {
  uint32_t number;
  unsigned sides; /* of a build-id: which have it */
  UT_hash_handle hh;
  char key[]; /* its kind first */
};

struct frame_numbers {
  struct entry *entries;
  uint32_t count;
  bool is_one_process;
};

static const struct module_facts *module_of(const struct frame_side *side, uint64_t frame);
static int add_shared(struct frame_numbers *numbers, const struct module_facts *module, uint64_t address,
                      struct number_list *list);
static int add_place(struct frame_numbers *numbers, const struct frame_side *side, uint64_t frame,
                     struct number_list *list);
static int add_key(struct frame_numbers *numbers, enum key_kind kind, const void *bytes, size_t count,
                   struct number_list *list);
static struct entry *find_or_add(struct frame_numbers *numbers, enum key_kind kind, const void *bytes,
                                 size_t count);
static int append(struct number_list *list, uint32_t number);
static int note_builds(struct frame_numbers *numbers, struct frame_side *side, enum side_bit bit);
static int find_shared(struct frame_numbers *numbers, struct frame_side *side);

struct frame_numbers *frame_numbers_new(bool is_one_process) {
  struct frame_numbers *numbers = calloc(1, sizeof *numbers);
  if (numbers) numbers->is_one_process = is_one_process;
  return numbers;
}

/* The table first, then what stood in it. */
void frame_numbers_free(struct frame_numbers *numbers) {
  struct entry *next = numbers ? numbers->entries : NULL;
  if (next) HASH_CLEAR(hh, numbers->entries);
  while (next) {
    struct entry *entry = next;
    next = entry->hh.next;
    free(entry);
  }
  free(numbers);
}

int frame_numbers_match(struct frame_numbers *numbers, struct frame_side *before, struct frame_side *after) {
  int error = note_builds(numbers, before, SIDE_BEFORE);
  if (!error) error = note_builds(numbers, after, SIDE_AFTER);
  if (!error) error = find_shared(numbers, before);
  return error ? error : find_shared(numbers, after);
}

void frame_side_free(struct frame_side *side) {
  free(side->is_shared);
  side->is_shared = NULL;
}

int frame_numbers_add_text(struct frame_numbers *numbers, const char *text, struct number_list *list) {
  return add_key(numbers, KEY_TEXT, text, strlen(text), list);
}

int frame_numbers_add(struct frame_numbers *numbers, const struct frame_side *side, uint64_t frame,
                      struct number_list *list) {
  const struct module_facts *module = module_of(side, frame);
  uint64_t address = RATION_FRAME_ADDRESS(frame);
  if (module && side->is_shared[RATION_FRAME_MODULE(frame)])
    return add_shared(numbers, module, address, list);
  struct symbol_chain chain = {0};
  struct symbol_module asked = {0};
  if (module) asked = (struct symbol_module){module->path, module->build_id, module->build_id_bytes};
  int error = symbols_find(side->symbols, module ? &asked : NULL, address, &chain);
  size_t named = 0;
  for (size_t i = 0; i < chain.count && !error; i++) {
    const char *function = chain.frames[i].function;
    if (!function) continue;
    error = add_key(numbers, KEY_FUNCTION, function, strlen(function), list);
    named++;
  }
  return error || named ? error : add_place(numbers, side, frame, list);
}

static const struct module_facts *module_of(const struct frame_side *side, uint64_t frame) {
  uint32_t number = RATION_FRAME_MODULE(frame);
  const struct module_list *modules = &side->sites->modules;
  return number > 0 && number < modules->count ? &modules->module[number] : NULL;
}

static int add_shared(struct frame_numbers *numbers, const struct module_facts *module, uint64_t address,
                      struct number_list *list) {
  unsigned char key[KEY_BYTES];
  memcpy(key, &address, sizeof address);
  memcpy(key + sizeof address, module->build_id, module->build_id_bytes);
  return add_key(numbers, KEY_SHARED, key, sizeof address + module->build_id_bytes, list);
}

static int add_place(struct frame_numbers *numbers, const struct frame_side *side, uint64_t frame,
                     struct number_list *list) {
  char place[sizeof((struct module_facts *)0)->path + 32];
  bool is_in_module = module_of(side, frame) != NULL;
  uint64_t address = RATION_FRAME_ADDRESS(frame);
  const char *name = is_in_module ? module_list_name(&side->sites->modules, RATION_FRAME_MODULE(frame)) : "";
  if (!is_in_module && !numbers->is_one_process) address = 0;
  snprintf(place, sizeof place, "%s+%" PRIx64, name, address);
  return add_key(numbers, KEY_PLACE, place, strlen(place), list);
}

static int add_key(struct frame_numbers *numbers, enum key_kind kind, const void *bytes, size_t count,
                   struct number_list *list) {
  const struct entry *entry = find_or_add(numbers, kind, bytes, count);
  return entry ? append(list, entry->number) : -ENOMEM;
}

/* NULL: no memory. */
static struct entry *find_or_add(struct frame_numbers *numbers, enum key_kind kind, const void *bytes,
                                 size_t count) {
  struct entry *found, *entry = calloc(1, sizeof *entry + 1 + count);
  if (!entry) return NULL;
  entry->key[0] = (char)kind;
  memcpy(entry->key + 1, bytes, count);
  HASH_FIND(hh, numbers->entries, entry->key, 1 + count, found);
  if (found) {
    free(entry);
    return found;
  }
  entry->number = numbers->count;
  HASH_ADD_KEYPTR(hh, numbers->entries, entry->key, 1 + count, entry);
  if (!entry->hh.tbl) {
    free(entry); /* so uthash says that it has no memory */
    return NULL;
  }
  numbers->count++;
  return entry;
}

static int append(struct number_list *list, uint32_t number) {
  if (list->count == list->room) {
    size_t room = 2 * list->room + 64;
    uint32_t *grown = realloc(list->number, room * sizeof *grown);
    if (!grown) return -ENOMEM;
    list->number = grown;
    list->room = room;
  }
  list->number[list->count++] = number;
  return 0;
}

static int note_builds(struct frame_numbers *numbers, struct frame_side *side, enum side_bit bit) {
  const struct module_list *modules = &side->sites->modules;
  side->is_shared = calloc(modules->count + 1, sizeof *side->is_shared);
  if (!side->is_shared) return -ENOMEM;
  for (size_t i = 1; i < modules->count; i++) {
    const struct module_facts *module = &modules->module[i];
    if (module->build_id_bytes == 0) continue;
    struct entry *entry = find_or_add(numbers, KEY_BUILD, module->build_id, module->build_id_bytes);
    if (!entry) return -ENOMEM;
    entry->sides |= bit;
  }
  return 0;
}

static int find_shared(struct frame_numbers *numbers, struct frame_side *side) {
  const struct module_list *modules = &side->sites->modules;
  for (size_t i = 1; i < modules->count; i++) {
    const struct module_facts *module = &modules->module[i];
    if (module->build_id_bytes == 0) continue;
    const struct entry *entry = find_or_add(numbers, KEY_BUILD, module->build_id, module->build_id_bytes);
    if (!entry) return -ENOMEM;
    side->is_shared[i] = entry->sides == SIDE_BOTH;
  }
  return 0;
}
