/*
 * ration.hpp: ration for C++ (11 and later). See ration.h for what categories and scopes are.
 *
 *     static const ration::category terrain("world/terrain");   // looked up once
 *     {
 *       ration::scope in(terrain);
 *       tiles.resize(count);                                     // charged to world/terrain
 *     }                                                          // closed, also by an exception
 */
#ifndef RATION_RATION_HPP
#define RATION_RATION_HPP

#include <ration/ration.h>

namespace ration {

/* A category by its path: a small value to be made once and kept. An invalid path gives one that is not
   valid, whose scopes change nothing. */
class category {
public:
  explicit category(const char *path) noexcept : id_(ration_category(path)) {}
  explicit category(ration_category_id id) noexcept : id_(id) {}

  ration_category_id id() const noexcept {
    return id_;
  }
  bool is_valid() const noexcept {
    return id_ != 0;
  }
  const char *path() const noexcept {
    return ration_category_path(id_);
  }

  /* Its figures now; all 0 for a category that is not valid. */
  ration_figures stats() const noexcept {
    ration_figures figures = {};
    figures.size = sizeof figures;
    ::ration_stats(id_, &figures);
    return figures;
  }

private:
  ration_category_id id_;
};

/* New blocks of this thread belong to the category as long as the object lives: also until an exception or a
   longjmp leaves the function whose automatic variable it is (see ration_enter_at()). Must end in the thread that
   made it, the last made first: one that ends earlier ends those made after it. */
class scope {
public:
  __attribute__((always_inline)) explicit scope(const category &in) noexcept {
    ration_enter_at(in.id(), this);
  }
  __attribute__((always_inline)) ~scope() {
    ration_leave_at(this);
  }

  scope(const scope &) = delete;
  scope &operator=(const scope &) = delete;
};

} // namespace ration

#endif
