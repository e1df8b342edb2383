/*
 * rule_file.c: sections and settings, as inih finds them in what raw_lines.c lets through.
 *
 * inih asks for a line (give_line), and tells of each NAME=VALUE (take_piece) before it asks for the next. It is given
 * sections by number and long values in pieces, so that nothing is cut whatever its limits are.
 */
#include "config/rule_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/category_set.h"
#include "config/option.h"
#include "config/option_string.h"
#include "config/raw_lines.h"
#include "config/value.h"

#define FILE_MOST     ((size_t)1024 * 1024)
#define SECTIONS_MOST (CATEGORY_SET_MOST + 3) /* also [options], total and other */

struct section {
  struct stretch path; /* of its category; no bytes: [options] */
  int line;
};

/* One setting of one section, whatever number of lines it has. */
struct entry {
  const struct section *section;
  const struct option_spec *option;
  char *value;
  int line;
  size_t at; /* where it begins in the string */
};

struct parsing {
  struct raw_lines lines;
  struct section sections[SECTIONS_MOST];
  size_t section_count;
  struct category_set categories;
  struct raw_line line; /* the one whose value is being handed on */
  struct stretch rest;  /* what is left of that value */
  bool has_rest;
  int comma_line; /* a value ended in a comma, and waits for its next line; 0: none */
  char *value;    /* the pieces that came back, in one */
  size_t value_bytes;
  struct entry *entries;
  size_t entry_count;
  uint32_t *rule_lines; /* of each glob of all `match` lists */
  size_t rule_count;
  struct rule_fault *fault;
  int error;
};

static int read_file(const char *path, struct rule_file *ret_file, struct rule_fault *ret_fault);
static char *read_all(int descriptor, size_t *ret_size);
static char *give_line(char *buffer, int size, void *context);
static int fetch_line(struct parsing *parsing);
static int open_section(struct parsing *parsing);
static int give_piece(struct parsing *parsing, char *buffer, size_t size);
static int take_piece(void *context, const char *section, const char *name, const char *piece);
static int take_value(struct parsing *parsing, const struct section *section, struct stretch name);
static const struct option_spec *find_option(struct parsing *parsing, const struct section *section,
                                             struct stretch name);
static int add_value(struct parsing *parsing, const struct section *section, const struct option_spec *option,
                     const char *value);
static int add_rules(struct parsing *parsing, const char *globs);
static char *write_string(struct parsing *parsing);
static void locate_settings(const struct parsing *parsing, struct rule_file *file);
static void locate_rules(const struct parsing *parsing, struct rule_file *file);
static int line_of_excess(const struct parsing *parsing, const struct rule_file *file);
static int finish(struct parsing *parsing, struct rule_file *ret_file);
static int fail(struct parsing *parsing, int error);

int rule_file_read(const char *path, struct rule_file *ret_file, struct rule_fault *ret_fault) {
  int error = read_file(path, ret_file, ret_fault);
  size_t length = strlen(path), most = sizeof ret_fault->place - 32;
  const char *end = length > most ? path + length - most : path; /* what of a long path fits */
  int used = snprintf(ret_fault->place, sizeof ret_fault->place, "%s%s", end == path ? "" : "...", end);
  if (error && ret_fault->line)
    snprintf(ret_fault->place + used, sizeof ret_fault->place - (size_t)used, ":%d", ret_fault->line);
  return error;
}

static int read_file(const char *path, struct rule_file *ret_file, struct rule_fault *ret_fault) {
  ret_fault->line = 0;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  size_t size = 0;
  char *bytes = descriptor < 0 ? NULL : read_all(descriptor, &size);
  int error = bytes ? 0 : -errno;
  if (descriptor >= 0) close(descriptor);
  if (error) {
    return fault_set(&ret_fault->fault, error, "cannot be read: %s; expected a rule file", strerror(-error));
  }
  if (size > FILE_MOST) {
    error =
        fault_set(&ret_fault->fault, -EINVAL, "is longer than %zu bytes; expected a rule file", FILE_MOST);
  } else {
    error = rule_file_parse((struct stretch){.bytes = bytes, .count = size}, ret_file, ret_fault);
  }
  free(bytes);
  return error;
}

