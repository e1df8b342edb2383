/*
 * value.c: words and globs, checked and written.
 */
#include "config/value.h"

#include <errno.h>
#include <inttypes.h>

#include "base/decay_text.h"
#include "base/glob.h"
#include "base/report_text.h"
#include "base/sample_text.h"
#include "base/text.h"
#include "config/cxx_name.h"

#define TEXT_BYTES       32
#define THREAD_NAME_MOST 15 /* the kernel's TASK_COMM_LEN, less its NUL */

/* Checks one glob, without the blanks around it, and writes it. */
typedef int glob_writer(struct stretch glob, FILE *to, struct fault *ret_fault);

static int write_list(const struct option_spec *option, struct stretch value, char part, glob_writer *write,
                      FILE *to, struct fault *ret_fault);
static glob_writer write_program, write_library, write_function, write_rule, write_lib_rule, write_fn_rule,
    write_thread_rule, write_size_rule;
static int check_glob(struct stretch glob, struct fault *ret_fault);
static void write_escaped(struct stretch glob, FILE *to);

static const struct kind {
  const char *prefix;
  glob_writer *write;
} kinds[] = {{"lib:", write_lib_rule},
             {"fn:", write_fn_rule},
             {"thread:", write_thread_rule},
             {"size:", write_size_rule}};

/* ---- words --------------------------------------------------------------------------------------------- */

int value_write_word(const struct option_spec *option, struct stretch value, char part, FILE *to,
                     struct fault *ret_fault) {
  (void)part;
  char expected[64] = "";
  for (size_t i = 0; i < 4 && option->words[i]; i++) {
    size_t used = strlen(expected);
    snprintf(expected + used, sizeof expected - used, "%s%s", i ? ", " : "", option->words[i]);
    if (!stretch_is(value, option->words[i])) continue;
    fputs(option->words[i], to);
    return 0;
  }
  return fault_set(ret_fault, -EINVAL, "`%s=%.*s`: expected one of %s", option->name, STRETCH_SHOWN(value),
                   expected);
}

static int refuse(const struct option_spec *option, struct stretch value, const char *expected,
                  struct fault *ret_fault) {
  return fault_set(ret_fault, -EINVAL, "`%s=%.*s`: %s", option->name, STRETCH_SHOWN(value), expected);
}

/* For headers that read strings; empty where it is none, or too long. */
static void copy_text(struct stretch value, char ret_text[TEXT_BYTES]) {
  memset(ret_text, 0, TEXT_BYTES);
  if (value.count < TEXT_BYTES && !stretch_has(value, 0)) memcpy(ret_text, value.bytes, value.count);
}

int value_write_sample(const struct option_spec *option, struct stretch value, char part, FILE *to,
                       struct fault *ret_fault) {
  (void)part;
  char text[TEXT_BYTES];
  struct sample_setting sample = {0};
  copy_text(value, text);
  if (sample_read(text, &sample) < 0) return refuse(option, value, SAMPLE_EXPECTED, ret_fault);
  fputs(text, to);
  return 0;
}

int value_write_report(const struct option_spec *option, struct stretch value, char part, FILE *to,
                       struct fault *ret_fault) {
  (void)part;
  if (value.count == 0 || value.count > 256 || stretch_has(value, 0) || stretch_has(value, '\n'))
    return refuse(option, value, REPORT_EXPECTED, ret_fault);
  write_escaped(value, to);
  return 0;
}

int value_write_report_signal(const struct option_spec *option, struct stretch value, char part, FILE *to,
                              struct fault *ret_fault) {
  (void)part;
  char text[TEXT_BYTES];
  copy_text(value, text);
  if (!report_signal_number(text)) return refuse(option, value, REPORT_SIGNAL_EXPECTED, ret_fault);
  fputs(text, to);
  return 0;
}

int value_write_decay(const struct option_spec *option, struct stretch value, char part, FILE *to,
                      struct fault *ret_fault) {
  (void)part;
  char text[TEXT_BYTES];
  uint64_t ms;
  copy_text(value, text);
  if (decay_read(text, &ms) < 0) return refuse(option, value, DECAY_EXPECTED, ret_fault);
  fputs(text, to);
  return 0;
}

/* ---- lists --------------------------------------------------------------------------------------------- */

