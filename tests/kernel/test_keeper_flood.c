// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_keeper_flood.c - the keeper under more than it asked for: descriptors, garbage, questions whose
 * answers nobody reads. MESSAGES is how many of garbage (20,000).
 */
#include "served.h"

#include <dirent.h>
#include <sys/stat.h>

#ifdef __SANITIZE_ADDRESS__ /* which keeps what was freed */
#define RSS_KB_MORE 65536
#else
#define RSS_KB_MORE 1024 /* that a flood may add to the keeper, which is next to nothing */
#endif
#define N_UNREAD     100000
#define COMMAND_LANE 2	 /* which garbage leaves alone */
#define SCM_MOST     253 /* SCM_MAX_FD, net/scm.h: of one message */

static int setup(void **state)
{
	return served_begin(state, false);
}

static unsigned long count_wanted(void)
{
	const char *text = getenv("MESSAGES");

	return text ? strtoul(text, NULL, 10) : 20000;
}

static unsigned n_descriptors(pid_t pid)
{
	struct dirent *entry;
	char path[64];
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* `n` times the descriptor `fd` along with `size` bytes; the answer's error. */
static int ask_with(struct served *served, const void *message, size_t size, int fd, unsigned n)
{
	char room[CMSG_SPACE(SCM_MOST * sizeof(int))] = { 0 };
	struct iovec part = { .iov_len = size };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *control = CMSG_FIRSTHDR(&header);
	struct reply reply;
	unsigned n_fds;

	memcpy(&part.iov_base, &message, sizeof(message));
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(n * sizeof(int));
	for (unsigned i = 0; i < n; i++)
		memcpy(CMSG_DATA(control) + i * sizeof(int), &fd, sizeof(fd));
	assert_int_equal(sendmsg(served->socket, &header, 0), size);
	assert_int_equal(
		message_receive(served->socket, &reply, sizeof(reply), NULL, 0, &n_fds, true), 0);
	assert_int_equal(reply.kind, REPLY);
	return reply.err;
}

/* None may stay: not with what is answered, nor with what is refused, nor when there are too many. */
static void test_descriptors_that_came_along_are_closed(void **state)
{
	struct served *served = served_of(state);
	const struct request good = { .kind = REQUEST_MEMORY, .lane = 1 };
	const struct request lab = { .kind = REQUEST_START_LAB, .lane = 1, .name = "process" };
	const struct request other = { .kind = 99, .lane = 1 };
	const unsigned counts[] = { 1, 4, N_HELLO_FDS, N_HELLO_FDS + 1, SCM_MOST };
	unsigned before = n_descriptors(served->pid);

	for (unsigned i = 0; i < 2000; i++) {
		unsigned n = counts[i % (sizeof(counts) / sizeof(counts[0]))];

		assert_int_equal(ask_with(served, &good, sizeof(good), served->socket, n),
				 n == SCM_MOST ? -EINVAL : 0); /* there is room for some */
		assert_int_equal(ask_with(served, &lab, sizeof(lab), served->area_fd, n), -EINVAL);
		assert_int_equal(ask_with(served, &other, sizeof(other), served->area_fd, n),
				 -EINVAL);
		assert_int_equal(ask_with(served, &good, 3, served->socket, n), -EINVAL);
	}
	assert_int_equal(n_descriptors(served->pid), before);
}

static uint32_t draw(uint32_t *seed) /* xorshift32 */
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Any size and any bytes, but for what would start or end something, which takes its time. */
static void send_garbage(struct served *served, uint32_t *seed)
{
	static uint32_t words[4096];
	struct request *request = (struct request *)words;
	size_t size = draw(seed) % 4 ? sizeof(*request) : 1 + draw(seed) % sizeof(words);

	for (size_t i = 0; i < size / 4 + 1 && i < 4096; i++)
		words[i] = draw(seed);
	if (draw(seed) % 2) {
		request->kind %= N_REQUESTS + 1;
		request->lane %= N_LANES_MAX + 1;
		request->lane += request->lane == COMMAND_LANE;
		request->target = 1 + request->target % 3;
		if (draw(seed) % 2)
			request->pid = draw(seed) % 2 ? served->bystander : getpid();
	}
	assert_int_equal(send(served->socket, request, size, 0), size);
}

static void test_garbage_is_answered_and_forgotten(void **state)
{
	struct served *served = served_of(state);
	const struct request good = { .kind = REQUEST_MEMORY, .lane = 1 };
	unsigned long count = count_wanted();
	unsigned before = n_descriptors(served->pid);
	uint64_t rss_kb = status_figure(served->pid, "VmRSS:");
	uint32_t seed = 7;
	struct reply reply;
	unsigned n_fds;

	for (unsigned long i = 0; i < count; i++) {
		send_garbage(served, &seed);
		assert_int_equal(message_receive(served->socket, &reply, sizeof(reply), NULL, 0,
						 &n_fds, true),
				 0);
		assert_int_equal(reply.kind, REPLY);
		assert_in_range(reply.err + 4096, 0, 4096);
		if (reply.err)
			assert_in_range(strnlen(reply.error.text, sizeof(reply.error.text)), 1,
					sizeof(reply.error.text) - 1);
	}
	assert_int_equal(ask(served, &good, -1), 0);
	assert_int_equal(kill(served->bystander, 0), 0);
	assert_int_equal(n_descriptors(served->pid), before);
	assert_in_range(status_figure(served->pid, "VmRSS:"), 0, rss_kb + RSS_KB_MORE);
}

/* It waits for who does not read: its memory is the socket's, which the kernel bounds. */
static void test_questions_whose_answers_nobody_reads_wait(void **state)
{
	struct served *served = served_of(state);
	const struct request good = { .kind = REQUEST_MEMORY, .lane = 1 };
	uint64_t rss_kb = status_figure(served->pid, "VmRSS:");
	unsigned long n_sent = 0, n_answered = 0;
	struct reply reply;
	unsigned n_fds;

	while (n_sent < N_UNREAD &&
	       send(served->socket, &good, sizeof(good), MSG_DONTWAIT) == sizeof(good))
		n_sent++;
	assert_in_range(n_sent, 1, N_UNREAD - 1); /* the kernel said no */
	assert_in_range(status_figure(served->pid, "VmRSS:"), 0, rss_kb + RSS_KB_MORE);
	for (; n_answered < n_sent; n_answered++)
		assert_int_equal(message_receive(served->socket, &reply, sizeof(reply), NULL, 0,
						 &n_fds, true),
				 0);
	assert_int_equal(
		message_receive(served->socket, &reply, sizeof(reply), NULL, 0, &n_fds, false),
		-EAGAIN);
	assert_int_equal(ask(served, &good, -1), 0);
}

/* A lane holds what it was given: what is watched there is not ended, nor is what is started kept. */
static void test_lane_that_is_watched_takes_no_command(void **state)
{
	struct served *served = served_of(state);
	struct request watch = { .kind = REQUEST_WATCH, .lane = 5, .target = 1 };
	struct request start = { .kind = REQUEST_START_COMMAND, .lane = 5, .flags = START_QUIET };

	assert_int_equal(ask(served, &watch, -1), 0);
	assert_int_equal(ask(served, &start, -1), -EBUSY);
}

/* Unread answers, a command at work, and then the other side is gone: the keeper goes, the command first. */
static void test_end_of_the_other_side_ends_all(void **state)
{
	struct served *served = served_of(state);
	struct request start = { .kind = REQUEST_START_COMMAND,
				 .lane = COMMAND_LANE,
				 .flags = START_QUIET };
	const struct request good = { .kind = REQUEST_MEMORY, .lane = 1 };
	struct reply reply;

	assert_int_equal(ask_raw(served, &start, sizeof(start), -1, &reply), 0);
	assert_int_equal(kill(reply.pid, 0), 0);
	while (send(served->socket, &good, sizeof(good), MSG_DONTWAIT) == sizeof(good))
		continue;
	assert_int_equal(served_end(state), 0);
	assert_int_equal(kill(reply.pid, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors_that_came_along_are_closed),
		cmocka_unit_test(test_garbage_is_answered_and_forgotten),
		cmocka_unit_test(test_questions_whose_answers_nobody_reads_wait),
		cmocka_unit_test(test_lane_that_is_watched_takes_no_command),
		cmocka_unit_test(test_end_of_the_other_side_ends_all),
	};

	return cmocka_run_group_tests(tests, setup, served_end);
}
