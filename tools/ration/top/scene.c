/*
 * scene.c: the folders are gone through at each look, memfds more rarely: they lie behind every descriptor of every
 * process. A timeline is read for the first course of a process, and now and then for its growth.
 */
#include "top/scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/growth.h"
#include "reader/places.h"

#define MEMFDS_EVERY    10 /* looks */
#define GROWTH_EVERY_NS UINT64_C(15000000000)

static void look_again(struct scene *scene, struct tracked *tracked);
static void find_new(struct scene *scene);
static bool may_have_memfds(const struct scene *scene);
static void meet(const struct place *place, void *context);
static bool is_known(const struct scene *scene, const struct place_name *name);
static bool may_be_wanted(const struct scene_wishes *wishes, const struct place_name *name);
static bool is_wanted(const struct scene_wishes *wishes, const struct process *process);
static void pass_over(struct scene *scene, const struct place_name *name);
static int add(struct scene *scene, const struct process *process);
static void take_course(struct tracked *tracked, const struct process *process);
static void take_growth(struct tracked *tracked, struct process *process, uint64_t now_ns);
static void drop_ended(struct scene *scene);

int scene_begin(struct scene *scene) {
  scene->process = malloc(sizeof *scene->process);
  return scene->process ? 0 : -ENOMEM;
}

void scene_end(struct scene *scene) {
  for (size_t i = 0; i < scene->count; i++) {
    tracked_free(scene->tracked[i]);
    free(scene->tracked[i]);
  }
  free(scene->tracked);
  free(scene->process);
  free(scene->passed);
  free(scene->wishes.named);
  *scene = (struct scene){.tracked = NULL};
}

int scene_name(struct scene *scene, const struct process *process, uint64_t now_ns) {
  struct scene_wishes *wishes = &scene->wishes;
  const struct place_name *name = &process->snapshot.name;
  struct place_name *more = realloc(wishes->named, (wishes->named_count + 1) * sizeof *more);
  if (!more) return -ENOMEM;
  wishes->named = more;
  wishes->named[wishes->named_count++] = *name;
  scene->looked_ns = now_ns;
  return is_known(scene, name) ? 0 : add(scene, process);
}

int scene_look(struct scene *scene, uint64_t now_ns) {
  scene->looked_ns = now_ns;
  scene->error = 0;
  for (size_t i = 0; i < scene->count; i++)
    if (scene->tracked[i]->is_alive && scene->tracked[i]->looked_ns != now_ns)
      look_again(scene, scene->tracked[i]);
  find_new(scene);
  drop_ended(scene);
  scene->looks++;
  return scene->error;
}

void scene_forget_courses(struct scene *scene) {
  for (size_t i = 0; i < scene->count; i++) scene->tracked[i]->needs_course = true;
}

static bool is_same(const struct place_name *a, const struct place_name *b) {
  return a->pid == b->pid && a->start_ticks == b->start_ticks && a->pid_namespace == b->pid_namespace;
}

/* Its segment goes when it ends; one that makes no sense for a moment may be right at the next look. */
static void look_again(struct scene *scene, struct tracked *tracked) {
  struct process *process = scene->process;
  struct fault fault;
  int error = process_read_books(tracked->path, tracked->is_memfd, NULL, &tracked->kept, process, &fault);
  bool is_it = !error && is_same(&process->snapshot.name, &tracked->name) &&
               process->snapshot.name.image == tracked->name.image;
  if (!is_it) {
    bool is_there =
        tracked->state != PROCESS_ELSEWHERE && process_is_there(tracked->name.pid, tracked->name.start_ticks);
    if (!is_there || !error || error == -ENOENT) tracked_end(tracked, scene->looked_ns);
    return;
  }
  error = tracked_take(tracked, process, scene->looked_ns);
  if (!error && tracked->needs_course) take_course(tracked, process);
  if (!error && tracked->is_alive) take_growth(tracked, process, scene->looked_ns);
  if (error) scene->error = error;
}

/* ---- others ---------------------------------------------------------------------------------------------- */

static void find_new(struct scene *scene) {
  struct folders folders;
  folders_find(&folders);
  places_visit_files(&folders, meet, scene);
  if (scene->looks % MEMFDS_EVERY == 0 && may_have_memfds(scene)) places_visit_memfds(meet, scene);
}