int value_write_programs(const struct option_spec *option, struct stretch value, char part, FILE *to,
                         struct fault *ret_fault) {
  return write_list(option, value, part, write_program, to, ret_fault);
}

int value_write_libraries(const struct option_spec *option, struct stretch value, char part, FILE *to,
                          struct fault *ret_fault) {
  return write_list(option, value, part, write_library, to, ret_fault);
}

int value_write_functions(const struct option_spec *option, struct stretch value, char part, FILE *to,
                          struct fault *ret_fault) {
  return write_list(option, value, part, write_function, to, ret_fault);
}

int value_write_rules(const struct option_spec *option, struct stretch value, char part, FILE *to,
                      struct fault *ret_fault) {
  return write_list(option, value, part, write_rule, to, ret_fault);
}

static int write_list(const struct option_spec *option, struct stretch value, char part, glob_writer *write,
                      FILE *to, struct fault *ret_fault) {
  if (option->may_be_empty && stretch_trim(value).count == 0) return 0;
  struct stretch rest = value;
  int error = 0;
  while (rest.bytes && !error) {
    struct stretch glob = stretch_trim(stretch_next(&rest, part));
    if (glob.count == 0) {
      return fault_set(ret_fault, -EINVAL, "`%s=%.*s`: expected globs parted by %c", option->name,
                       STRETCH_SHOWN(value), part);
    }
    error = write(glob, to, ret_fault);
    if (rest.bytes) fputc('|', to);
  }
  return error;
}

/* ---- globs --------------------------------------------------------------------------------------------- */

static const struct kind *kind_of(struct stretch glob) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (stretch_begins(glob, kinds[i].prefix)) return &kinds[i];
  }
  return NULL;
}

/* Where the list holds one kind of thing only, a kind before a glob would be taken for a part of it. */
static int refuse_kind(struct stretch glob, const char *expected, struct fault *ret_fault) {
  const struct kind *kind = kind_of(glob);
  if (!kind) return 0;
  return fault_set(ret_fault, -EINVAL, "`%.*s`: expected globs of %s, without `%s`", STRETCH_SHOWN(glob),
                   expected, kind->prefix);
}

static int write_program(struct stretch glob, FILE *to, struct fault *ret_fault) {
  int error = check_glob(glob, ret_fault);
  if (!error) write_escaped(glob, to);
  return error;
}

static int write_library(struct stretch glob, FILE *to, struct fault *ret_fault) {
  int error = refuse_kind(glob, "library names", ret_fault);
  return error ? error : write_program(glob, to, ret_fault);
}

static int write_named_function(struct stretch glob, const char *prefix, FILE *to, struct fault *ret_fault) {
  int error = check_glob(glob, ret_fault);
  if (error) return error;
  if (cxx_name_is(glob)) return cxx_name_write(glob, prefix, to, ret_fault);
  if (stretch_has(glob, ' ') || stretch_has(glob, '<') || stretch_has(glob, '(')) {
    return fault_set(
        ret_fault, -EINVAL,
        "`%.*s` is no name of a symbol; expected a name alone, without template or other arguments",
        STRETCH_SHOWN(glob));
  }
  fputs(prefix, to);
  write_escaped(glob, to);
  return 0;
}

static int write_function(struct stretch glob, FILE *to, struct fault *ret_fault) {
  int error = refuse_kind(glob, "function names", ret_fault);
  return error ? error : write_named_function(glob, "", to, ret_fault);
}

/* ---- rules --------------------------------------------------------------------------------------------- */

static int write_rule(struct stretch rule, FILE *to, struct fault *ret_fault) {
  const struct kind *kind = kind_of(rule);
  if (!kind) {
    return fault_set(ret_fault, -EINVAL, "`%.*s`: expected lib:, fn:, thread: or size: before the glob",
                     STRETCH_SHOWN(rule));
  }
  struct stretch glob = stretch_from(rule, strlen(kind->prefix));
  if (glob.count == 0 || stretch_is_blank(glob.bytes[0])) {
    return fault_set(ret_fault, -EINVAL, "`%.*s`: expected %s directly behind `%s`", STRETCH_SHOWN(rule),
                     kind->write == write_size_rule ? "a size" : "a glob", kind->prefix);
  }
  for (size_t i = 1; i < glob.count; i++) {
    if (stretch_is_blank(glob.bytes[i - 1]) && kind_of(stretch_from(glob, i))) {
      return fault_set(ret_fault, -EINVAL, "`%.*s`: expected a comma (in a string a |) between two globs",
                       STRETCH_SHOWN(rule));
    }
  }
  return kind->write(glob, to, ret_fault);
}

