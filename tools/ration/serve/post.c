/*
 * post.c: libcurl, and no word of a password in what is said.
 */
#include "serve/post.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <ration/ration.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/curl.h"
#include "serve/outbox.h"

#define CONNECT_SECONDS 5L
#define WHOLE_SECONDS   20L
#define PLACE_BYTES     256

struct post {
  struct curl curl;
  CURL *easy;
  CURLU *url;              /* of what all requests go to */
  char place[PLACE_BYTES]; /* HOST:PORT, for words */
  pthread_mutex_t mutex;
  bool is_interrupted;
};

static int parse(struct post *post, const char *text, struct fault *ret_fault);
static char *url_of(const struct post *post, const struct parcel *parcel);
static curl_mime *form_of(const struct post *post, const struct parcel *parcel);
static bool add_part(const struct curl *curl, curl_mime *form, const char *name, const char *bytes,
                     size_t size);
static int perform(struct post *post, const char *url, curl_mime *form, struct fault *ret_fault);
static size_t take_body(char *bytes, size_t size, size_t count, void *context);
static int watch(void *context, curl_off_t total, curl_off_t now, curl_off_t total_up, curl_off_t now_up);

int post_open(const char *url, struct post **ret_post, struct fault *ret_fault) {
  struct post *post = calloc(1, sizeof *post);
  if (!post) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = curl_load(&post->curl, ret_fault);
  if (error) {
    free(post);
    return error;
  }
  pthread_mutex_init(&post->mutex, NULL);
  post->easy = post->curl.easy_init();
  post->url = post->curl.url();
  error = post->easy && post->url ? parse(post, url, ret_fault)
                                  : fault_set(ret_fault, -ENOMEM, "not enough memory");
  if (error)
    post_close(post);
  else
    *ret_post = post;
  return error;
}

void post_close(struct post *post) {
  post->curl.easy_cleanup(post->easy);
  post->curl.url_cleanup(post->url);
  pthread_mutex_destroy(&post->mutex);
  free(post);
}

int post_send(struct post *post, const struct parcel *parcel, struct fault *ret_fault) {
  char *url = url_of(post, parcel);
  curl_mime *form = form_of(post, parcel);
  int error = url && form ? perform(post, url, form, ret_fault)
                          : fault_set(ret_fault, -EAGAIN, "%s: not enough memory", post->place);
  post->curl.mime_free(form);
  post->curl.free(url);
  return error;
}

void post_interrupt(struct post *post) {
  pthread_mutex_lock(&post->mutex);
  post->is_interrupted = true;
  pthread_mutex_unlock(&post->mutex);
}

/* Behind the path that was given follows that of the protocol. */
static int parse(struct post *post, const char *text, struct fault *ret_fault) {
  const struct curl *curl = &post->curl;
  char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, whole[1024];
  bool is_url = curl->url_set(post->url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                curl->url_get(post->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl->url_get(post->url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                curl->url_get(post->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl->url_get(post->url, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
  if (is_url) {
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/') length--;
    int bytes = snprintf(whole, sizeof whole, "%.*s/ingest", (int)length, path);
    is_url = bytes > 0 && (size_t)bytes < sizeof whole &&
             curl->url_set(post->url, CURLUPART_PATH, whole, 0) == CURLUE_OK;
    snprintf(post->place, PLACE_BYTES, "%s:%s", host, port);
  }
  curl->free(scheme);
  curl->free(host);
  curl->free(port);
  curl->free(path);
  return is_url ? 0 : fault_set(ret_fault, -ERANGE, "no URL of http or https, as http://127.0.0.1:4040");
}

/* Allocated, by curl; NULL: no memory. */
static char *url_of(const struct post *post, const struct parcel *parcel) {
  const unsigned flags = CURLU_APPENDQUERY | CURLU_URLENCODE;
  const struct curl *curl = &post->curl;
  char times[96], *name = NULL, *whole = NULL;
  CURLU *url = curl->url_dup(post->url);
  snprintf(times, sizeof times, "until=%" PRId64, parcel->until);
  char from[48];
  snprintf(from, sizeof from, "from=%" PRId64, parcel->from);
  bool is_made = url && asprintf(&name, "name=%s", parcel->name) > 0 &&
                 curl->url_set(url, CURLUPART_QUERY, name, flags) == CURLUE_OK &&
                 curl->url_set(url, CURLUPART_QUERY, from, flags) == CURLUE_OK &&
                 curl->url_set(url, CURLUPART_QUERY, times, flags) == CURLUE_OK &&
                 curl->url_set(url, CURLUPART_QUERY, "format=pprof", flags) == CURLUE_OK &&
                 curl->url_set(url, CURLUPART_QUERY, "spyName=ration", flags) == CURLUE_OK &&
                 curl->url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK;
  free(name);
  curl->url_cleanup(url);
  return is_made ? whole : NULL;
}

static curl_mime *form_of(const struct post *post, const struct parcel *parcel) {
  curl_mime *form = post->curl.mime_init(post->easy);
  bool is_made =
      form && add_part(&post->curl, form, "profile", parcel->profile, parcel->profile_bytes) &&
      (!parcel->before || add_part(&post->curl, form, "prev_profile", parcel->before, parcel->before_bytes));
  if (is_made) return form;
  post->curl.mime_free(form);
  return NULL;
}

static bool add_part(const struct curl *curl, curl_mime *form, const char *name, const char *bytes,
                     size_t size) {
  curl_mimepart *part = curl->mime_addpart(form);
  return part && curl->mime_name(part, name) == CURLE_OK && curl->mime_data(part, bytes, size) == CURLE_OK &&
         curl->mime_filename(part, "profile.pprof") == CURLE_OK;
}

static int perform(struct post *post, const char *url, curl_mime *form, struct fault *ret_fault) {
  const struct curl *curl = &post->curl;
  long status = 0;
  curl->easy_reset(post->easy);
  curl->easy_setopt(post->easy, CURLOPT_URL, url);
  curl->easy_setopt(post->easy, CURLOPT_MIMEPOST, form);
  curl->easy_setopt(post->easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl->easy_setopt(post->easy, CURLOPT_USERAGENT, "ration/" RATION_VERSION);
  curl->easy_setopt(post->easy, CURLOPT_NOSIGNAL, 1L);
  curl->easy_setopt(post->easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
  curl->easy_setopt(post->easy, CURLOPT_TIMEOUT, WHOLE_SECONDS);
  curl->easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, take_body);
  curl->easy_setopt(post->easy, CURLOPT_NOPROGRESS, 0L);
  curl->easy_setopt(post->easy, CURLOPT_XFERINFOFUNCTION, watch);
  curl->easy_setopt(post->easy, CURLOPT_XFERINFODATA, post);
  CURLcode result = curl->easy_perform(post->easy);
  if (result != CURLE_OK)
    return fault_set(ret_fault, -EAGAIN, "%s: %s", post->place, curl->easy_strerror(result));
  curl->easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return 0;
  bool is_for_now = status == 408 || status == 429 || status >= 500;
  return fault_set(ret_fault, is_for_now ? -EAGAIN : -EPROTO, "%s answers with status %ld", post->place,
                   status);
}

/* What it answers is of no interest. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes, (void)context;
  return size * count;
}

static int watch(void *context, curl_off_t total, curl_off_t now, curl_off_t total_up, curl_off_t now_up) {
  struct post *post = context;
  (void)total, (void)now, (void)total_up, (void)now_up;
  pthread_mutex_lock(&post->mutex);
  bool is_interrupted = post->is_interrupted;
  pthread_mutex_unlock(&post->mutex);
  return is_interrupted;
}
