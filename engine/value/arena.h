// Memory of one document, one chart render or one admission request: allocated by bumping a pointer, freed at once.
//
//   Arena arena;
//   std::string_view name = arena.copy("web");          // lives as long as the arena
//   Value list = arena_list(arena, {Value::integer(1)}); // see value.h
//
// Only trivially destructible things may live here, for no destructor is ever run. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace plimsoll {

class Arena {
 public:
  // `budget`: bytes after which exceeded() turns true. Allocation itself keeps working: evaluators look at exceeded() at
  // their own checkpoints, and functions that make large results ask can_allocate() first.
  explicit Arena(size_t budget = SIZE_MAX) : budget_(budget) {}
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(size_t size, size_t alignment = alignof(std::max_align_t)) {
    const auto address = reinterpret_cast<uintptr_t>(next_);
    const size_t padding = -address & (alignment - 1);
    if (static_cast<size_t>(end_ - next_) < size + padding) return allocate_block(size, alignment);
    std::byte* result = next_ + padding;
    next_ = result + size;
    return result;
  }

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // Uninitialised storage for `count` objects.
  template <typename T>
  T* allocate_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* data = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(data, text.data(), text.size());
    return {data, text.size()};
  }

  template <typename T>
  std::span<T> copy(std::span<const T> items) {
    T* data = allocate_array<T>(items.size());
    if (!items.empty()) std::memcpy(static_cast<void*>(data), items.data(), items.size_bytes());
    return {data, items.size()};
  }

  // Bytes taken from the system so far.
  size_t used() const { return used_; }
  bool exceeded() const { return used_ > budget_; }
  bool can_allocate(size_t size) const { return size <= budget_ && used_ <= budget_ - size; }

  // Forgets all contents but keeps the largest block (1 MiB at most) for reuse.
  void reset();

 private:
  void* allocate_block(size_t size, size_t alignment);

  struct Block {
    std::unique_ptr<std::byte[]> data;
    size_t size;
  };
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  size_t used_ = 0;
  size_t budget_;
  std::vector<Block> blocks_;
};

}  // namespace plimsoll
