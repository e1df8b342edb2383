/*
 * scene.cc: the same of C++: a tree of things with names and meshes, an index of them, jobs in threads, a cache; part of
 * it is taken down, the rest is left.
 */
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

struct alignas(32) Vertex {
  float at[8];
};

struct Mesh {
  std::vector<Vertex> vertices;
  std::vector<std::uint16_t> faces;
};

struct Node {
  virtual ~Node() = default;
  virtual std::size_t weight() const {
    return 1;
  }
  std::string name;
  std::vector<std::unique_ptr<Node>> children;
};

struct Drawn : Node {
  std::size_t weight() const override {
    return mesh->vertices.size();
  }
  std::shared_ptr<Mesh> mesh;
};

struct Scene {
  std::unique_ptr<Node> root = std::make_unique<Node>();
  std::unordered_map<std::string, Node *> by_name;
  std::map<std::size_t, std::set<std::string>> by_weight;
  std::list<std::shared_ptr<Mesh>> meshes;
  std::deque<std::function<void(Node &)>> jobs;
};

std::mutex lock;

std::shared_ptr<Mesh> make_mesh(std::uint32_t seed) {
  auto mesh = std::make_shared<Mesh>();
  for (std::uint32_t i = 0; i < seed % 50 + 1; i++) {
    mesh->vertices.push_back({});
    for (std::uint16_t corner = 0; corner < 3; corner++) mesh->faces.push_back(corner);
  }
  mesh->faces.shrink_to_fit();
  return mesh;
}

std::unique_ptr<Node> make_tree(Scene &scene, const std::string &name, int depth, std::uint32_t seed) {
  auto node = std::make_unique<Drawn>();
  node->name = name;
  {
    std::lock_guard<std::mutex> guard(lock);
    if (seed % 4 == 0 || scene.meshes.empty()) scene.meshes.push_back(make_mesh(seed));
  }
  node->mesh = make_mesh(seed / 3);
  for (int i = 0; depth > 0 && i < 4; i++)
    node->children.push_back(make_tree(scene, name + "/child" + std::to_string(i), depth - 1, seed * 31 + i));
  return node;
}

void enter(Scene &scene, Node &node) {
  scene.by_name[node.name] = &node;
  scene.by_weight[node.weight()].insert(node.name);
  for (auto &child : node.children) enter(scene, *child);
}

template <class Job> void add_job(Scene &scene, Job job) {
  scene.jobs.emplace_back(std::move(job));
}

std::size_t run_jobs(Scene &scene) {
  std::size_t failed = 0;
  for (auto &job : scene.jobs) {
    try {
      job(*scene.root);
    } catch (const std::out_of_range &error) {
      failed++;
    }
  }
  return failed;
}

} // namespace

int main() {
  auto *scene = new Scene;
  std::vector<std::future<std::unique_ptr<Node>>> parts;
  for (std::uint32_t i = 0; i < 3; i++)
    parts.push_back(std::async(std::launch::async, [scene, i] {
      return make_tree(*scene, "part" + std::to_string(i), 4, 1000 * i + 7);
    }));
  for (auto &part : parts) scene->root->children.push_back(part.get());
  enter(*scene, *scene->root);
  for (int i = 0; i < 40; i++) {
    std::string wanted = "part0/child" + std::to_string(i);
    add_job(*scene, [scene, wanted, i](Node &root) {
      scene->by_name.at(wanted)->children.clear();
      if (i % 2) root.name += wanted;
    });
  }
  scene->by_weight.clear();
  std::size_t failed = run_jobs(*scene);
  auto *kept = new std::vector<std::string>(scene->by_name.size(), std::string(40, 'x'));
  std::printf("%zu things, %zu jobs failed\n", kept->size(), failed);
  return 0;
}
