/*
 * rule_file.h: a rule file, checked and turned into the option string that the shim reads. ration-config(5).
 */
#ifndef RATION_TOOL_CONFIG_RULE_FILE_H
#define RATION_TOOL_CONFIG_RULE_FILE_H

#include <stdint.h>

#include "config/stretch.h"
#include "reader/fault.h"

/* One glob of a `match` list: stretches of the string, "lib:libssl.so*". */
struct file_rule {
  struct stretch glob, category;
  uint32_t line;
};

/* Where one setting begins in the string, and in which line of the file. */
struct file_setting {
  size_t at;
  uint32_t line;
};

struct rule_file {
  char *string;            /* the settings in file order, "" if there are none */
  struct file_rule *rules; /* in file order, that of trying */
  size_t rule_count;
  struct file_setting *settings; /* in file order */
  size_t setting_count;
};

struct rule_fault {
  struct fault fault;
  int line;        /* 0: it is the file that cannot be read, or is too long */
  char place[256]; /* FILE:LINE, or FILE; where rule_file_read() failed */
};

/*
 * Reads the file of this path. Returns 0: the caller calls rule_file_free(); -EINVAL: the file holds what it must not;
 * another -errno: it cannot be read; with words.
 */
int rule_file_read(const char *path, struct rule_file *ret_file, struct rule_fault *ret_fault);

/* The same of the bytes of a file. */
int rule_file_parse(struct stretch bytes, struct rule_file *ret_file, struct rule_fault *ret_fault);

/*
 * The rule that stands before `rule` in the way: the same glob, or `*` of the same kind; NULL: none does. A rule
 * behind it is never reached.
 */
const struct file_rule *rule_file_covering(const struct rule_file *file, const struct file_rule *rule);

/* The line of the setting that begins at this place of the string; 0: none does. */
uint32_t rule_file_line(const struct rule_file *file, size_t at);

void rule_file_free(struct rule_file *file);

#endif
