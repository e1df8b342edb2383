/*
 * stack.c: frames of the segment, each with the inlined ones that it stands for.
 */
#include "sites/stack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sites/short_name.h"

static int add_frames(struct symbols *symbols, const struct site_list *sites, uint64_t frame, size_t *room,
                      struct stack *stack);
static int make_room(struct stack *stack, size_t more, size_t *room);

int stack_of(struct symbols *symbols, const struct site_list *sites, const struct site_facts *site,
             struct stack *ret_stack) {
  struct stack stack = {0};
  size_t room = 0;
  for (uint32_t i = 0; i < site->frame_count && stack.count < STACK_FRAMES_MOST; i++) {
    int error = add_frames(symbols, sites, site->frames[i], &room, &stack);
    if (!error) continue;
    stack_free(&stack);
    return error;
  }
  *ret_stack = stack;
  return 0;
}

void stack_free(struct stack *stack) {
  free(stack->frame);
  *stack = (struct stack){0};
}

static int add_frames(struct symbols *symbols, const struct site_list *sites, uint64_t frame, size_t *room,
                      struct stack *stack) {
  uint32_t number = RATION_FRAME_MODULE(frame);
  uint64_t address = RATION_FRAME_ADDRESS(frame);
  const struct module_facts *module =
      number > 0 && number < sites->modules.count ? &sites->modules.module[number] : NULL;
  struct symbol_chain chain = {0};
  struct symbol_module asked = {0};
  if (module) asked = (struct symbol_module){module->path, module->build_id, module->build_id_bytes};
  int error = symbols_find(symbols, module ? &asked : NULL, address, &chain);
  size_t count = chain.count ? chain.count : 1;
  if (count > STACK_FRAMES_MOST - stack->count) count = STACK_FRAMES_MOST - stack->count;
  if (!error) error = make_room(stack, count, room);
  if (error) return error;
  for (size_t i = 0; i < count; i++) {
    struct stack_frame *to = &stack->frame[stack->count++];
    *to = (struct stack_frame){.module = module ? module_list_name(&sites->modules, number) : NULL,
                               .offset = address};
    if (!chain.count) continue;
    to->function = chain.frames[i].function;
    to->file = chain.frames[i].file;
    to->line = chain.frames[i].line;
    to->is_inlined = chain.frames[i].is_inlined;
  }
  return 0;
}

static int make_room(struct stack *stack, size_t more, size_t *room) {
  if (stack->count + more <= *room) return 0;
  size_t wanted = 2 * (stack->count + more) + 16;
  struct stack_frame *grown = realloc(stack->frame, wanted * sizeof *grown);
  if (!grown) return -ENOMEM;
  stack->frame = grown;
  *room = wanted;
  return 0;
}

const char *stack_frame_name(const struct stack_frame *frame, char place[STACK_PLACE_BYTES]) {
  if (frame->function) return frame->function;
  if (frame->module)
    snprintf(place, STACK_PLACE_BYTES, "%s+0x%" PRIx64, frame->module, frame->offset);
  else
    snprintf(place, STACK_PLACE_BYTES, "0x%" PRIx64, frame->offset);
  return place;
}

void stack_frame_words(const struct stack_frame *frame, char ret_words[STACK_FRAME_BYTES]) {
  const char *inlined = frame->is_inlined ? " (inlined)" : "";
  const char *slash = frame->file ? strrchr(frame->file, '/') : NULL, *file = slash ? slash + 1 : frame->file;
  char place[STACK_PLACE_BYTES], name[SHORT_NAME_BYTES];
  short_name(stack_frame_name(frame, place), name);
  if (frame->function && file && frame->line) {
    snprintf(ret_words, STACK_FRAME_BYTES, "%s at %.200s:%u%s", name, file, frame->line, inlined);
  } else if (frame->function && frame->module) {
    snprintf(ret_words, STACK_FRAME_BYTES, "%s in %.200s%s", name, frame->module, inlined);
  } else {
    snprintf(ret_words, STACK_FRAME_BYTES, "%s", name);
  }
}
