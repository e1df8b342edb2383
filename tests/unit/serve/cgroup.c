/*
 * Tests of serve/cgroup.c: which group a process is in, and which pod, by what kernels and kubelets write.
 */
#include "serve/cgroup.h"

#include <criterion/criterion.h>
#include <string.h>

#define UID "0f5c1a2b-3d4e-5f60-7182-93a4b5c6d7e8"

static void is(const char *text, const char *cgroup, const char *pod) {
  struct metric_place place;
  cgroup_parse(text, &place);
  cr_expect_str_eq(place.cgroup, cgroup, "of: %s", text);
  cr_expect_str_eq(place.pod, pod, "of: %s", text);
}

Test(cgroup, of_version_2) {
  is("0::/system.slice/nginx.service\n", "/system.slice/nginx.service", "");
  is("0::/\n", "/", "");
  is("0::/no/newline", "/no/newline", "");
}

Test(cgroup, of_version_1_that_of_memory) {
  is("5:cpu,cpuacct:/a\n4:memory:/b\n0::/c\n", "/b", "");
  is("0::/c\n4:hugetlb,memory:/b\n", "/b", "");
  is("4:memory,hugetlb:/b:with:colons\n", "/b:with:colons", "");
  is("4:memorylike:/b\n", "", "");
  is("4:xmemory:/b\n0::/c\n", "/c", "");
}

Test(cgroup, what_makes_no_sense_says_nothing) {
  is("", "", "");
  is("\n\n", "", "");
  is("0:", "", "");
  is("memory", "", "");
}

Test(cgroup, pods_of_kubernetes) {
  is("0::/kubepods/burstable/pod" UID "/abc\n", "/kubepods/burstable/pod" UID "/abc", UID);
  is("0::/kubepods/pod" UID "\n", "/kubepods/pod" UID, UID);
  struct metric_place place;
  cgroup_parse("0::/kubepods.slice/kubepods-burstable.slice/"
               "kubepods-burstable-pod0f5c1a2b_3d4e_5f60_7182_93a4b5c6d7e8.slice/cri-containerd-1.scope\n",
               &place);
  cr_expect_str_eq(place.pod, UID);
}

Test(cgroup, what_only_looks_like_a_pod) {
  is("0::/podman/pods\n", "/podman/pods", "");
  is("0::/kubepods/pod0f5c1a2b\n", "/kubepods/pod0f5c1a2b", "");
  is("0::/a/pod" UID "0\n", "/a/pod" UID "0", "");
  is("0::/apod" UID "\n", "/apod" UID, "");
}

Test(cgroup, a_long_path_is_cut) {
  static char text[3000];
  struct metric_place place;
  memset(text, 'x', sizeof text - 1);
  memcpy(text, "0::/", 4);
  cgroup_parse(text, &place);
  cr_expect_eq(strlen(place.cgroup), (size_t)METRIC_CGROUP_BYTES - 1);
}
