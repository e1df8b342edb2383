/*
 * words.c: what a user, or who asks `ration serve`, says in a word or a line. The first byte says what it is: by the list below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/glob.h"
#include "base/glob_filter.h"
#include "common/fit.h"
#include "common/scratch_file.h"
#include "conditions/change.h"
#include "conditions/condition.h"
#include "config/cxx_name.h"
#include "config/duration.h"
#include "reader/place_name.h"
#include "reader/segment_file.h"
#include "serve/endpoint.h"
#include "serve/token.h"
#include "session/member.h"
#include "sites/frame_filter.h"
#include "sites/short_name.h"
#include "symbols/demangle.h"
#include "symbols/store.h"
#include "view/escape.h"
#include "watch/action.h"
#include "watch/trigger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char path[PATH_MAX];

static void take_condition(const char *text, struct fault *fault) {
  struct condition_list list = {.count = 0};
  if (condition_add(&list, true, text, fault) != 0)
    fit_fault(fault);
  else
    condition_is_met(&list.condition[0], 1);
  condition_list_free(&list);
}

static void take_change(const char *text, struct fault *fault) {
  struct change_list list = {.count = 0};
  if (change_add(&list, text, fault) != 0)
    fit_fault(fault);
  else
    change_is_met(&list.change[0], 1, UINT64_MAX);
  change_list_free(&list);
}

static void take_trigger(const char *text, struct fault *fault) {
  struct trigger trigger;
  if (trigger_read(text, &trigger, fault) != 0) fit_fault(fault);
}

static void take_duration(const char *text, struct fault *fault) {
  uint64_t ns;
  if (duration_read(text, &ns, fault) != 0) fit_fault(fault);
}

static void take_condition_file(const char *text, struct fault *fault) {
  struct condition_list list = {.count = 0};
  (void)fault;
  scratch_file_write(path, text, strlen(text));
  condition_add_file(&list, path);
  condition_list_free(&list);
}

static void take_cxx_name(const char *text, struct fault *fault) {
  char *globs = NULL;
  size_t size = 0;
  struct stretch glob = {text, strlen(text)};
  FILE *to = open_memstream(&globs, &size);
  if (!to) abort();
  if (cxx_name_is(glob) && cxx_name_write(glob, "fn:", to, fault) != 0) fit_fault(fault);
  fclose(to);
  free(globs);
}

/* What is read is written as it was, but for zeros that it may begin with. */
static void take_place_name(const char *text, struct fault *fault) {
  struct place_name name, again;
  char written[PLACE_NAME_BYTES];
  uint32_t number;
  (void)fault;
  place_name_parse_copy(text, &name, &number);
  if (place_name_parse(text, &name) != 0) return;
  place_name_write(&name, written);
  if (place_name_parse(written, &again) != 0 || memcmp(&name, &again, sizeof name) != 0) abort();
}

static void take_window(const char *text, struct fault *fault) {
  struct segment_file file;
  char byte;
  if (segment_file_open(text, true, &file, fault) != 0) {
    fit_fault(fault);
    return;
  }
  segment_file_copy(&file, 0, &byte, 1);
  segment_file_close(&file);
}

static void take_symbol(const char *text, struct fault *fault) {
  struct store store = {.chunks = NULL};
  (void)fault;
  demangle(text, &store);
  store_free(&store);
}

static void take_name(const char *text, struct fault *fault) {
  char shorter[SHORT_NAME_BYTES], escaped[256];
  (void)fault;
  short_name(text, shorter);
  escape(text, escaped, sizeof escaped);
  fit_text(escaped, strlen(escaped));
  escape_columns(escaped);
}

/* A path, or the name of a parameter and its value. */
static void take_url(const char *text, struct fault *fault) {
  struct question question = {.pid = 0};
  uint32_t pid;
  char *copy = strdup(text);
  if (!copy) abort();
  if (endpoint_unescape(copy) != strlen(copy)) abort();
  endpoint_find(copy, &pid);
  char *value = strchr(copy, '=');
  if (value) *value++ = 0;
  if (endpoint_take(&question, copy, value, fault) != 0) fit_fault(fault);
  endpoint_dialect(text);
  free(copy);
}

static void take_session(const char *text, struct fault *fault) {
  uint32_t pid;
  uint64_t start;
  (void)fault;
  member_session_read(text, &pid, &start);
}

static void take_token(const char *text, struct fault *fault) {
  struct token token;
  scratch_file_write(path, text, strlen(text));
  if (token_read(path, &token, fault) != 0)
    fit_fault(fault);
  else if (!token_is(&token, token.text))
    abort();
  else
    token_is_borne(&token, text);
}

/* A glob, and behind the first blank a name. */
static void take_glob(const char *text, struct fault *fault) {
  size_t count = strcspn(text, " ");
  const char *name = text[count] ? text + count + 1 : "";
  (void)fault;
  struct glob_filter filter = glob_filter_of(text, count);
  struct glob_print print = glob_print_of(name);
  if (glob_fits(text, count, name) && !glob_may_fit(&filter, &print)) abort();
}

static void take_signal(const char *text, struct fault *fault) {
  int number;
  if (action_read_signal(text, &number, fault) != 0) fit_fault(fault);
}

static void (*const takers[])(const char *text, struct fault *fault) = {
    take_condition, take_change,     take_trigger, take_duration, take_condition_file,
    take_cxx_name,  take_place_name, take_window,  take_symbol,   take_name,
    take_url,       take_session,    take_token,   take_glob,     take_signal};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct fault fault = {""};
  if (size < 1) return 0;
  if (!path[0]) scratch_file_name("words", path);
  char *text = scratch_text(bytes + 1, size - 1);
  takers[bytes[0] % (sizeof takers / sizeof *takers)](text, &fault);
  free(text);
  return 0;
}
