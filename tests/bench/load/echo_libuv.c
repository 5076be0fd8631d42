// SPDX-License-Identifier: GPL-2.0-only
/*
 * echo_libuv.c - a TCP echo server on loopback as libuv's guide has it, but with one allocation for a
 * message, of what it needs, instead of two, one of them of 64 KB. (A request for each connection would
 * not do: the next message may be read before the callback of the last answer, which is written by
 * then.) Prints the port, and ends with who started it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#ifdef HAS_PEER
#include <uv.h>

#define BACKLOG 4096

/* What was read, and is written back. */
struct answer {
	uv_write_t write;
	char bytes[128];
};

static void check(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "echo_libuv: %s: %s\n", what, uv_strerror(err));
	exit(1);
}

static struct answer *answer_of(const char *bytes)
{
	return (struct answer *)(void *)(uintptr_t)(bytes - offsetof(struct answer, bytes));
}

static void on_close(uv_handle_t *handle)
{
	free(handle);
}

static void on_written(uv_write_t *write, int err)
{
	if (err && !uv_is_closing((uv_handle_t *)write->handle))
		uv_close((uv_handle_t *)write->handle, on_close);
	free(write); /* the first member of its answer */
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct answer *answer = malloc(sizeof(*answer));

	(void)handle;
	(void)suggested;
	check(answer ? 0 : UV_ENOMEM, "an answer");
	*buffer = uv_buf_init(answer->bytes, sizeof(answer->bytes));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct answer *answer = answer_of(buffer->base);
	uv_buf_t bytes = uv_buf_init(buffer->base, n > 0 ? (unsigned)n : 0);

	if (n > 0) {
		check(uv_write(&answer->write, stream, &bytes, 1, on_written), "uv_write");
		return;
	}
	free(answer);
	if (n < 0 && !uv_is_closing((uv_handle_t *)stream))
		uv_close((uv_handle_t *)stream, on_close);
}

static void on_connection(uv_stream_t *server, int err)
{
	uv_tcp_t *tcp = malloc(sizeof(*tcp));

	check(tcp ? err : UV_ENOMEM, "a connection");
	check(uv_tcp_init(server->loop, tcp), "uv_tcp_init");
	check(uv_accept(server, (uv_stream_t *)tcp), "uv_accept");
	check(uv_tcp_nodelay(tcp, 1), "uv_tcp_nodelay");
	check(uv_read_start((uv_stream_t *)tcp, give_buffer, on_read), "uv_read_start");
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in address;
	int size = sizeof(address);
	uv_tcp_t server;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	check(uv_ip4_addr("127.0.0.1", 0, &address), "uv_ip4_addr");
	check(uv_tcp_init(loop, &server), "uv_tcp_init");
	check(uv_tcp_bind(&server, (struct sockaddr *)&address, 0), "uv_tcp_bind");
	check(uv_listen((uv_stream_t *)&server, BACKLOG, on_connection), "uv_listen");
	check(uv_tcp_getsockname(&server, (struct sockaddr *)&address, &size), "getsockname");
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return uv_run(loop, UV_RUN_DEFAULT);
}

#else

int main(void)
{
	return 0;
}

#endif
