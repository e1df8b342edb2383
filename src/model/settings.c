/*
 * settings.c: NAME=VALUE parted by commas, globs parted by '|', '\' takes the meaning from ',' '|' '\'.
 */
#include "model/settings.h"

#include "base/glob.h"
#include "base/text.h"

#define SETTING_BYTES 1024

/* What an option's reader may need beside its value. */
struct reading {
  struct settings *settings;
  const char *program;
};

/* Each returns NULL, or what was expected. */
static const char *read_keep(struct reading reading, const char *value);
static const char *read_verbose(struct reading reading, const char *value);
static const char *read_follow(struct reading reading, const char *value);
static const char *read_only(struct reading reading, const char *value);
static const char *read_not(struct reading reading, const char *value);

static const struct option {
  const char *name;
  const char *(*read)(struct reading reading, const char *value);
} options_table[] = {
    {"keep", read_keep}, {"verbose", read_verbose}, {"follow", read_follow},
    {"only", read_only}, {"not", read_not},
};

static void read_setting(struct reading reading, char *setting);
static size_t copy_setting(const char *options, char setting[SETTING_BYTES], int *ret_is_cut);

void settings_read(const char *options, const char *program, struct settings *ret_settings) {
  *ret_settings = (struct settings){.fits_only = 1};
  struct reading reading = {.settings = ret_settings, .program = program};
  while (options && *options) {
    char setting[SETTING_BYTES];
    int is_cut;
    options += copy_setting(options, setting, &is_cut);
    if (setting[0] || is_cut) read_setting(reading, setting);
  }
}

/*
 * One setting, up to the comma that ends it, its escapes kept: they are taken out where the value is used.
 * Returns how far to move on.
 */
static size_t copy_setting(const char *options, char setting[SETTING_BYTES], int *ret_is_cut) {
  struct text text = text_in(setting, SETTING_BYTES);
  size_t at = 0;
  while (options[at] && options[at] != ',') {
    size_t bytes = options[at] == '\\' && options[at + 1] ? 2 : 1;
    text_add_bytes(&text, options + at, bytes);
    at += bytes;
  }
  *ret_is_cut = text.is_cut;
  return options[at] ? at + 1 : at;
}

static void ignore(struct settings *settings, const char *setting, const char *why) {
  struct text text = {.bytes = settings->ignored_text, .room = sizeof settings->ignored_text};
  text.used = text_length(settings->ignored_text);
  if (settings->ignored++) text_add(&text, "\n");
  text_add(&text, setting);
  text_add(&text, ": ");
  text_add(&text, why);
}

static void read_setting(struct reading reading, char *setting) {
  char *equals = setting;
  while (*equals && *equals != '=') equals++;
  const char *why = *equals ? "no such option" : "NAME=VALUE expected";
  if (*equals) {
    *equals = '\0';
    for (size_t i = 0; i < sizeof options_table / sizeof *options_table; i++)
      if (text_is_equal(setting, options_table[i].name)) why = options_table[i].read(reading, equals + 1);
    *equals = '=';
  }
  if (why) ignore(reading.settings, setting, why);
}

static const char *read_switch(int *ret_is_on, const char *value) {
  if (!text_is_equal(value, "0") && !text_is_equal(value, "1")) return "0 or 1 expected";
  *ret_is_on = value[0] == '1';
  return NULL;
}

static const char *read_keep(struct reading reading, const char *value) {
  return read_switch(&reading.settings->keep, value);
}

static const char *read_verbose(struct reading reading, const char *value) {
  return read_switch(&reading.settings->verbose, value);
}

static const char *read_follow(struct reading reading, const char *value) {
  static const char *const words[] = {[FOLLOW_ALL] = "all", [FOLLOW_EXEC] = "exec", [FOLLOW_NONE] = "none"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (!text_is_equal(value, words[i])) continue;
    reading.settings->follow = (enum follow)i;
    return NULL;
  }
  return "all, exec or none expected";
}

/* Does the name fit one of the globs parted by '|'? A '\' before ',' '|' or '\' is glob's own escape too. */
static int fits_any(const char *globs, const char *name) {
  while (*globs) {
    size_t bytes = 0;
    while (globs[bytes] && globs[bytes] != '|') bytes += globs[bytes] == '\\' && globs[bytes + 1] ? 2 : 1;
    if (bytes && glob_fits(globs, bytes, name)) return 1;
    globs += globs[bytes] ? bytes + 1 : bytes;
  }
  return 0;
}

static const char *read_only(struct reading reading, const char *value) {
  if (!*value) return "globs of program names expected";
  reading.settings->fits_only = fits_any(value, reading.program);
  return NULL;
}

static const char *read_not(struct reading reading, const char *value) {
  if (!*value) return "globs of program names expected";
  reading.settings->fits_not = fits_any(value, reading.program);
  return NULL;
}
