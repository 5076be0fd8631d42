// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_echo.c - the server and its clients: whole answers, clean ends, what is counted. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "event/latency.h"
#include "lab_run.h"

static struct lab_spec spec_of(enum lab_model model, uint32_t n_clients, uint64_t work)
{
	return spec_for("echo", model, n_clients, work);
}

static void test_echo_counts_requests_connections_and_latencies(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, 20, 1000);
		struct lab_run run = { 0 };
		struct latency_counts latency;

		run_start(&run, &spec);
		run_to_end(&run, 0);
		assert_int_equal(run.area->figures[ECHO_REQUESTS], 1000);
		assert_int_equal(run.area->figures[ECHO_CONNECTIONS], 20);
		latency_read(&run.clients->area->latencies, &latency);
		assert_int_equal(latency.total, 1000);
		assert_in_range(latency_percentile(&latency, 0.5), 1000, latency.max_ns);
		assert_int_equal(run_sum(&run, alive), 0);
		run_free(&run);
	}
}

/* The clients are gone at once: their connections close, and the server's tasks end. */
static void test_echo_ends_when_its_clients_are_killed(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, 8, 0);
		struct lab_run run = { 0 };
		int status;

		run_start(&run, &spec);
		run_go(&run);
		wait_until(run_sum(&run, done) > 100);
		kill(run.clients->pid, SIGKILL);
		assert_true(WIFSIGNALED(run_wait(run.clients)));
		status = run_wait(&run);
		assert_true(WIFEXITED(status)); /* a reset connection is told as an error */
		run_free(&run);
	}
}

/* More connections than a pool's thread has, each thread with its own loop. */
static void test_echo_pool_serves_on_all_threads(void **state)
{
	struct lab_spec spec = spec_of(MODEL_COROUTINE, 90, 9000);
	struct lab_run run = { 0 };

	(void)state;
	spec.n_pool = 3;
	run_start(&run, &spec);
	run_to_end(&run, 0);
	assert_int_equal(run_sum(&run, done), 9000);
	for (int i = 0; i < 3; i++)
		assert_in_range(run.area->lines[i].done, 1, 8998);
	assert_int_equal(run.area->lines[3].done, 0);
	run_free(&run);
}

static int connect_to(uint32_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Anybody on this machine may connect: what is no message ends the job with a reason. */
static void test_echo_refuses_what_is_cut(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, 1, 0);
		struct lab_run run = { 0 };
		int fd;

		run_start_one(&run, &spec);
		run_wait_phase(&run, LAB_READY);
		fd = connect_to(run.area->port);
		assert_int_equal(write(fd, "half", 4), 4);
		close(fd);
		run_to_end(&run, 1);
		assert_non_null(strstr(run.area->error, "Protocol error"));
		run_free(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_counts_requests_connections_and_latencies),
		cmocka_unit_test(test_echo_ends_when_its_clients_are_killed),
		cmocka_unit_test(test_echo_pool_serves_on_all_threads),
		cmocka_unit_test(test_echo_refuses_what_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
