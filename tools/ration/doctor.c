/*
 * doctor.c: `ration doctor [BINARY|PID]`: before the run, or of a process that runs: what will and will not work, why,
 * and what to do about it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "doctor/checks.h"
#include "doctor/program.h"
#include "doctor/promises.h"
#include "reader/procfs.h"
#include "view/emitter.h"

extern const struct argp doctor_argp;
int doctor_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static int look_at_machine(struct findings *findings);
static int look_at_program(struct findings *findings);
static const char *words_of(int error);
static int look_at_process(struct findings *findings);
static int find_program_of(uint32_t process, struct target *ret_target);
static int look_into_file(const struct target *target, const char *name, bool is_running,
                          struct findings *findings);
static void read_command(uint32_t process, char *ret_command, size_t size);
static void show(struct emitter *emitter, const struct findings *findings);
static void show_finding(struct emitter *emitter, const struct finding *finding);

enum { EXIT_CODE = 256, PROMISES };

static const struct argp_option options[] = {
    {"exit-code", EXIT_CODE, NULL, 0, "leave status 1 where something stops", 1},
    {"promises", PROMISES, NULL, 0, "show what holds over which allocator, and on which machine", 1},
    {0}};

const struct argp doctor_argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[BINARY|PID]",
    .doc = "Says what will keep a program, a running process, or any program on this machine from being "
           "tracked, in whole or in part, and what to do about it."};

static const char *wanted; /* NULL: the machine alone */
static bool has_exit_code, wants_promises;

/* What is looked at, and what came out. */
static struct diagnosis {
  const char *program; /* its path; NULL: none */
  int pid;             /* -1: none */
  const char *verdict;
} diagnosis = {.pid = -1};

#define DIAGNOSIS(member) .offset = offsetof(struct diagnosis, member), .name = #member

static const struct field diagnosis_fields[] = {
    {DIAGNOSIS(program), .kind = FIELD_NAME},
    {DIAGNOSIS(pid), .kind = FIELD_STATUS},
    {DIAGNOSIS(verdict), .kind = FIELD_NAME},
};

struct finding_record {
  const char *finding, *severity;
};

static const struct field finding_fields[] = {
    {.name = "finding", .kind = FIELD_NAME, .offset = offsetof(struct finding_record, finding)},
    {.name = "severity", .kind = FIELD_NAME, .offset = offsetof(struct finding_record, severity)},
};

