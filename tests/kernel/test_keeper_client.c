// SPDX-License-Identifier: GPL-2.0-only
/* test_keeper_client.c - the asking side: what could not be asked ends nothing. */
#include "served.h"

#include <sys/resource.h>

#include "keeper/keeper.h"

#define NO_BPF	99
#define NO_FILE 999 /* a descriptor that is not open */

/* In a process of its own, which gives its privilege up. */
static int ask_with_a_closed_descriptor(void)
{
	const struct keeper_wish wish = { .n_targets = 0 };
	struct probes_facts facts;
	struct error error;
	struct keeper *keeper = keeper_open(&wish, &facts, &error);

	if (!keeper)
		return NO_BPF;
	if (keeper_start_lab(keeper, 1, NO_FILE, "process", false, &error) != -EBADF ||
	    !strstr(error.text, "try again"))
		return 1;
	if (keeper_clear(keeper, 1))
		return 2;
	keeper_free(keeper);
	return 0;
}

static void test_question_that_cannot_be_sent_is_an_error_of_its_own(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(ask_with_a_closed_descriptor());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_BPF && !must_have_bpf())
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* With room for one descriptor fewer than come along the message is there all the same. */
static void test_descriptor_without_room_is_told_from_a_broken_message(void **state)
{
	struct rlimit was, none;
	int pair[2], fd = -1, word = 7, got = 0;
	unsigned n_fds = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(message_send(pair[0], &word, sizeof(word), &pair[0], 1), 0);
	assert_int_equal(message_send(pair[0], &word, 1, NULL, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);

	int err = message_receive(pair[1], &got, sizeof(got), &fd, 1, &n_fds, true);

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(err, -EMFILE);
	assert_int_equal(n_fds, 0);
	assert_int_equal(got, word);
	assert_int_equal(message_receive(pair[1], &got, sizeof(got), &fd, 1, &n_fds, true),
			 -EBADMSG);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question_that_cannot_be_sent_is_an_error_of_its_own),
		cmocka_unit_test(test_descriptor_without_room_is_told_from_a_broken_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
