/*
 * condition.c: conditions out of texts, and out of files of them.
 */
#include "conditions/condition.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "complain.h"

#define LINE_MOST 4096 /* bytes of a line that may hold a condition */

static size_t find_last(struct stretch text, char byte);
static int read_condition(const char *text, struct condition *condition, struct fault *ret_fault);
static void forget(struct condition *condition);
static int add_lines(struct condition_list *list, const char *path, FILE *file);
static bool read_line(FILE *file, char line[LINE_MOST], size_t *ret_length);
static int add_line(struct condition_list *list, char *line, size_t length, struct fault *ret_fault);
static struct stretch without_comment(struct stretch line);

/* Room first, so that what has been read has a place. */
int condition_add(struct condition_list *list, bool is_least, const char *text, struct fault *ret_fault) {
  struct condition *grown = realloc(list->condition, (list->count + 1) * sizeof *grown);
  if (!grown) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  list->condition = grown;
  struct condition *condition = &grown[list->count];
  *condition = (struct condition){.is_least = is_least};
  int error = read_condition(text, condition, ret_fault);
  if (error) {
    forget(condition);
  } else {
    list->count++;
  }
  return error;
}

int condition_add_file(struct condition_list *list, const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) {
    complain(path, "cannot be read: %s; name a file with conditions", strerror(errno));
    return STATUS_FAILED;
  }
  size_t before = list->count;
  int status = add_lines(list, path, file);
  fclose(file);
  if (status || list->count > before) return status;
  complain(path, "has no condition; write lines like --max total.peak=512M");
  return STATUS_USAGE;
}

void condition_list_free(struct condition_list *list) {
  for (size_t i = 0; i < list->count; i++) forget(&list->condition[i]);
  free(list->condition);
  *list = (struct condition_list){0};
}

bool condition_list_needs_leaks(const struct condition_list *list) {
  for (size_t i = 0; i < list->count; i++)
    if (figure_needs_leaks(&list->condition[i].figure)) return true;
  return false;
}

bool condition_is_met(const struct condition *condition, uint64_t value) {
  int order = figure_compare(condition->figure.kind, value, condition->limit);
  return condition->is_least ? order >= 0 : order <= 0;
}

int condition_cut(struct stretch text, char **ret_category, struct figure *ret_figure,
                  struct fault *ret_fault) {
  size_t dot = find_last(text, '.');
  if (dot == text.count || dot == 0 || dot + 1 == text.count)
    return fault_set(ret_fault, -EINVAL, "`%.*s`: expected CATEGORY.FIGURE, like total.peak",
                     STRETCH_SHOWN(text));
  int error = figure_find(stretch_from(text, dot + 1), ret_figure, ret_fault);
  if (error) return error;
  *ret_category = strndup(text.bytes, dot);
  return *ret_category ? 0 : fault_set(ret_fault, -ENOMEM, "not enough memory");
}

/* The length, where it is not in it. */
static size_t find_last(struct stretch text, char byte) {
  for (size_t at = text.count; at > 0; at--)
    if (text.bytes[at - 1] == byte) return at - 1;
  return text.count;
}

/* Names of categories may have an `=`, values have none. What it has got is to be forgotten, whatever it returns. */
static int read_condition(const char *text, struct condition *condition, struct fault *ret_fault) {
  struct stretch all = stretch_of(text);
  size_t equals = find_last(all, '=');
  if (equals == all.count)
    return fault_set(ret_fault, -EINVAL, "`%.100s`: expected CATEGORY.FIGURE=VALUE, like total.peak=512M",
                     text);
  struct stretch name = {.bytes = all.bytes, .count = equals}, value = stretch_from(all, equals + 1);
  int error = condition_cut(name, &condition->category, &condition->figure, ret_fault);
  if (!error) error = figure_read_value(condition->figure.kind, value, &condition->limit, ret_fault);
  if (error) return error;
  condition->text = strdup(text);
  return condition->text ? 0 : fault_set(ret_fault, -ENOMEM, "not enough memory");
}

static void forget(struct condition *condition) {
  free(condition->text);
  free(condition->category);
}

static int add_lines(struct condition_list *list, const char *path, FILE *file) {
  char line[LINE_MOST];
  size_t length;
  struct fault fault;
  for (unsigned number = 1; read_line(file, line, &length); number++) {
    bool is_text = length > 0 && strlen(line) == length && (feof(file) || line[length - 1] == '\n');
    int error = is_text ? add_line(list, line, length, &fault)
                        : fault_set(&fault, -EINVAL, "no text, or a line of more than %d bytes", LINE_MOST);
    if (!error) continue;
    complain_at(path, number, fault.words);
    return error == -ENOMEM ? STATUS_FAILED : STATUS_USAGE;
  }
  if (!ferror(file)) return STATUS_DONE;
  complain(path, "cannot be read: %s; name a file with conditions", strerror(errno));
  return STATUS_FAILED;
}

/* With its length, which tells of a zero in it: in a buffer without one, the last one is that of fgets(). */
static bool read_line(FILE *file, char line[LINE_MOST], size_t *ret_length) {
  memset(line, ' ', LINE_MOST);
  if (!fgets(line, LINE_MOST, file)) return false;
  *ret_length = (size_t)((char *)memrchr(line, 0, LINE_MOST) - line);
  return true;
}

/* `--max X`, `--max=X`, as the command line takes them. */
static int add_line(struct condition_list *list, char *line, size_t length, struct fault *ret_fault) {
  struct stretch text = {.bytes = line, .count = length};
  while (text.count && strchr("\r\n", text.bytes[text.count - 1])) text.count--;
  text = stretch_trim(without_comment(text));
  if (text.count == 0) return 0;
  bool is_least = stretch_begins(text, "--min");
  const size_t option = sizeof "--max" - 1;
  if ((!is_least && !stretch_begins(text, "--max")) || text.count == option ||
      (text.bytes[option] != '=' && !stretch_is_blank(text.bytes[option])))
    return fault_set(ret_fault, -EINVAL, "`%.*s`: expected --max CATEGORY.FIGURE=VALUE, or --min",
                     STRETCH_SHOWN(text));
  struct stretch condition = stretch_trim(stretch_from(text, option + 1));
  line[condition.bytes + condition.count - line] = 0;
  return condition_add(list, is_least, condition.bytes, ret_fault);
}

static struct stretch without_comment(struct stretch line) {
  for (size_t at = 0; at < line.count; at++) {
    bool is_start = at == 0 || stretch_is_blank(line.bytes[at - 1]);
    if (line.bytes[at] == '#' && is_start) return (struct stretch){.bytes = line.bytes, .count = at};
  }
  return line;
}
