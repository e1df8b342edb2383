/*
 * kin.c: sessions are compared; descent is followed by what segments say of parents, and by /proc for what is not
 * tracked in between.
 */
#include "record/kin.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "reader/procfs.h"

#define GENERATIONS_MOST 1000

struct kin_pid {
  uint32_t pid;
  UT_hash_handle hh;
};

static bool comes_from(const struct kin *kin, const struct ration_segment_header *header);
static bool is_known(const struct kin *kin, uint32_t pid);
static void remember(struct kin *kin, uint32_t pid);

bool kin_has(struct kin *kin, const struct ration_segment_header *header) {
  if (kin->session_start) {
    return header->session_pid == kin->session_pid && header->session_start == kin->session_start;
  }
  bool is_root = header->pid == kin->root_pid && header->start_ticks == kin->root_start;
  bool is_kin = is_root || comes_from(kin, header);
  if (is_kin && !is_known(kin, header->pid)) remember(kin, header->pid);
  return is_kin;
}

bool kin_may_have(const struct kin *kin, const struct place_name *name) {
  struct proc_stat stat;
  if (!kin->root_pid) return name->start_ticks >= kin->session_start;
  if (name->pid == kin->root_pid) return name->start_ticks == kin->root_start;
  if (procfs_stat(name->pid, &stat) != 0 || stat.start_ticks != name->start_ticks) return false;
  struct ration_segment_header header = {
      .pid = name->pid, .parent = stat.parent, .start_ticks = name->start_ticks};
  return comes_from(kin, &header);
}

void kin_free(struct kin *kin) {
  struct kin_pid *pid = kin->pids, *next;
  HASH_CLEAR(hh, kin->pids);
  for (; pid; pid = next) {
    next = pid->hh.next;
    free(pid);
  }
}

/* A pid is given anew some time after its process has ended: what started before the root is none of its children. */
static bool comes_from(const struct kin *kin, const struct ration_segment_header *header) {
  if (header->start_ticks < kin->root_start) return false;
  uint32_t parent = header->parent;
  for (int i = 0; i < GENERATIONS_MOST && parent > 0; i++) {
    struct proc_stat stat;
    if (parent == kin->root_pid || is_known(kin, parent)) return true;
    if (procfs_stat(parent, &stat) != 0) return false;
    parent = stat.parent;
  }
  return false;
}

static bool is_known(const struct kin *kin, uint32_t pid) {
  const struct kin_pid *found;
  HASH_FIND(hh, kin->pids, &pid, sizeof pid, found);
  return found;
}

static void remember(struct kin *kin, uint32_t pid) {
  struct kin_pid *added = calloc(1, sizeof *added);
  if (!added) return;
  added->pid = pid;
  HASH_ADD(hh, kin->pids, pid, sizeof added->pid, added);
  if (!added->hh.tbl) free(added); /* so uthash says that it has no memory */
}
