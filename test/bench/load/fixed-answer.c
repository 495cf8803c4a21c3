/*
 * A FastCGI server that answers every request with the same 5 KB and does nothing else: it shows how much the load
 * generator can ask for. One process, one epoll loop. It takes a request that arrives in one piece, which is all that
 * the generator sends. Usage: fixed-answer --bind SOCKET-PATH
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER = 8, BODY = 5000, MAX_EVENTS = 256, REQUEST = 65536 };

static unsigned char answer[16384];
static int answer_length;

static void append(int type, const void *content, int length) {
  unsigned char header[HEADER] = {1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
  memcpy(answer + answer_length, header, HEADER);
  memcpy(answer + answer_length + HEADER, content, length);
  answer_length += HEADER + length;
}

static void make_answer(void) {
  static const char head[] = "Content-Type: image/jpeg\r\n\r\n";
  static unsigned char content[sizeof head - 1 + BODY];
  unsigned char *body = content + sizeof head - 1;
  memcpy(content, head, sizeof head - 1);
  memcpy(body, "\xff\xd8\xff", 3);
  memcpy(body + BODY - 2, "\xff\xd9", 2);
  append(6, content, sizeof content);
  append(3, "\0\0\0\0\0\0\0", 8);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 2048) != 0) return -1;
  return fd;
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void answer_on(int fd) {
  static unsigned char request[REQUEST];
  ssize_t got = recv(fd, request, sizeof request, 0);
  int keeps = got > HEADER + 2 && (request[HEADER + 2] & 1);
  if (got <= 0 || send(fd, answer, answer_length, MSG_NOSIGNAL) != answer_length || !keeps) close(fd);
}

int main(int count, char **arguments) {
  struct epoll_event events[MAX_EVENTS];
  int listener = count == 3 ? listen_at(arguments[2]) : -1;
  int epoll = epoll_create1(0);
  if (listener < 0) return fprintf(stderr, "usage: fixed-answer --bind SOCKET-PATH\n"), 1;
  make_answer();
  watch(epoll, listener);
  for (;;) {
    int ready = epoll_wait(epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != listener) answer_on(events[i].data.fd);
      else for (int fd; (fd = accept4(listener, 0, 0, 0)) >= 0;) watch(epoll, fd);
    }
  }
}
