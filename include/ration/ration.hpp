/*
 * ration.hpp: ration for C++ (11 and later). See ration.h for what categories and scopes are.
 *
 *     static const ration::category terrain("world/terrain");   // looked up once
 *     {
 *       ration::scope in(terrain);
 *       tiles.resize(count);                                     // charged to world/terrain
 *     }                                                          // closed, also by an exception
 *
 *     std::vector<int, ration::allocator<int>> heights(terrain); // whatever it allocates, wherever
 *
 *     ration::memory_resource memory(terrain);                   // C++17
 *     std::pmr::vector<std::pmr::string> names(&memory);
 *
 * Everything here is inline. Nothing throws but allocation.
 */
#ifndef RATION_RATION_HPP
#define RATION_RATION_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>

#include <ration/ration.h>

#if __cplusplus >= 201703L && defined(__has_include)
#if __has_include(<memory_resource>)
#include <memory_resource>
#endif
#endif

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

/* ---- work that goes on elsewhere ----------------------------------------------------------------------- */

/* The scopes that are open in the thread that makes it, as ration_scope_capture(): a value, to be copied into the
   job, lambda or coroutine that is to run in them. */
class captured {
public:
  captured() noexcept {
    ration_scope_capture(&scopes_);
  }
  const ration_scopes &scopes() const noexcept {
    return scopes_;
  }

private:
  ration_scopes scopes_;
};

/* As long as it lives, its thread is in those scopes in place of its own, which are open again afterwards. Must end
   in the thread that made it. Scopes of the thread that were open meanwhile are known by their order alone then: a
   longjmp over them is not seen. */
class resume {
public:
  explicit resume(const captured &from) noexcept {
    ration_scope_resume(&from.scopes());
  }
  ~resume() {
    ration_scope_resume(&own_.scopes());
  }

  resume(const resume &) = delete;
  resume &operator=(const resume &) = delete;

private:
  captured own_;
};

/* ---- allocators ---------------------------------------------------------------------------------------- */

/*
 * For any container: as std::allocator, and each block belongs to its category, whatever scope is open. One without a
 * category, or with one that is not valid, is in no way different from std::allocator.
 *
 * All are equal, since each can free what another has allocated; a block that passes to another container keeps its
 * category. A container that is made as a copy, is moved to or is swapped takes the category with the content; one that
 * is assigned a copy keeps its own.
 *
 *     std::map<int, float, std::less<int>, ration::allocator<std::pair<const int, float>>> depths{
 *         ration::category("world/water")};
 */
template <class T> class allocator {
public:
  using value_type = T;
  using is_always_equal = std::true_type;
  using propagate_on_container_copy_assignment = std::false_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  allocator() noexcept : in_(ration_category_id(0)) {}
  allocator(const category &in) noexcept
      : in_(in) {} /* not explicit: a container's constructor takes a category */
  template <class U> allocator(const allocator<U> &other) noexcept : in_(other.in()) {}

  /* Throws std::bad_array_new_length or std::bad_alloc. */
  T *allocate(std::size_t count) {
    if (count > SIZE_MAX / 2 / sizeof(T)) throw_bad_length();
    ration::scope opened(in_);
    return static_cast<T *>(allocate_bytes(count * sizeof(T), is_over_aligned()));
  }

  void deallocate(T *block, std::size_t) noexcept {
    free_bytes(block, is_over_aligned());
  }

  const category &in() const noexcept {
    return in_;
  }

private:
  /* Structs, since those are made out only where they are used: T may be incomplete until then, or void. */
#ifdef __STDCPP_DEFAULT_NEW_ALIGNMENT__
  struct is_over_aligned : std::integral_constant<bool, (alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__)> {};
#else
  struct is_over_aligned : std::integral_constant<bool, (alignof(T) > alignof(std::max_align_t))> {};
#endif

  static void *allocate_bytes(std::size_t bytes, std::false_type) {
    return ::operator new(bytes);
  }
  static void free_bytes(void *block, std::false_type) noexcept {
    ::operator delete(block);
  }

#ifdef __cpp_aligned_new
  static void *allocate_bytes(std::size_t bytes, std::true_type) {
    return ::operator new(bytes, std::align_val_t(alignof(T)));
  }
  static void free_bytes(void *block, std::true_type) noexcept {
    ::operator delete(block, std::align_val_t(alignof(T)));
  }
#else
  static void *allocate_bytes(std::size_t bytes, std::true_type) {
    void *block = nullptr;
    if (::posix_memalign(&block, alignof(T), bytes) != 0) throw_bad_alloc();
    return block;
  }
  static void free_bytes(void *block, std::true_type) noexcept {
    std::free(block);
  }
#endif

#ifdef __cpp_exceptions
  [[noreturn]] static void throw_bad_length() {
    throw std::bad_array_new_length();
  }
  [[noreturn]] static void throw_bad_alloc() {
    throw std::bad_alloc();
  }
#else
  [[noreturn]] static void throw_bad_length() {
    std::abort();
  }
  [[noreturn]] static void throw_bad_alloc() {
    std::abort();
  }
#endif

  category in_;
};

template <class T, class U> bool operator==(const allocator<T> &, const allocator<U> &) noexcept {
  return true;
}
template <class T, class U> bool operator!=(const allocator<T> &, const allocator<U> &) noexcept {
  return false;
}

#ifdef __cpp_lib_memory_resource
/*
 * A memory resource whose blocks belong to its category: it allocates from another, in a scope. Over one that hands out
 * parts of larger blocks (a pool, a buffer) it is those larger blocks that get the category, if they are allocated by way
 * of this one. Must outlive its containers, as must what it allocates from. From any thread, as that.
 */
class memory_resource : public std::pmr::memory_resource {
public:
  explicit memory_resource(const category &in,
                           std::pmr::memory_resource *upstream = std::pmr::new_delete_resource()) noexcept
      : in_(in), upstream_(upstream) {}

  memory_resource(const memory_resource &) = delete;
  memory_resource &operator=(const memory_resource &) = delete;

  const category &in() const noexcept {
    return in_;
  }
  std::pmr::memory_resource *upstream() const noexcept {
    return upstream_;
  }

private:
  void *do_allocate(std::size_t bytes, std::size_t alignment) override {
    ration::scope opened(in_);
    return upstream_->allocate(bytes, alignment);
  }
  void do_deallocate(void *block, std::size_t bytes, std::size_t alignment) override {
    upstream_->deallocate(block, bytes, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
    return this == &other;
  }

  category in_;
  std::pmr::memory_resource *upstream_;
};
#endif

} // namespace ration

#endif
