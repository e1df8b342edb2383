/*
 * library_check.c: which libraries of a program, or of a process, are without debug information.
 *
 * Of a program's file only the libraries that it names itself are known, and looked for where the loader commonly finds
 * them; one that is not found there is not counted. Of a process all that it has mapped are.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor/checks.h"
#include "doctor/dynamic.h"
#include "symbols/debug_files.h"

#define NAMED_MOST 6 /* the rest is a number */

#if defined(__x86_64__)
#define MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#elif defined(__riscv)
#define MULTIARCH "riscv64-linux-gnu"
#endif

/* What was looked at so far. */
struct survey {
  unsigned count;
  unsigned bare;
  char names[256]; /* of those that are bare; the first of them */
  struct text text;
};

static void visit_needed(const struct object_file *file, struct survey *survey);
static bool find_library(const char *origin, const char *folders, const char *name, char ret_path[PATH_MAX]);
static bool find_in(const char *folder, size_t length, const char *origin, const char *name,
                    char ret_path[PATH_MAX]);
static bool is_library_line(const char *line, char *ret_path, size_t size);
static bool is_ours(const char *name);
static void look_at(const char *path, const char *name, struct survey *survey);
static bool has_lines(const struct object_file *file);
static void conclude(const struct survey *survey, struct findings *findings);

void check_libraries(const char *program, struct findings *findings) {
  struct object_file *file;
  struct survey survey = {.count = 0};
  survey.text = text_in(survey.names, sizeof survey.names);
  if (object_file_open(program, &file) != 0) return;
  visit_needed(file, &survey);
  object_file_close(file);
  conclude(&survey, findings);
}

void check_mapped_libraries(uint32_t pid, struct findings *findings) {
  char maps[64], path[PATH_MAX], last[PATH_MAX] = "", inside[PATH_MAX + 64];
  char *line = NULL;
  size_t room = 0;
  struct survey survey = {.count = 0};
  survey.text = text_in(survey.names, sizeof survey.names);
  snprintf(maps, sizeof maps, "/proc/%" PRIu32 "/maps", pid);
  FILE *file = fopen(maps, "re");
  if (!file) return;
  while (getline(&line, &room, file) > 0) {
    if (!is_library_line(line, path, sizeof path) || strcmp(path, last) == 0) continue;
    memcpy(last, path, sizeof last);
    snprintf(inside, sizeof inside, "/proc/%" PRIu32 "/root%s", pid, path);
    look_at(inside, text_file_name(path), &survey);
  }
  free(line);
  fclose(file);
  conclude(&survey, findings);
}

static void visit_needed(const struct object_file *file, struct survey *survey) {
  struct dynamic dynamic;
  char origin[PATH_MAX], path[PATH_MAX];
  const char *name;
  if (dynamic_read(file->elf, &dynamic) != 0 || !realpath(file->path, origin)) return;
  *strrchr(origin, '/') = 0;
  const char *folders = dynamic_text(&dynamic, DT_RUNPATH, 0);
  if (!folders) folders = dynamic_text(&dynamic, DT_RPATH, 0);
  for (size_t i = 0; (name = dynamic_text(&dynamic, DT_NEEDED, i)) != NULL; i++) {
    if (*name && find_library(origin, folders ? folders : "", name, path)) look_at(path, name, survey);
  }
}

static bool find_library(const char *origin, const char *folders, const char *name, char ret_path[PATH_MAX]) {
  static const char *const standard[] = {
      "/lib/" MULTIARCH, "/usr/lib/" MULTIARCH, "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"};
  while (*folders) {
    size_t length = strcspn(folders, ":");
    if (length > 0 && find_in(folders, length, origin, name, ret_path)) return true;
    folders += length + (folders[length] == ':');
  }
  for (size_t i = 0; i < sizeof standard / sizeof *standard; i++) {
    if (find_in(standard[i], strlen(standard[i]), origin, name, ret_path)) return true;
  }
  return false;
}

/* $ORIGIN is the program's folder; at the beginning, where it stands in practice. */
static bool find_in(const char *folder, size_t length, const char *origin, const char *name,
                    char ret_path[PATH_MAX]) {
  static const char *const words[] = {"$ORIGIN", "${ORIGIN}"};
  const char *start = "";
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t word = strlen(words[i]);
    if (length < word || strncmp(folder, words[i], word) != 0) continue;
    start = origin, folder += word, length -= word;
    break;
  }
  int needed = snprintf(ret_path, PATH_MAX, "%s%.*s/%s", start, (int)length, folder, name);
  return needed > 0 && needed < PATH_MAX && access(ret_path, R_OK) == 0;
}

/* Code, of a file whose name is a library's, and none that comes with the shim. */
static bool is_library_line(const char *line, char *ret_path, size_t size) {
  char access_bits[5];
  int at = 0;
  if (sscanf(line, "%*x-%*x %4s %*x %*s %*u %n", access_bits, &at) != 1 || at == 0) return false;
  if (access_bits[2] != 'x' || line[at] != '/') return false;
  snprintf(ret_path, size, "%s", line + at);
  ret_path[strcspn(ret_path, "\n")] = 0;
  const char *name = text_file_name(ret_path);
  return strstr(name, ".so") != NULL && !is_ours(name);
}

/* With the version that its file has behind it; libunwind-ptrace and LLVM's libunwind.so.1 are the program's own. */
static bool is_ours(const char *name) {
  static const char *const names[] = {"libration.so", LIBUNWIND_OF_SHIM, "libunwind.so.8"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i]);
    if (strncmp(name, names[i], length) == 0 && (name[length] == 0 || name[length] == '.')) return true;
  }
  return false;
}

static void look_at(const char *path, const char *name, struct survey *survey) {
  struct object_file *file;
  if (object_file_open(path, &file) != 0) return;
  survey->count++;
  if (!has_lines(file)) {
    if (survey->bare < NAMED_MOST) {
      text_add(&survey->text, survey->bare ? ", " : "");
      text_add(&survey->text, name);
    }
    survey->bare++;
  }
  object_file_close(file);
}

static bool has_lines(const struct object_file *file) {
  static const struct debug_places places = {.servers = NULL};
  struct object_file *debug;
  if (object_file_has_debug(file)) return true;
  if (debug_files_find(&places, file, file->build_id, &debug) != 0) return false;
  bool has = object_file_has_debug(debug);
  object_file_close(debug);
  return has;
}

static void conclude(const struct survey *survey, struct findings *findings) {
  char words[FINDING_WORDS_BYTES];
  const char *urls = getenv("DEBUGINFOD_URLS");
  if (survey->bare == 0) return;
  snprintf(words, sizeof words,
           "%u of the %u libraries that it loads have no debug information, so in call stacks they have "
           "neither lines nor all functions: %s%s; %s",
           survey->bare, survey->count, survey->names, survey->bare > NAMED_MOST ? " ..." : "",
           urls && *urls ? "nothing, if the servers of DEBUGINFOD_URLS have it"
                         : "install their packages of debug symbols (Debian: libc6-dbg, ...-dbgsym), or set "
                           "DEBUGINFOD_URLS");
  finding_add_words(findings, FINDING_BARE_LIBRARIES, words);
}
