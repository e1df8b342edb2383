/*
 * profile.c: the tables of a profile, as messages of profile.proto, and their way into a file.
 */
#include "export/profile.h"

#include <errno.h>
#include <profile.pb-c.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "export/gzip.h"
#include "symbols/store.h"
#include "view/escape.h"

/* A repeated field: pointers to messages, or to texts. */
struct list {
  void **at; /* allocated */
  size_t count, room;
};

/* What stands in a table: a text by its bytes, a function by its name and file, a location by its frame. */
struct entry {
  uint64_t number;
  UT_hash_handle hh;
};

struct profile {
  struct list texts, comments, mappings, locations, functions, samples;
  struct entry *known_texts, *known_functions, *known_locations;
  struct store store;
  const struct module_list *modules;
  Profile__Mapping **mapping_of; /* of the process at hand, by module number */
  bool is_out_of_memory;
};

static void *take(struct profile *profile, size_t bytes);
static void add(struct profile *profile, struct list *list, void *one);
static struct entry *find(struct entry *entries, const void *key, size_t bytes);
static void remember(struct profile *profile, struct entry **entries, const void *key, size_t bytes,
                     uint64_t number);
static int64_t text(struct profile *profile, const char *bytes);
static uint64_t function(struct profile *profile, const char *name, const char *file);
static void add_mapping(struct profile *profile, uint32_t number);
static int64_t build_id(struct profile *profile, const struct module_facts *module);
static void add_lines(struct profile *profile, Profile__Location *location, const struct stack_frame *frames,
                      size_t count);
static void note_known(Profile__Mapping *mapping, const struct stack_frame *frames, size_t count);
static void add_label(struct profile *profile, Profile__Sample *sample, const char *key, const char *words,
                      int64_t number);
static int pack(const Profile__Profile *message, FILE *to);

struct profile *profile_new(void) {
  struct profile *profile = calloc(1, sizeof *profile);
  if (profile) text(profile, "");
  return profile;
}

void profile_free(struct profile *profile) {
  if (!profile) return;
  HASH_CLEAR(hh, profile->known_texts);
  HASH_CLEAR(hh, profile->known_functions);
  HASH_CLEAR(hh, profile->known_locations);
  free(profile->texts.at);
  free(profile->comments.at);
  free(profile->mappings.at);
  free(profile->locations.at);
  free(profile->functions.at);
  free(profile->samples.at);
  store_free(&profile->store);
  free(profile);
}

/* The program's own module first: readers take the first mapping of all for it. */
void profile_begin_process(struct profile *profile, const struct module_list *modules) {
  HASH_CLEAR(hh, profile->known_locations);
  profile->modules = modules;
  profile->mapping_of = take(profile, (modules->count + 1) * sizeof(void *));
  for (int is_executable = 1; is_executable >= 0 && profile->mapping_of; is_executable--) {
    for (uint32_t i = 1; i < modules->count; i++) {
      const struct module_facts *module = &modules->module[i];
      if (module->start && module->same == i && module->is_executable == is_executable)
        add_mapping(profile, i);
    }
  }
}

uint64_t profile_location(struct profile *profile, uint64_t frame, const struct stack_frame *frames,
                          size_t count) {
  struct entry *known = find(profile->known_locations, &frame, sizeof frame);
  if (known) return known->number;
  uint64_t *key = take(profile, sizeof *key);
  Profile__Location *location = take(profile, sizeof *location);
  if (!key || !location) return 0;
  uint32_t number = RATION_FRAME_MODULE(frame);
  bool has_module = number > 0 && profile->mapping_of && number < profile->modules->count;
  Profile__Mapping *mapping = has_module ? profile->mapping_of[number] : NULL;
  profile__location__init(location);
  location->id = profile->locations.count + 1;
  location->mapping_id = mapping ? mapping->id : 0;
  location->address = RATION_FRAME_ADDRESS(frame) + (mapping ? profile->modules->module[number].bias : 0);
  if (location->address > 0) location->address--; /* it is the return address: the call lies before it */
  if (mapping) note_known(mapping, frames, count);
  add_lines(profile, location, frames, count);
  *key = frame;
  remember(profile, &profile->known_locations, key, sizeof *key, location->id);
  add(profile, &profile->locations, location);
  return location->id;
}

