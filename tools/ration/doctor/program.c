/*
 * program.c: `#!/usr/bin/env -S NAME=VALUE... COMMAND ARGUMENT...`.
 */
#include "doctor/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define SCRIPTS_AT_MOST 5 /* each of which env starts */
#define LINE_BYTES      512

static const char *command_of_env(char *at);
static bool passes_option(char **word, char **at);
static char *next_word(char **at);

int program_find(const char *command, const char *search_path, struct target *ret_target) {
  struct target first, target;
  int error = target_find(command, search_path, &first);
  if (error) return error;
  target = first;
  char name[PROGRAM_NAME_MOST];
  for (int depth = 0; program_of_env(target.command, name) == 0; depth++) {
    if (depth == SCRIPTS_AT_MOST) return -ELOOP;
    error = target_find(name, search_path, &target);
    if (error) return error;
  }
  memcpy(target.command, first.command, sizeof target.command);
  *ret_target = target;
  return 0;
}

int program_of_env(const char *script, char ret_name[PROGRAM_NAME_MOST]) {
  char line[LINE_BYTES];
  int fd = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -ENOENT;
  ssize_t count = pread(fd, line, sizeof line - 1, 0);
  close(fd);
  if (count < 2 || line[0] != '#' || line[1] != '!') return -ENOENT;
  line[count] = 0;
  line[strcspn(line, "\n")] = 0;
  char *at = line + 2;
  const char *word = next_word(&at);
  if (!word || strcmp(text_file_name(word), "env") != 0) return -ENOENT;
  word = command_of_env(at);
  if (!word || strlen(word) >= PROGRAM_NAME_MOST) return -ENOENT;
  memcpy(ret_name, word, strlen(word) + 1);
  return 0;
}

/* Behind env's options and their values, and what it sets; NULL: it starts none. */
static const char *command_of_env(char *at) {
  char *word = next_word(&at);
  while (word && word[0] == '-' && strcmp(word, "--") != 0) {
    if (!passes_option(&word, &at)) word = next_word(&at);
  }
  if (word && strcmp(word, "--") == 0) word = next_word(&at);
  while (word && strchr(word, '=')) word = next_word(&at);
  return word;
}

/*
 * Letters may share a word, of which the first that takes a value has the rest, or else the next word. That of -S, and
 * of --split-string, is no value but the words that follow: true where `word` is one of these now.
 */
static bool passes_option(char **word, char **at) {
  static const char split[] = "--split-string=";
  char *letter = *word + 1 + strcspn(*word + 1, "uCaS");
  if ((*word)[1] == '-') {
    static const char *const with_value[] = {"--unset", "--chdir", "--argv0"};
    for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++) {
      if (strcmp(*word, with_value[i]) == 0) next_word(at);
    }
    bool is_split = strncmp(*word, split, sizeof split - 1) == 0 && (*word)[sizeof split - 1];
    if (is_split) *word += sizeof split - 1;
    return is_split;
  }
  if (*letter && *letter != 'S' && !letter[1]) next_word(at);
  if (*letter != 'S' || !letter[1]) return false;
  *word = letter + 1;
  return true;
}

/* NULL: there is none left. */
static char *next_word(char **at) {
  char *word = *at + strspn(*at, " \t");
  if (!*word) return NULL;
  char *end = word + strcspn(word, " \t");
  *at = *end ? end + 1 : end;
  *end = 0;
  return word;
}
