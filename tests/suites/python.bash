# shellcheck shell=bash disable=SC2034,SC2154 # what tests/suites/run sets, and reads
# python.bash: Python's test suite, of Debian's libpython3.11-testsuite, for tests/suites/run.

python_program=python3.11

python_parts() {
  echo test_json test_thread
  if [ -n "$long" ]; then
    echo test_threading test_subprocess test_multiprocessing_fork test_multiprocessing_forkserver test_multiprocessing_spawn
    echo test_os test_signal test_fork1 test_gc test_faulthandler test_mmap
  fi
}

# python_prepare: an environment that has all of the package `test`: what its tests start sees no other.
python_prepare() {
  local tests=$root/build/unpacked/usr/lib/python3.11/test
  [ -d "$tests/test_json" ] || { echo 'not unpacked; scripts/setup test' && return 1; }
  mkdir "$home/python"
  cp -a /usr/lib/python3.11/test "$home/python/test"
  cp -a "$tests/." "$home/python/test"
  /usr/bin/python3.11 -m venv --without-pip "$home/environment"
  echo "import sys; sys.path.insert(0, '$home/python')" >"$home/environment/lib/python3.11/site-packages/suite.pth"
}

python_part() {
  export PYTHONDONTWRITEBYTECODE=1
  as_told timeout 1800 "$home/environment/bin/python3" -m test -v --junit-xml "$PWD/results.xml" --tempdir "$PWD" "$1" >&2 || true
  "$here/junit_results.py" results.xml
}
