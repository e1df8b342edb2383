// For a compiler to chew on: what programs use of the standard library, instantiated.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

template <typename Key, typename Value> class Index {
public:
  void add(Key key, Value value) {
    entries_[key].push_back(std::move(value));
  }
  std::vector<Value> of(const Key &key) const {
    auto found = entries_.find(key);
    return found == entries_.end() ? std::vector<Value>{} : found->second;
  }
  template <typename Visit> void visit(Visit visit) const {
    for (const auto &entry : entries_) visit(entry.first, entry.second);
  }

private:
  std::map<Key, std::vector<Value>> entries_;
};

static std::vector<std::string> words_of(const std::string &line) {
  static const std::regex word("([A-Za-z]+)");
  return {std::sregex_token_iterator(line.begin(), line.end(), word, 1), std::sregex_token_iterator()};
}

int main() {
  Index<std::string, std::size_t> lines;
  std::unordered_map<std::string, std::unique_ptr<std::ostringstream>> texts;
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); number++)
    for (const auto &word : words_of(line)) {
      lines.add(word, number);
      auto &text = texts[word];
      if (!text) text = std::make_unique<std::ostringstream>();
      *text << number << ' ';
    }
  std::vector<std::pair<std::size_t, std::string>> counted;
  lines.visit([&](const std::string &word, const std::vector<std::size_t> &where) {
    counted.emplace_back(where.size(), word);
  });
  std::sort(counted.begin(), counted.end(), std::greater<>());
  std::function<void(const std::string &)> print = [&](const std::string &word) {
    std::cout << word << ": " << texts[word]->str() << '\n';
  };
  for (const auto &entry : counted) print(entry.second);
}
