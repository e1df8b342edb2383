/*
 * passive.c: ration.h as a passive library has it, for the unit tests, which are linked without the shim: well-formed
 * calls succeed, and the books stay empty.
 */
#include <ration/ration.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>

static int is_category(ration_category_id category) {
  return category == RATION_TOTAL || category == RATION_OTHER;
}

const char *ration_version(void) {
  return RATION_VERSION;
}

int ration_is_tracking(void) {
  return 0;
}

ration_category_id ration_category(const char *path) {
  if (!path || !*path) return 0;
  return strcmp(path, "total") ? RATION_OTHER : RATION_TOTAL;
}

const char *ration_category_path(ration_category_id category) {
  return category == RATION_TOTAL ? "total" : category == RATION_OTHER ? "other" : NULL;
}

void ration_enter(ration_category_id category) {
  (void)category;
}

void ration_leave(void) {}

void ration_enter_at(ration_category_id category, const void *anchor) {
  (void)category, (void)anchor;
}

void ration_leave_at(const void *anchor) {
  (void)anchor;
}

ration_category_id ration_current(void) {
  return 0;
}

void ration_scope_capture(struct ration_scopes *ret_scopes) {
  memset(ret_scopes, 0, sizeof *ret_scopes);
}

void ration_scope_resume(const struct ration_scopes *scopes) {
  (void)scopes;
}

int ration_stats(ration_category_id category, struct ration_figures *ret_figures) {
  size_t size = ret_figures->size;
  if (!is_category(category) || !size) return -EINVAL;
  memset(ret_figures, 0, size);
  ret_figures->size = size;
  return 0;
}

int ration_block_info(const void *address, struct ration_block *ret_block) {
  size_t size = ret_block->size;
  (void)address;
  if (!size) return -EINVAL;
  memset(ret_block, 0, size);
  ret_block->size = size;
  return -ENOENT;
}

int ration_account_add(ration_category_id category, uint64_t bytes) {
  (void)bytes;
  return is_category(category) ? 0 : -EINVAL;
}

int ration_account_remove(ration_category_id category, uint64_t bytes) {
  (void)bytes;
  return is_category(category) ? 0 : -EINVAL;
}

int ration_account_block(ration_category_id category, const void *address, uint64_t bytes) {
  (void)bytes;
  return is_category(category) && address ? 0 : -EINVAL;
}

int ration_budget_get(ration_category_id category, struct ration_budget *ret_budget) {
  size_t size = ret_budget->size;
  if (!is_category(category) || !size) return -EINVAL;
  memset(ret_budget, 0, size);
  ret_budget->size = size;
  return 0;
}

int ration_budget_set(ration_category_id category, const struct ration_budget *budget) {
  (void)category, (void)budget;
  return -ENOTSUP;
}

uint64_t ration_available(ration_category_id category) {
  return is_category(category) ? UINT64_MAX : 0;
}

int ration_reserve(ration_category_id category, uint64_t bytes) {
  (void)bytes;
  return is_category(category) ? 0 : -EINVAL;
}

uint64_t ration_unreserve(ration_category_id category, uint64_t bytes) {
  (void)category, (void)bytes;
  return 0;
}

void ration_critical_enter(void) {}

void ration_critical_leave(void) {}

int ration_pressure_level(ration_category_id category) {
  return is_category(category) ? RATION_LEVEL_NONE : -EINVAL;
}

int ration_pressure_register(const struct ration_handler *handler) {
  (void)handler;
  return -ENOTSUP;
}

int ration_pressure_unregister(int handle) {
  (void)handle;
  return -ENOENT;
}

int ration_pressure_poll(void) {
  return 0;
}

int ration_pressure_simulate(ration_category_id category, int level) {
  (void)level;
  return is_category(category) ? -ENOENT : -EINVAL;
}

void ration_pressure_suppress(int is_suppressed) {
  (void)is_suppressed;
}

int ration_mark(const char *name, uint64_t number) {
  (void)number;
  return name && *name ? 0 : -EINVAL;
}

int ration_profiling(int is_on) {
  (void)is_on;
  return -ENOTSUP;
}

int ration_pool_register(const char *name, ration_category_id category, size_t object_bytes) {
  (void)name, (void)category, (void)object_bytes;
  return -ENOTSUP;
}

int ration_pool_update(int handle, const struct ration_pool_figures *figures) {
  (void)handle, (void)figures;
  return -ENOENT;
}

int ration_pool_unregister(int handle) {
  (void)handle;
  return -ENOENT;
}
