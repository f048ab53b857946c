#include "engine/cel/runtime/secret_strength.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

// What images, charts and manuals set until somebody changes it.
constexpr std::string_view kDefaultPasswords[] = {
    "admin",     "administrator", "adminadmin", "changeit",    "changeme",  "changemenow", "default", "demo",     "dummy",     "example",
    "guest",     "keycloak",      "letmein",    "master",      "minioadmin", "mongo",      "mysql",   "pass",     "passw0rd",  "password",
    "passwd",    "postgres",      "qwerty",     "rabbitmq",    "redis",     "replaceme",   "root",    "rootroot", "sample",    "secret",
    "service",   "supersecret",   "swordfish",  "test",        "testtest",  "toor",        "user",    "username", "welcome",   "yourpassword",
};

char32_t lower(char32_t c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }

// +1, 0 or -1 if `to` follows `from` in some order that people type; 2 if it does not.
int step(char32_t from, char32_t to) {
  constexpr std::string_view kRows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "0123456789abcdef"};
  from = lower(from);
  to = lower(to);
  if (from == to) return 0;
  const bool letters = from >= 'a' && from <= 'z' && to >= 'a' && to <= 'z';
  if (letters && to == from + 1) return 1;
  if (letters && from == to + 1) return -1;
  if (from > 'z' || to > 'z') return 2;
  for (const std::string_view row : kRows) {
    const size_t a = row.find(static_cast<char>(from)), b = row.find(static_cast<char>(to));
    if (a == std::string_view::npos || b == std::string_view::npos) continue;
    if (b == a + 1) return 1;
    if (a == b + 1) return -1;
  }
  return 2;
}

// Length of the piece that a text repeats throughout, the last time perhaps in part; its own length if there is none.
size_t period(const std::vector<char32_t>& text) {
  std::vector<size_t> border(text.size() + 1, 0);
  for (size_t i = 1, matched = 0; i < text.size(); ++i) {
    while (matched > 0 && text[i] != text[matched]) matched = border[matched];
    if (text[i] == text[matched]) ++matched;
    border[i + 1] = matched;
  }
  const size_t length = text.size() - border[text.size()];
  return length * 2 <= text.size() ? length : text.size();
}

}  // namespace

double entropy(std::string_view secret) {
  std::vector<char32_t> text;
  while (!secret.empty()) {
    const utf8::Rune rune = utf8::decode(secret);
    text.push_back(rune.code);
    secret.remove_prefix(rune.size);
  }
  if (text.empty()) return 0;
  text.resize(period(text));
  size_t surprising = 0;
  int before = 2;
  for (size_t i = 0; i < text.size(); ++i) {
    const int now = i == 0 ? 2 : step(text[i - 1], text[i]);
    if (now == 2 || now != before) ++surprising;
    before = now;
  }
  const auto size = static_cast<double>(text.size());
  std::ranges::sort(text);
  double bits = 0;
  for (auto group = text.begin(); group != text.end();) {
    const auto end = std::upper_bound(group, text.end(), *group);
    const double share = static_cast<double>(end - group) / size;
    bits -= share * std::log2(share);
    group = end;
  }
  return bits * static_cast<double>(surprising);
}

bool is_weak_secret(std::string_view secret) {
  const auto is_ignored = [](char c) { return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')); };
  if (entropy(secret) < kWeakSecretBits) return true;
  std::string word(secret);
  while (!word.empty() && is_ignored(word.back())) word.pop_back();
  std::ranges::transform(word, word.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::find(kDefaultPasswords, word) != std::end(kDefaultPasswords);
}

}  // namespace plimsoll::cel