static int write_lib_rule(struct stretch glob, FILE *to, struct fault *ret_fault) {
  int error = check_glob(glob, ret_fault);
  if (error) return error;
  fputs("lib:", to);
  write_escaped(glob, to);
  return 0;
}

static int write_fn_rule(struct stretch glob, FILE *to, struct fault *ret_fault) {
  return write_named_function(glob, "fn:", to, ret_fault);
}

/* The fewest bytes that a name must have to fit. */
static size_t least_length(struct stretch glob) {
  size_t length = 0;
  for (size_t at = 0; at < glob.count; length++) {
    int fits;
    const char *here = glob.bytes + at;
    if (*here == '*') length--;
    at += *here == '*' ? 1 : glob_one(here, glob.bytes + glob.count, 0, &fits);
  }
  return length;
}

static int write_thread_rule(struct stretch glob, FILE *to, struct fault *ret_fault) {
  int error = check_glob(glob, ret_fault);
  if (error) return error;
  if (least_length(glob) > THREAD_NAME_MOST) {
    return fault_set(ret_fault, -EINVAL,
                     "`thread:%.*s` fits no thread; expected at most %d bytes, as the kernel keeps",
                     STRETCH_SHOWN(glob), THREAD_NAME_MOST);
  }
  fputs("thread:", to);
  write_escaped(glob, to);
  return 0;
}

static int write_size_rule(struct stretch bound, FILE *to, struct fault *ret_fault) {
  static const char *const signs[] = {">=", "<=", ">", "<", "="};
  char digits[32] = "";
  uint64_t size;
  size_t sign = 0;
  for (size_t i = 0; i < sizeof signs / sizeof *signs && !sign; i++) {
    if (stretch_begins(bound, signs[i])) sign = strlen(signs[i]);
  }
  struct stretch number = stretch_from(bound, sign);
  if (number.count < sizeof digits) memcpy(digits, number.bytes, number.count);
  size_t read = sign ? text_read_size(digits, &size) : 0;
  if (read == 0 || read != number.count) {
    return fault_set(ret_fault, -EINVAL,
                     "`size:%.*s`: expected >=, >, <=, < or = and a size: bytes, or with K, M, G or T behind",
                     STRETCH_SHOWN(bound));
  }
  if (sign == 1 && ((bound.bytes[0] == '<' && size == 0) || (bound.bytes[0] == '>' && size == UINT64_MAX))) {
    return fault_set(ret_fault, -EINVAL, "`size:%.*s` fits no size; expected a bound that some have",
                     STRETCH_SHOWN(bound));
  }
  fprintf(to, "size:%.*s", (int)bound.count, bound.bytes);
  return 0;
}

/* ---- what a glob is made of ------------------------------------------------------------------------------ */

static int check_glob(struct stretch glob, struct fault *ret_fault) {
  const char *end = glob.bytes + glob.count;
  for (const char *at = glob.bytes; at < end;) {
    int fits;
    size_t set = *at == '[' ? glob_set(at, end, 0, &fits) : 0;
    if (*at == '[' && !set) {
      return fault_set(
          ret_fault, -EINVAL,
          "`%.*s`: its `[` is never closed; expected `]`, or a backslash before the `[` (and before a "
          "comma within)",
          STRETCH_SHOWN(glob));
    }
    if (*at == '\\' && at + 1 == end) {
      return fault_set(ret_fault, -EINVAL, "`%.*s` ends in a backslash; expected the byte that it protects",
                       STRETCH_SHOWN(glob));
    }
    at += set ? set : *at == '\\' ? 2 : 1;
  }
  return 0;
}

/* What would part lists or settings is protected, also within a set. */
static void write_escaped(struct stretch glob, FILE *to) {
  for (size_t at = 0; at < glob.count; at++) {
    char byte = glob.bytes[at];
    if (byte == ',' || byte == '|') fputc('\\', to);
    fputc(byte, to);
    if (byte == '\\' && at + 1 < glob.count) fputc(glob.bytes[++at], to);
  }
}