void profile_sample(struct profile *profile, const struct profile_sample *sample) {
  Profile__Sample *message = take(profile, sizeof *message);
  uint64_t *locations = take(profile, (sample->count + 1) * sizeof *locations);
  int64_t *values = take(profile, sizeof sample->values);
  Profile__Label **labels = take(profile, 3 * sizeof(void *));
  if (!message || !locations || !values || !labels) return;
  profile__sample__init(message);
  memcpy(locations, sample->locations, sample->count * sizeof *locations);
  memcpy(values, sample->values, sizeof sample->values);
  message->n_location_id = sample->count;
  message->location_id = locations;
  message->n_value = PROFILE_VALUES;
  message->value = values;
  message->label = labels;
  add_label(profile, message, "category", sample->category, 0);
  if (sample->program) {
    add_label(profile, message, "program", sample->program, 0);
    add_label(profile, message, "pid", NULL, sample->pid);
  }
  add(profile, &profile->samples, message);
}

void profile_comment(struct profile *profile, const char *words) {
  int64_t *number = take(profile, sizeof *number);
  if (!number) return;
  *number = text(profile, words);
  add(profile, &profile->comments, number);
}

static Profile__ValueType value_type(struct profile *profile, const char *type, const char *unit) {
  Profile__ValueType value = PROFILE__VALUE_TYPE__INIT;
  value.type = text(profile, type);
  value.unit = text(profile, unit);
  return value;
}

int profile_write(struct profile *profile, const struct profile_times *times, FILE *to) {
  Profile__ValueType types[PROFILE_VALUES] = {
      value_type(profile, "alloc_objects", "count"), value_type(profile, "alloc_space", "bytes"),
      value_type(profile, "inuse_objects", "count"), value_type(profile, "inuse_space", "bytes")};
  Profile__ValueType *type_list[PROFILE_VALUES] = {&types[0], &types[1], &types[2], &types[3]};
  Profile__ValueType period_type = value_type(profile, "space", "bytes");
  int64_t *comments = take(profile, (profile->comments.count + 1) * sizeof *comments);
  if (profile->is_out_of_memory) return -ENOMEM;
  for (size_t i = 0; i < profile->comments.count; i++) comments[i] = *(int64_t *)profile->comments.at[i];
  Profile__Profile message = PROFILE__PROFILE__INIT;
  message.n_sample_type = PROFILE_VALUES;
  message.sample_type = type_list;
  message.n_sample = profile->samples.count;
  message.sample = (Profile__Sample **)profile->samples.at;
  message.n_mapping = profile->mappings.count;
  message.mapping = (Profile__Mapping **)profile->mappings.at;
  message.n_location = profile->locations.count;
  message.location = (Profile__Location **)profile->locations.at;
  message.n_function = profile->functions.count;
  message.function = (Profile__Function **)profile->functions.at;
  message.n_string_table = profile->texts.count;
  message.string_table = (char **)profile->texts.at;
  message.time_nanos = times->started_at_ns;
  message.duration_nanos = times->duration_ns;
  message.period_type = &period_type;
  message.period = times->period;
  message.n_comment = profile->comments.count;
  message.comment = comments;
  message.default_sample_type = types[PROFILE_VALUES - 1].type;
  return pack(&message, to);
}

/* All zero. NULL: no memory, which is kept. */
static void *take(struct profile *profile, size_t bytes) {
  void *taken = store_take(&profile->store, bytes);
  if (taken)
    memset(taken, 0, bytes);
  else
    profile->is_out_of_memory = true;
  return taken;
}

static void add(struct profile *profile, struct list *list, void *one) {
  if (list->count == list->room) {
    size_t room = list->room ? 2 * list->room : 64;
    void **grown = realloc(list->at, room * sizeof *grown);
    if (!grown) {
      profile->is_out_of_memory = true;
      return;
    }
    list->at = grown;
    list->room = room;
  }
  list->at[list->count++] = one;
}

static struct entry *find(struct entry *entries, const void *key, size_t bytes) {
  struct entry *found;
  HASH_FIND(hh, entries, key, bytes, found);
  return found;
}

/* The key must live as long as the profile. */
static void remember(struct profile *profile, struct entry **entries, const void *key, size_t bytes,
                     uint64_t number) {
  struct entry *entry = take(profile, sizeof *entry);
  if (!entry) return;
  entry->number = number;
  HASH_ADD_KEYPTR(hh, *entries, key, bytes, entry);
  if (!entry->hh.tbl) profile->is_out_of_memory = true; /* so uthash says that it has no memory */
}