int doctor_command(struct emitter *emitter) {
  static struct findings findings;
  int status;
  if (wants_promises) {
    promises_show(emitter);
    return STATUS_DONE;
  }
  if (!wanted)
    status = look_at_machine(&findings);
  else if (wanted[0] && wanted[strspn(wanted, "0123456789")] == 0)
    status = look_at_process(&findings);
  else
    status = look_at_program(&findings);
  if (status) return status;
  show(emitter, &findings);
  return has_exit_code && findings_count(&findings, SEVERITY_STOPS) > 0 ? STATUS_BROKEN : STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == EXIT_CODE) {
    has_exit_code = true;
  } else if (key == PROMISES) {
    wants_promises = true;
  } else if (key == ARGP_KEY_ARG && !wanted) {
    wanted = argument;
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static int look_at_machine(struct findings *findings) {
  check_settings(getenv("RATION_OPTIONS"), diagnosis.program, findings);
  check_machine("", findings);
  check_preload(getenv("LD_PRELOAD"), 0, findings);
  check_limits_of(0, findings);
  return STATUS_DONE;
}

/* What will meet it from outside comes after what it has in itself. */
static int look_at_program(struct findings *findings) {
  static struct target target;
  int error = program_find(wanted, getenv("PATH"), &target);
  if (error) {
    complain(wanted, "%s", words_of(error));
    return STATUS_MISSING;
  }
  check_target(&target, findings);
  int status = look_into_file(&target, wanted, false, findings);
  if (status) return status;
  if (findings_count(findings, SEVERITY_STOPS) == 0) check_libraries(target.path, findings);
  diagnosis.program = target.path;
  return look_at_machine(findings);
}

static const char *words_of(int error) {
  struct stat file;
  struct statvfs volume;
  bool is_there = strchr(wanted, '/') && stat(wanted, &file) == 0;
  bool is_fenced = is_there && statvfs(wanted, &volume) == 0 && (volume.f_flag & ST_NOEXEC);
  return error == -ENOENT && is_there ? "its #! line names what is not there; install that"
         : error == -ENOENT           ? "not found; check the name and PATH"
         : error == -EACCES && is_there && S_ISDIR(file.st_mode) ? "a folder; name a program in it"
         : error == -EACCES && is_fenced && (file.st_mode & 0111)
             ? "its file system is mounted noexec; copy it to another"
         : error == -EACCES ? "no file that may be executed; check its mode"
         : error == -ELOOP  ? "links or #! lines without end; check where they lead"
                            : strerror(-error);
}

static int look_at_process(struct findings *findings) {
  static struct target target;
  char command[200];
  uint64_t pid;
  if (text_read_decimal(wanted, &pid) == 0 || pid == 0 || pid > INT32_MAX) {
    complain(wanted, "no pid; pids are 1 to %d", INT32_MAX);
    return STATUS_USAGE;
  }
  int status = find_program_of((uint32_t)pid, &target);
  if (status) return status;
  check_target(&target, findings);
  status = look_into_file(&target, target.command, true, findings);
  if (status) return status;
  read_command((uint32_t)pid, command, sizeof command);
  check_process((uint32_t)pid, command, findings);
  status = find_program_of((uint32_t)pid,
                           &target); /* it may have ended meanwhile, so that nothing of it was seen */
  if (status) return status;
  diagnosis.program = target.command;
  diagnosis.pid = (int)pid;
  return STATUS_DONE;
}

/*
 * By the link that /proc has to it, where there is no such file at its path any more. What privileges its file would
 * give counts no more: it has been started.
 */
static int find_program_of(uint32_t process, struct target *ret_target) {
  char link[64];
  struct proc_stat state;
  int error = procfs_stat(process, &state);
  if (error || procfs_is_dead(&state)) {
    complain(wanted, "no process of this pid runs; a program's file of this name is ./%s", wanted);
    return STATUS_MISSING;
  }
  uint32_t leader;
  if (procfs_leader(process, &leader) == 0 && leader != process) {
    complain(wanted, "a thread of process %" PRIu32 "; name that one", leader);
    return STATUS_MISSING;
  }
  snprintf(link, sizeof link, "/proc/%" PRIu32 "/exe", process);
  ssize_t length = readlink(link, ret_target->command, sizeof ret_target->command - 1);
  if (length < 0) {
    if (errno == ENOENT)
      complain(wanted, "a thread of the kernel, or at its end: it has no program; name another pid");
    else
      complain(wanted, "its program cannot be seen: %s; look as root", strerror(errno));
    return STATUS_MISSING;
  }
  ret_target->command[length] = 0;
  struct stat here, there;
  bool is_there = stat(link, &there) == 0 && stat(ret_target->command, &here) == 0 &&
                  here.st_dev == there.st_dev && here.st_ino == there.st_ino;
  snprintf(ret_target->path, sizeof ret_target->path, "%s", is_there ? ret_target->command : link);
  target_inspect(ret_target);
  if (ret_target->hindrance == HINDRANCE_PRIVILEGED) ret_target->hindrance = HINDRANCE_NONE;
  memcpy(ret_target->command, ret_target->path, sizeof ret_target->command);
  return STATUS_DONE;
}

/*
 * Of a file of another machine nothing more can be told; nor of one that may not be read, which does not matter where
 * something stops it anyway.
 */
static int look_into_file(const struct target *target, const char *name, bool is_running,
                          struct findings *findings) {
  struct program_facts facts;
  struct fault fault;
  if (target->hindrance == HINDRANCE_FOREIGN) return STATUS_DONE;
  int error = program_facts_read(target->path, &facts, &fault);
  if (!error && facts.is_library)
    error = fault_set(&fault, -EBADMSG, "a library; name a program that loads it");
  if (error == -EACCES && findings_count(findings, SEVERITY_STOPS) > 0) return STATUS_DONE;
  if (error) {
    complain(name, "%s", fault.words);
    return error == -EBADMSG ? STATUS_USAGE : STATUS_MISSING;
  }
  if (is_running) facts.loader[0] = 0; /* it has had one */
  check_program(&facts, findings);
  return STATUS_DONE;
}

/* Its arguments with blanks between, as far as they fit. */
static void read_command(uint32_t process, char *ret_command, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/cmdline", process);
  FILE *file = fopen(path, "re");
  size_t count = file ? fread(ret_command, 1, size - 1, file) : 0;
  if (file) fclose(file);
  ret_command[count] = 0;
  while (count > 0 && ret_command[count - 1] == 0) count--;
  for (size_t i = 0; i < count; i++) {
    if (ret_command[i] == 0) ret_command[i] = ' ';
  }
  if (count == 0) snprintf(ret_command, size, "CMD");
}

static void show(struct emitter *emitter, const struct findings *findings) {
  static const char *const verdicts[] = {
      [SEVERITY_NOTE] = "tracked", [SEVERITY_LIMITS] = "limited", [SEVERITY_STOPS] = "untracked"};
  static const char *const outcomes[][SEVERITY_COUNT] = {
      {"will be tracked", "will be tracked, with limits", "will not be tracked"},
      {"is tracked", "is tracked, with limits", "is not tracked"}};
  enum severity worst = findings_count(findings, SEVERITY_STOPS)    ? SEVERITY_STOPS
                        : findings_count(findings, SEVERITY_LIMITS) ? SEVERITY_LIMITS
                                                                    : SEVERITY_NOTE;
  diagnosis.verdict = verdicts[worst];
  const char *subject = diagnosis.program ? diagnosis.program : "programs on this machine";
  emitter_fields(emitter, FIELDS(diagnosis_fields), &diagnosis);
  char number[32] = "", line[PATH_MAX + 128];
  if (diagnosis.pid > 0) snprintf(number, sizeof number, " (pid %d)", diagnosis.pid);
  snprintf(line, sizeof line, "%s%s: %s", subject, number, outcomes[diagnosis.pid > 0][worst]);
  emitter_text_line(emitter, "", line);
  emitter_begin_list(emitter, "findings");
  for (int severity = SEVERITY_STOPS; severity >= 0; severity--) {
    for (size_t i = 0; i < findings->count; i++) {
      if (finding_severity(findings->list[i].kind) == (enum severity)severity)
        show_finding(emitter, &findings->list[i]);
    }
  }
  emitter_end(emitter);
}

static void show_finding(struct emitter *emitter, const struct finding *finding) {
  struct finding_record record = {finding_name(finding->kind),
                                  severity_name(finding_severity(finding->kind))};
  char lead[64];
  snprintf(lead, sizeof lead, "  %-6s  %s: ", record.severity, record.finding);
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(finding_fields), &record);
  emitter_remark(emitter, "words", lead, finding->words);
  emitter_remark(emitter, "advice", "          do: ", finding->advice);
  emitter_end(emitter);
}
