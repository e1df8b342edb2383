/*
 * trigger.c: reading one, and its few states.
 */
#include "watch/trigger.h"

#include <errno.h>
#include <string.h>

#include "reader/budget_rows.h"
#include "view/pressure_words.h"

int trigger_read(const char *text, struct trigger *ret_trigger, struct fault *ret_fault) {
  struct trigger trigger = {0};
  const char *colon = strrchr(text, ':');
  size_t bytes = colon ? (size_t)(colon - text) : 0;
  for (uint32_t level = RATION_LEVEL_LOW; colon && level < RATION_LEVELS; level++) {
    if (strcmp(colon + 1, pressure_words_level(level)) == 0) trigger.lowest = level;
  }
  if (!trigger.lowest || bytes == 0 || bytes > TRIGGER_NAME_MOST) {
    return fault_set(ret_fault, -EINVAL,
                     "`%.100s`: expected CATEGORY:LEVEL, where LEVEL is low, medium, high or critical", text);
  }
  memcpy(trigger.category, text, bytes);
  *ret_trigger = trigger;
  return 0;
}

void trigger_see(struct trigger *trigger, uint32_t level, uint64_t since_at) {
  bool has_risen = level > trigger->level || (level == trigger->level && since_at != trigger->since_at);
  if (level < trigger->lowest) {
    trigger->is_due = false;
  } else if (has_risen) {
    trigger->is_due = true;
  }
  trigger->level = level;
  trigger->since_at = since_at;
}

bool trigger_is_due(const struct trigger *trigger, uint64_t now_ns, uint64_t every_ns) {
  if (trigger->level < trigger->lowest) return false;
  return trigger->is_due || now_ns - trigger->acted_ns >= every_ns;
}

void trigger_acted(struct trigger *trigger, uint64_t now_ns) {
  trigger->is_due = false;
  trigger->acted_ns = now_ns;
}