/* Its place in the table. Strings of the format are UTF-8. */
static int64_t text(struct profile *profile, const char *bytes) {
  size_t room = 4 * strlen(bytes) + 1;
  char *safe = take(profile, room);
  if (!safe) return 0;
  escape(bytes, safe, room);
  struct entry *known = find(profile->known_texts, safe, strlen(safe));
  if (known) return (int64_t)known->number;
  uint64_t number = profile->texts.count;
  remember(profile, &profile->known_texts, safe, strlen(safe), number);
  add(profile, &profile->texts, safe);
  return (int64_t)number;
}

/* Its id. */
static uint64_t function(struct profile *profile, const char *name, const char *file) {
  int64_t *key = take(profile, 2 * sizeof *key);
  Profile__Function *message = take(profile, sizeof *message);
  if (!key || !message) return 0;
  key[0] = text(profile, name);
  key[1] = file ? text(profile, file) : 0;
  struct entry *known = find(profile->known_functions, key, 2 * sizeof *key);
  if (known) return known->number;
  profile__function__init(message);
  message->id = profile->functions.count + 1;
  message->name = message->system_name = key[0];
  message->filename = key[1];
  remember(profile, &profile->known_functions, key, 2 * sizeof *key, message->id);
  add(profile, &profile->functions, message);
  return message->id;
}

/* A module lies in memory as a whole, from the beginning of its file. Until a frame says otherwise, all of it is known. */
static void add_mapping(struct profile *profile, uint32_t number) {
  const struct module_facts *module = &profile->modules->module[number];
  Profile__Mapping *mapping = take(profile, sizeof *mapping);
  if (!mapping) return;
  profile__mapping__init(mapping);
  mapping->id = profile->mappings.count + 1;
  mapping->memory_start = module->start;
  mapping->memory_limit = module->start + module->bytes;
  mapping->filename = text(profile, module->path);
  mapping->build_id = build_id(profile, module);
  mapping->has_functions = mapping->has_filenames = true;
  mapping->has_line_numbers = mapping->has_inline_frames = true;
  profile->mapping_of[number] = mapping;
  add(profile, &profile->mappings, mapping);
}

static int64_t build_id(struct profile *profile, const struct module_facts *module) {
  char digits[2 * RATION_BUILD_ID_BYTES + 1] = "";
  for (uint32_t i = 0; i < module->build_id_bytes; i++)
    snprintf(digits + (size_t)2 * i, 3, "%02x", module->build_id[i]);
  return text(profile, digits);
}

/* What readers need not look up any more, since all frames have it. */
static void note_known(Profile__Mapping *mapping, const struct stack_frame *frames, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!frames[i].function) mapping->has_functions = mapping->has_inline_frames = false;
    if (!frames[i].file) mapping->has_filenames = mapping->has_inline_frames = false;
    if (!frames[i].line) mapping->has_line_numbers = false;
  }
}

/* One without a name has no line: a reader that finds the module's file may know more. */
static void add_lines(struct profile *profile, Profile__Location *location, const struct stack_frame *frames,
                      size_t count) {
  location->line = take(profile, (count + 1) * sizeof(void *));
  for (size_t i = 0; location->line && i < count; i++) {
    if (!frames[i].function) continue;
    Profile__Line *line = take(profile, sizeof *line);
    if (!line) return;
    profile__line__init(line);
    line->function_id = function(profile, frames[i].function, frames[i].file);
    line->line = frames[i].line;
    location->line[location->n_line++] = line;
  }
}

static void add_label(struct profile *profile, Profile__Sample *sample, const char *key, const char *words,
                      int64_t number) {
  Profile__Label *label = take(profile, sizeof *label);
  if (!label) return;
  profile__label__init(label);
  label->key = text(profile, key);
  if (words) label->str = text(profile, words);
  label->num = number;
  sample->label[sample->n_label++] = label;
}

static int pack(const Profile__Profile *message, FILE *to) {
  size_t size = profile__profile__get_packed_size(message);
  uint8_t *bytes = malloc(size + 1);
  if (!bytes) return -ENOMEM;
  profile__profile__pack(message, bytes);
  int error = gzip_write(bytes, size, to);
  free(bytes);
  return error;
}