/* One byte more than may be is enough to know. NULL: errno says why. */
static char *read_all(int descriptor, size_t *ret_size) {
  char *bytes = malloc(FILE_MOST + 1);
  size_t size = 0;
  ssize_t got = bytes ? 1 : -1;
  while (got > 0 && size <= FILE_MOST) {
    got = read(descriptor, bytes + size, FILE_MOST + 1 - size);
    if (got < 0 && errno == EINTR)
      got = 1;
    else if (got > 0)
      size += (size_t)got;
  }
  if (got >= 0) {
    *ret_size = size;
    return bytes;
  }
  int error = errno;
  free(bytes);
  errno = error;
  return NULL;
}

int rule_file_parse(struct stretch bytes, struct rule_file *ret_file, struct rule_fault *ret_fault) {
  struct parsing *parsing = calloc(1, sizeof *parsing);
  ret_fault->line = 0;
  if (!parsing) return fault_set(&ret_fault->fault, -ENOMEM, "not enough memory");
  parsing->lines = raw_lines_of(bytes);
  parsing->fault = ret_fault;
  int line = ini_parse_stream(give_line, parsing, take_piece, parsing);
  if (line != 0 && !parsing->error) { /* none of its reasons should be left */
    fail(parsing,
         fault_set(&ret_fault->fault, -EINVAL, "is not understood; expected sections and NAME = VALUE"));
  }
  int error = parsing->error ? parsing->error : finish(parsing, ret_file);
  for (size_t i = 0; i < parsing->entry_count; i++) free(parsing->entries[i].value);
  free(parsing->entries);
  free(parsing->rule_lines);
  free(parsing->value);
  category_set_free(&parsing->categories);
  free(parsing);
  return error;
}

/* The words are there: notes the line that they are about. */
static int fail(struct parsing *parsing, int error) {
  if (error && !parsing->error) {
    parsing->error = error;
    parsing->fault->line = parsing->lines.number;
  }
  return error;
}

/* ---- what inih is given ---------------------------------------------------------------------------------- */

/* NULL: no further line; inih stops, also where something was wrong. */
static char *give_line(char *buffer, int size, void *context) {
  struct parsing *parsing = context;
  if (parsing->error) return NULL;
  if (!parsing->has_rest) {
    if (fetch_line(parsing) != 0 || parsing->line.kind == RAW_END) return NULL;
    if (parsing->line.kind == RAW_SECTION) {
      if (open_section(parsing) != 0) return NULL;
      snprintf(buffer, (size_t)size, "[%zu]\n", parsing->section_count);
      return buffer;
    }
    parsing->rest = parsing->line.value;
    parsing->has_rest = true;
  }
  return give_piece(parsing, buffer, (size_t)size) == 0 ? buffer : NULL;
}

static int fetch_line(struct parsing *parsing) {
  int error = raw_lines_next(&parsing->lines, &parsing->line, &parsing->fault->fault);
  if (error) return fail(parsing, error);
  int comma_line = parsing->comma_line;
  parsing->comma_line = 0;
  if (comma_line == 0 || parsing->line.kind == RAW_MORE) return 0;
  error = fail(parsing, fault_set(&parsing->fault->fault, -EINVAL,
                                  "ends in a comma; expected a further glob, or an indented line with one"));
  parsing->fault->line = comma_line;
  return error;
}