/* A program that is named finds no other kind of place when it becomes another. */
static bool may_have_memfds(const struct scene *scene) {
  for (size_t i = 0; i < scene->count; i++)
    if (scene->tracked[i]->is_memfd) return true;
  return scene->wishes.named_count == 0;
}

static void meet(const struct place *place, void *context) {
  struct scene *scene = context;
  struct fault fault;
  if (is_known(scene, &place->name) || !may_be_wanted(&scene->wishes, &place->name)) return;
  int error = process_read(place->path, place->is_memfd, scene->process, &fault);
  if (error == -EAGAIN || error == -ENOENT) return; /* it is just being made, or has gone */
  bool is_new = !error && is_wanted(&scene->wishes, scene->process);
  if (is_new) error = add(scene, scene->process);
  if (!is_new) pass_over(scene, &place->name);
  scene->unreadable += error == -EACCES;
  if (error == -ENOMEM) scene->error = error;
}

static bool is_known(const struct scene *scene, const struct place_name *name) {
  for (size_t i = 0; i < scene->count; i++) {
    const struct place_name *its = &scene->tracked[i]->name;
    if (is_same(its, name) && its->image == name->image) return true;
  }
  for (size_t i = 0; i < scene->passed_count; i++)
    if (is_same(&scene->passed[i], name) && scene->passed[i].image == name->image) return true;
  return false;
}

static bool may_be_wanted(const struct scene_wishes *wishes, const struct place_name *name) {
  for (size_t i = 0; i < wishes->named_count; i++)
    if (is_same(&wishes->named[i], name)) return true;
  return wishes->named_count == 0;
}

static bool is_wanted(const struct scene_wishes *wishes, const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  if (!process_is_alive(process) && process->state != PROCESS_ELSEWHERE) return false;
  return wishes->session_start == 0 ||
         (snapshot->session_pid == wishes->session_pid && snapshot->session_start == wishes->session_start);
}

/* Where there is no memory for it, it is read again. */
static void pass_over(struct scene *scene, const struct place_name *name) {
  if (scene->passed_count == scene->passed_room) {
    size_t room = scene->passed_room ? 2 * scene->passed_room : 64;
    struct place_name *more = realloc(scene->passed, room * sizeof *more);
    if (!more) return;
    scene->passed = more;
    scene->passed_room = room;
  }
  scene->passed[scene->passed_count++] = *name;
}

static int add(struct scene *scene, const struct process *process) {
  struct tracked **more = realloc(scene->tracked, (scene->count + 1) * sizeof *more);
  if (more) scene->tracked = more;
  struct tracked *tracked = more ? calloc(1, sizeof *tracked) : NULL;
  int error = tracked ? tracked_take(tracked, process, scene->looked_ns) : -ENOMEM;
  if (error) {
    if (tracked) tracked_free(tracked);
    free(tracked);
    return error;
  }
  take_course(tracked, process);
  scene->tracked[scene->count++] = tracked;
  return 0;
}

/* Without a timeline it begins now. */
static void take_course(struct tracked *tracked, const struct process *process) {
  struct timeline timeline;
  struct fault fault;
  tracked->needs_course = false;
  if (timeline_read_path(process->path, process->is_memfd, process->snapshot.category_count, &timeline,
                         &fault))
    return;
  tracked_take_course(tracked, &timeline, growth_end(process));
  timeline_free(&timeline);
}

static void take_growth(struct tracked *tracked, struct process *process, uint64_t now_ns) {
  if (tracked->growth_ns && now_ns - tracked->growth_ns < GROWTH_EVERY_NS) return;
  growth_take(process);
  tracked_take_growth(tracked, &process->snapshot, now_ns);
}

static void drop_ended(struct scene *scene) {
  size_t kept = 0;
  for (size_t i = 0; i < scene->count; i++) {
    struct tracked *tracked = scene->tracked[i];
    bool is_kept = scene->wishes.named_count > 0 && tracked->state != PROCESS_REPLACED;
    if (!tracked->ended_ns || is_kept || scene->looked_ns - tracked->ended_ns < SCENE_ENDED_NS) {
      scene->tracked[kept++] = tracked;
      continue;
    }
    pass_over(scene, &tracked->name);
    tracked_free(tracked);
    free(tracked);
  }
  scene->count = kept;
}
