/*
 * report.c: a file beside it is written first, and then takes its name: a reader finds the old one or the new one.
 * What is no file keeps its name: root could lose /dev/null.
 */
#include "track/report.h"

#include <errno.h>

#include "base/test_point.h"
#include "base/text.h"
#include "os/process.h"
#include "os/shared_file.h"
#include "os/signal_watch.h"
#include "track/dump.h"
#include "track/process.h"

#define PATH_BYTES 512 /* as struct shared_file has it */

static char folder[PATH_BYTES]; /* of the start; "": not needed, or not to be known */
static uint32_t
    is_writing; /* the process that is at it: a signal may come again meanwhile, or in a forked child */

void report_prepare(void) {
  if (settings.report && settings.report[0] != '/' && process_folder(folder, sizeof folder) == 0)
    folder[0] = '\0';
}

/* With %p replaced, and from the root where that is possible. Returns 0 or -ENAMETOOLONG. */
static int path_of(char ret_path[PATH_BYTES]) {
  struct text path = text_in(ret_path, PATH_BYTES);
  if (folder[0]) {
    text_add(&path, folder);
    text_add(&path, "/");
  }
  for (const char *at = settings.report; *at; at++) {
    if (at[0] == '%' && at[1] == 'p') {
      text_add_decimal(&path, identity.pid);
      at++;
    } else {
      text_add_bytes(&path, at, 1);
    }
  }
  return path.is_cut ? -ENAMETOOLONG : 0;
}

/* Under another name of this process's own, in the same folder. */
static int write_to(const char *path) {
  if (shared_file_is_barred(path)) return -EEXIST;
  char parent[PATH_BYTES], name[256], written[PATH_BYTES];
  const char *file = text_file_name(path);
  struct text parent_text = text_in(parent, sizeof parent), name_text = text_in(name, sizeof name);
  if (file == path)
    text_add(&parent_text, ".");
  else
    text_add_bytes(&parent_text, path, file - path > 1 ? (size_t)(file - path - 1) : 1);
  text_add(&name_text, ".");
  text_add(&name_text, file);
  text_add(&name_text, ".");
  text_add_decimal(&name_text, identity.pid);
  if (parent_text.is_cut || name_text.is_cut) return -ENAMETOOLONG;
  int result = dump_write(parent, name, written, sizeof written);
  if (result < 0) return result;
  TEST_POINT("report:written");
  result = shared_file_rename(written, path);
  TEST_POINT("report:renamed");
  if (result < 0) shared_file_remove(written);
  return result;
}

static void write_report(void) {
  char path[PATH_BYTES];
  uint32_t holder = load_relaxed(&is_writing); /* only a guess: the swap checks it */
  if (!process_has_segment() || holder == identity.pid) return;
  if (!cas_acq_rel(&is_writing, &holder, identity.pid)) return; /* pairs with write_report */
  if (!settings.report)
    dump_once();
  else if (path_of(path) == 0)
    write_to(path);
  store_release(&is_writing, 0); /* pairs with write_report */
}

static void on_signal(int number) {
  (void)number;
  int kept_errno = errno;
  write_report();
  errno = kept_errno;
}

void report_watch(void) {
  if (settings.report_signal && process_has_segment()) signal_watch(settings.report_signal, on_signal);
}

void report_at_exit(void) {
  if (settings.report) write_report();
}