static int open_section(struct parsing *parsing) {
  struct stretch name = parsing->line.name, path = {0};
  struct fault *fault = &parsing->fault->fault;
  bool is_category = stretch_begins(name, "category") && name.count > 8 && stretch_is_blank(name.bytes[8]);
  if (is_category) {
    path = stretch_trim(stretch_from(name, 9));
    int error = category_check(path, fault);
    if (!error) error = category_set_add(&parsing->categories, path, fault);
    if (error) return fail(parsing, error);
  } else if (!stretch_is(name, "options")) {
    return fail(parsing,
                fault_set(fault, -EINVAL, "`[%.*s]` is no section; expected [options] or [category NAME]",
                          STRETCH_SHOWN(name)));
  }
  for (size_t i = 0; i < parsing->section_count; i++) {
    struct stretch other = parsing->sections[i].path;
    if (other.count != path.count || (path.count && memcmp(other.bytes, path.bytes, path.count) != 0))
      continue;
    return fail(parsing, fault_set(fault, -EINVAL,
                                   "`[%.*s]` stands in line %d already; expected one section of each name",
                                   STRETCH_SHOWN(name), parsing->sections[i].line));
  }
  parsing->sections[parsing->section_count++] = (struct section){.path = path, .line = parsing->lines.number};
  return 0;
}

static int give_piece(struct parsing *parsing, char *buffer, size_t size) {
  struct stretch name = parsing->line.name;
  size_t room = size > name.count + 4 ? size - name.count - 4 : 0;
  size_t count = raw_piece(parsing->rest, room);
  if (count == 0 && parsing->rest.count) {
    return fail(parsing, fault_set(&parsing->fault->fault, -EINVAL,
                                   "has too many blanks in a row; expected fewer than %zu", room));
  }
  snprintf(buffer, size, "%.*s=%.*s\n", (int)name.count, name.bytes, (int)count, parsing->rest.bytes);
  parsing->rest = stretch_from(parsing->rest, count);
  parsing->has_rest = parsing->rest.count > 0;
  return 0;
}

/* ---- what inih gives back -------------------------------------------------------------------------------- */

/* Returns 0 where something is wrong, as inih wants it. */
static int take_piece(void *context, const char *section, const char *name, const char *piece) {
  struct parsing *parsing = context;
  if (parsing->error) return 0;
  size_t number = strtoul(section, NULL, 10);
  if (number == 0 || number > parsing->section_count) {
    fail(parsing,
         fault_set(&parsing->fault->fault, -EINVAL,
                   "`%s` stands in no section; expected [options] or [category NAME] above it", name));
    return 0;
  }
  size_t length = strlen(piece);
  char *value = realloc(parsing->value, parsing->value_bytes + length + 1);
  if (!value) {
    fail(parsing, fault_set(&parsing->fault->fault, -ENOMEM, "not enough memory"));
    return 0;
  }
  memcpy(value + parsing->value_bytes, piece, length + 1);
  parsing->value = value;
  parsing->value_bytes += length;
  if (parsing->has_rest) return 1;
  parsing->value_bytes = 0;
  return fail(parsing, take_value(parsing, &parsing->sections[number - 1], stretch_of(name))) == 0;
}

/* Trimmed as it is, its last part is empty then. */
static bool ends_in_comma(struct stretch value) {
  struct stretch rest = value, last = value;
  while (rest.bytes) last = stretch_next(&rest, ',');
  return last.count == 0 && value.count > 1;
}

/* A list may end in a comma, and go on in the next line. */
static int take_value(struct parsing *parsing, const struct section *section, struct stretch name) {
  const struct option_spec *option = find_option(parsing, section, name);
  if (!option) return -EINVAL;
  struct stretch value = stretch_of(parsing->value);
  if (option->is_list && ends_in_comma(value)) {
    parsing->comma_line = parsing->lines.number;
    value.count--;
  }
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  if (!to) return fault_set(&parsing->fault->fault, -ENOMEM, "not enough memory");
  int error = 0;
  if (option->write == value_write_rules) error = category_check_ruled(section->path, &parsing->fault->fault);
  if (!error) error = option->write(option, value, ',', to, &parsing->fault->fault);
  if (fclose(to) != 0 && !error) error = fault_set(&parsing->fault->fault, -ENOMEM, "not enough memory");
  if (!error) error = add_value(parsing, section, option, text);
  if (!error && option->write == value_write_rules) error = add_rules(parsing, text);
  free(text);
  return error;
}

