/*
 * subject.c: what is named, told apart; and what names its frames.
 */
#include "subject/subject.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "reader/facts.h"
#include "reader/procfs.h"
#include "reader/wanted.h"
#include "recording/machine.h"
#include "recording/unpacker.h"

/* A recording, as it is named. */
struct name {
  char path[PATH_MAX];
  uint32_t pid; /* 0: none */
};

static bool is_recording(const char *wanted, struct name *ret_name);
static int open_one(const char *wanted, struct subject *subject, struct fault *ret_fault);
static int tell_recorded(struct symbols *symbols, const struct process *process);
static int tell_entry(struct symbols *symbols, const struct module_list *modules,
                      const struct symbol_entry *entry);
static int read_modules(const struct process *process, struct module_list *ret_modules);

int subject_open(const char *wanted, struct subject *ret_subject, struct fault *ret_fault) {
  struct subject subject = {0};
  struct name name;
  bool is_recorded = is_recording(wanted, &name);
  int error = is_recorded ? recorded_list_read(name.path, name.pid, &subject.recording, ret_fault)
                          : open_one(wanted, &subject, ret_fault);
  if (error) return error;
  if (is_recorded) {
    subject.processes = subject.recording.processes;
    subject.count = subject.recording.count;
  }
  *ret_subject = subject;
  return 0;
}

void subject_close(struct subject *subject) {
  if (!subject->recording.replay) {
    for (size_t i = 0; i < subject->count; i++) free(subject->processes[i]);
    free(subject->processes);
  }
  recorded_list_free(&subject->recording);
  *subject = (struct subject){0};
}

bool subject_is_recording(const char *wanted) {
  struct name name;
  return is_recording(wanted, &name);
}

struct symbols *subject_symbols(const struct process *process, const struct symbol_places *places) {
  struct symbol_places its = *places;
  if (!its.sysroot && process->root[0]) its.sysroot = process->root;
  its.pid = subject_is_of_here(process) ? process->snapshot.name.pid : 0;
  its.shared = process->recorded ? process->recorded->modules : NULL;
  struct symbols *symbols = symbols_open(&its);
  if (!symbols || !process->recorded || tell_recorded(symbols, process) == 0) return symbols;
  symbols_close(symbols);
  return NULL;
}

/* The host and its containers have one boot, and each their own pids. */
bool subject_is_of_here(const struct process *process) {
  uint64_t namespace;
  if (!process->recorded) return true;
  return process->recorded->replay->header.boot == machine_boot() &&
         procfs_own_pid_namespace(&namespace) == 0 && namespace == process->snapshot.name.pid_namespace;
}

/* Behind the last colon a pid; a file may have such a name itself. Digits alone are a pid. */
static bool is_recording(const char *wanted, struct name *ret_name) {
  *ret_name = (struct name){0};
  if (!wanted || wanted[strspn(wanted, "0123456789")] == 0 || strlen(wanted) >= sizeof ret_name->path)
    return false;
  snprintf(ret_name->path, sizeof ret_name->path, "%s", wanted);
  if (unpacker_is_recording(wanted)) return true;
  char *colon = strrchr(ret_name->path, ':');
  uint64_t pid;
  size_t digits = colon ? text_read_decimal(colon + 1, &pid) : 0;
  if (digits == 0 || colon[1 + digits] != 0 || pid == 0 || pid > INT32_MAX) return false;
  if (access(wanted, F_OK) == 0) return false;
  *colon = 0;
  ret_name->pid = (uint32_t)pid;
  return unpacker_is_recording(ret_name->path);
}

static int open_one(const char *wanted, struct subject *subject, struct fault *ret_fault) {
  struct process *process = malloc(sizeof *process);
  subject->processes = calloc(1, sizeof *subject->processes);
  int error = -ENOMEM;
  if (subject->processes && process)
    error = wanted_read(wanted, process, ret_fault);
  else
    fault_set(ret_fault, error, "not enough memory");
  if (error) {
    free(process);
    free(subject->processes);
    return error;
  }
  subject->processes[subject->count++] = process;
  return 0;
}

/* What was not known when it was recorded may be by now. */
static int tell_recorded(struct symbols *symbols, const struct process *process) {
  const struct recorded *recorded = process->recorded;
  struct module_list modules = {0};
  size_t count;
  const struct symbol_entry *entries = symbol_book_of(&recorded->replay->symbols, recorded->image, &count);
  int error = count ? read_modules(process, &modules) : 0;
  for (size_t i = 0; i < count && !error; i++)
    if (entries[i].chain.count) error = tell_entry(symbols, &modules, &entries[i]);
  module_list_free(&modules);
  return error;
}

static int tell_entry(struct symbols *symbols, const struct module_list *modules,
                      const struct symbol_entry *entry) {
  uint32_t number = RATION_FRAME_MODULE(entry->frame);
  uint64_t address = RATION_FRAME_ADDRESS(entry->frame);
  if (number == 0 || number >= modules->count) return symbols_tell(symbols, NULL, address, &entry->chain);
  const struct module_facts *module = &modules->module[number];
  struct symbol_module told = {module->path, module->build_id, module->build_id_bytes};
  return symbols_tell(symbols, &told, address, &entry->chain);
}

/* Of modules that cannot be read nobody asks for frames either: their sites cannot be, and that is said there. */
static int read_modules(const struct process *process, struct module_list *ret_modules) {
  struct segment_file file;
  struct layout layout;
  struct facts facts;
  struct fault fault;
  if (layout_open(process->path, process->is_memfd, &file, &layout, &fault) != 0) return 0;
  int error = facts_read(&file, &layout, &facts);
  if (!error) error = module_list_read(&file, &layout, facts.module_count, ret_modules);
  segment_file_close(&file);
  return error == -ENOMEM ? error : 0;
}