/* NULL: there is none for this section in this version, and the words are there. */
static const struct option_spec *find_option(struct parsing *parsing, const struct section *section,
                                             struct stretch name) {
  bool is_category = section->path.bytes;
  const struct option_spec *table = is_category ? properties_table : options_table;
  const struct option_spec *option = option_find(table, name);
  struct fault *fault = &parsing->fault->fault;
  if (option) return option;
  char names[OPTION_NAMES_BYTES];
  option_list_names(table, names);
  if (option_find(is_category ? options_table : properties_table, name)) {
    fault_set(fault, -EINVAL, "`%.*s` stands in the wrong section; expected it in %s", STRETCH_SHOWN(name),
              is_category ? "[options]" : "[category NAME]");
  } else {
    fault_set(fault, -EINVAL, "`%.*s` is no %s; there %s %s", STRETCH_SHOWN(name),
              is_category ? "property of a category" : "option", strchr(names, ',') ? "are" : "is", names);
  }
  return NULL;
}

static int add_value(struct parsing *parsing, const struct section *section, const struct option_spec *option,
                     const char *value) {
  struct fault *fault = &parsing->fault->fault;
  for (size_t i = 0; i < parsing->entry_count; i++) {
    struct entry *entry = &parsing->entries[i];
    if (entry->section != section || entry->option != option) continue;
    if (!option->is_list) {
      return fault_set(fault, -EINVAL, "`%s` is set in line %d already; expected one line of each name",
                       option->name, entry->line);
    }
    char *joined;
    const char *separator = *entry->value && *value ? "|" : "";
    if (asprintf(&joined, "%s%s%s", entry->value, separator, value) < 0) {
      return fault_set(fault, -ENOMEM, "not enough memory");
    }
    free(entry->value);
    entry->value = joined;
    return 0;
  }
  struct entry *entries = reallocarray(parsing->entries, parsing->entry_count + 1, sizeof *entries);
  if (entries) parsing->entries = entries;
  char *copy = entries ? strdup(value) : NULL;
  if (!copy) return fault_set(fault, -ENOMEM, "not enough memory");
  entries[parsing->entry_count++] =
      (struct entry){.section = section, .option = option, .value = copy, .line = parsing->lines.number};
  return 0;
}

static int add_rules(struct parsing *parsing, const char *globs) {
  struct stretch rest = stretch_of(globs);
  while (rest.bytes) {
    stretch_next(&rest, '|');
    uint32_t *lines = reallocarray(parsing->rule_lines, parsing->rule_count + 1, sizeof *lines);
    if (!lines) return fault_set(&parsing->fault->fault, -ENOMEM, "not enough memory");
    parsing->rule_lines = lines;
    lines[parsing->rule_count++] = (uint32_t)parsing->lines.number;
  }
  return 0;
}

/* ---- what comes of it ------------------------------------------------------------------------------------ */

static int finish(struct parsing *parsing, struct rule_file *ret_file) {
  struct fault *fault = &parsing->fault->fault;
  struct rule_file file = {.string = write_string(parsing),
                           .rule_count = parsing->rule_count,
                           .setting_count = parsing->entry_count};
  file.rules = calloc(parsing->rule_count + 1, sizeof *file.rules);
  file.settings = calloc(parsing->entry_count + 1, sizeof *file.settings);
  if (!file.string || !file.rules || !file.settings) {
    rule_file_free(&file);
    return fault_set(fault, -ENOMEM, "not enough memory");
  }
  locate_rules(parsing, &file);
  int error = option_string_check_room(file.string, fault);
  if (error) {
    parsing->fault->line = line_of_excess(parsing, &file);
    rule_file_free(&file);
    return error;
  }
  locate_settings(parsing, &file);
  *ret_file = file;
  return 0;
}

static char *write_string(struct parsing *parsing) {
  char *string = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&string, &size);
  if (!to) return NULL;
  for (size_t i = 0; i < parsing->entry_count; i++) {
    struct entry *entry = &parsing->entries[i];
    struct stretch path = entry->section->path;
    if (i) fputc(',', to);
    entry->at = (size_t)ftello(to);
    fprintf(to, "%.*s%s%s=%s", (int)path.count, path.bytes ? path.bytes : "", path.count ? "." : "",
            entry->option->name, entry->value);
  }
  if (fclose(to) == 0) return string;
  free(string);
  return NULL;
}

static void locate_settings(const struct parsing *parsing, struct rule_file *file) {
  for (size_t i = 0; i < parsing->entry_count; i++) {
    const struct entry *entry = &parsing->entries[i];
    file->settings[i] = (struct file_setting){.at = entry->at, .line = (uint32_t)entry->line};
  }
}

uint32_t rule_file_line(const struct rule_file *file, size_t at) {
  for (size_t i = 0; i < file->setting_count; i++) {
    if (file->settings[i].at == at) return file->settings[i].line;
  }
  return 0;
}

/* A section stands in one place, so the string has the globs in the order of their lines. */
static void locate_rules(const struct parsing *parsing, struct rule_file *file) {
  struct stretch rest = stretch_of(file->string);
  size_t rule = 0;
  for (size_t i = 0; i < parsing->entry_count; i++) {
    const struct entry *entry = &parsing->entries[i];
    struct stretch setting = stretch_next(&rest, ',');
    if (entry->option->write != value_write_rules) continue;
    struct stretch category = {.bytes = setting.bytes, .count = entry->section->path.count};
    struct stretch globs = stretch_from(setting, stretch_until(setting, '=') + 1);
    while (globs.bytes) {
      file->rules[rule] = (struct file_rule){
          .glob = stretch_next(&globs, '|'), .category = category, .line = parsing->rule_lines[rule]};
      rule++;
    }
  }
}

/* Where the file has come to hold too much: option_string_check_room() looks at the same limits in this order. */
static int line_of_excess(const struct parsing *parsing, const struct rule_file *file) {
  struct stretch rest = stretch_of(file->string);
  for (size_t i = 0; i < parsing->entry_count; i++) {
    struct stretch setting = stretch_next(&rest, ',');
    size_t end = (size_t)(setting.bytes - file->string) + setting.count;
    if (end > OPTION_STRING_MOST) return parsing->entries[i].line;
  }
  if (file->rule_count > OPTION_RULES_MOST) return (int)file->rules[OPTION_RULES_MOST].line;
  size_t bytes = 0;
  for (size_t i = 0; i < file->rule_count; i++) {
    bytes += file->rules[i].glob.count;
    if (bytes > OPTION_RULE_TEXT_BYTES) return (int)file->rules[i].line;
  }
  return 0;
}

static bool covers(struct stretch first, struct stretch second) {
  if (first.count == second.count && memcmp(first.bytes, second.bytes, first.count) == 0) return true;
  size_t kind = stretch_until(first, ':') + 1;
  if (kind + 1 != first.count || first.bytes[kind] != '*') return false;
  return second.count >= kind && memcmp(first.bytes, second.bytes, kind) == 0;
}

const struct file_rule *rule_file_covering(const struct rule_file *file, const struct file_rule *rule) {
  for (const struct file_rule *other = file->rules; other < rule; other++) {
    if (covers(other->glob, rule->glob)) return other;
  }
  return NULL;
}

void rule_file_free(struct rule_file *file) {
  free(file->string);
  free(file->rules);
  free(file->settings);
  *file = (struct rule_file){0};
}
